package dev.holdfast.server.checkout;

/** Where a checkout is, as its row and the buyer see it. */
enum State {
    /** Units are held, money is asked for. */
    PENDING,
    /** The buyer has to do something before the money is promised. */
    WAITING_FOR_BUYER,
    /** No order comes of it; units and money are on their way back. */
    UNDOING,
    /** The order is placed and paid, its units are allocated. */
    COMPLETED,
    /** Not paid: no money is kept, no units are held. */
    DECLINED,
    /** The same, because somebody wanted it. */
    CANCELLED,
    /** The same, because the buyer or the payment took too long and the units went to others. */
    EXPIRED,
    /** The same; the money was taken before anybody could let it go, and went back. */
    REFUNDED;

    boolean isEnd() {
        return switch (this) {
            case PENDING, WAITING_FOR_BUYER, UNDOING -> false;
            case COMPLETED, DECLINED, CANCELLED, EXPIRED, REFUNDED -> true;
        };
    }
}
