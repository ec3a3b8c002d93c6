package dev.holdfast.server.seating;

import java.util.BitSet;

/**
 * Seats that may be chosen, and how good they are.
 *
 * @param score the lower, the better: fewer groups before fewer orphans before fewer strangers (who sit where a companion could) before lower
 *     cost. What a search does not care for is 0
 */
record Choice(BitSet seats, long score) {
    static final long GROUP = 1L << 48;
    static final long ORPHAN = 1L << 40;
    static final long STRANGER = 1L << 32; // 50 of each fit below the next; so does the cost of 50 seats

    int groups() {
        return (int) (score / GROUP);
    }

    /** All but the cost. */
    long rank() {
        return score >>> 32;
    }
}
