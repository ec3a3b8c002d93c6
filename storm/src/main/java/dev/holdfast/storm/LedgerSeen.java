package dev.holdfast.storm;

import java.util.List;

/**
 * The movements of one SKU as the server showed them.
 *
 * @param complete false when it was too long to be read to its beginning
 */
record LedgerSeen(List<Movement> newestFirst, boolean complete) {

    /**
     * @param kind {@code RECEIVE}, {@code PLACE}, {@code CONFIRM}, {@code RELEASE}, …
     * @param cause the id of the hold or the command that made it
     * @param atMicros when it was decided, since 1970; what was decided together has one time
     */
    record Movement(
            long version,
            String kind,
            String cause,
            long onHandDelta,
            long heldDelta,
            long allocatedDelta,
            long shortfallDelta,
            long atMicros) {
        /** A hold that replaces another one is placed before that ends, in one decision: between the two both are held. */
        boolean mayEndReplacedBy(Movement before) {
            return before.kind.equals("PLACE")
                    && (kind.equals("RELEASE") || kind.equals("EXPIRE"))
                    && before.atMicros == atMicros;
        }

        long availableDelta() {
            return onHandDelta + shortfallDelta - heldDelta - allocatedDelta;
        }
    }
}
