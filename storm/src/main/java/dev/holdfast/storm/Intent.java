package dev.holdfast.storm;

import java.util.List;

/**
 * What one buyer will do.
 *
 * @param cart distinct SKUs, one unit of each
 * @param keyHigh random bits of the idempotency key
 * @param keyLow random bits of the idempotency key
 */
record Intent(int buyer, List<String> cart, Repeat repeat, Ending ending, long keyHigh, long keyLow) {

    /** The same wish once more, with another key. */
    Intent again() {
        return new Intent(buyer, cart, repeat, ending, keyHigh, keyLow + 1);
    }

    /** How often the one request is sent, always with the same key. */
    enum Repeat {
        ONCE,
        /** Again while the first is under way: the double click. */
        TOGETHER,
        /** Again after the first was answered. */
        AFTER,
        /** Sent, the connection closed before the answer, sent again: the lost answer. */
        LOST
    }

    /** What becomes of the hold, if there is one. */
    enum Ending {
        CONFIRM,
        RELEASE,
        EXTEND,
        ABANDON
    }
}
