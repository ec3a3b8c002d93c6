package dev.holdfast.server.catalog;

/** Where a product stands. Only what is ACTIVE is promised to anybody new; what was promised before stays promised. */
enum Lifecycle {
    /** Being written; never was for sale. */
    DRAFT,
    ACTIVE,
    /** Not for sale for a while. */
    PAUSED,
    /** Not for sale any more: the end. */
    DISCONTINUED;

    boolean mayBecome(Lifecycle next) {
        return switch (this) {
            case DRAFT -> next == ACTIVE;
            case ACTIVE -> next == PAUSED || next == DISCONTINUED;
            case PAUSED -> next == ACTIVE || next == DISCONTINUED;
            case DISCONTINUED -> false;
        };
    }
}
