package dev.holdfast.server.seating;

import dev.holdfast.server.seating.SeatPlan.Form;

/**
 * Which seats of a run may be taken together: read from its first seat to its last, each taken or left, from state 0 on. A pattern is kept
 * if no step leads to {@link #NEVER}, and the run ends in a state that it may end in.
 */
enum Pattern {
    /**
     * Any seats of a row.
     *
     * <p>0 the seat before is left, 1 it is taken.
     */
    LOOSE("11", "00", "oo", "x."),

    /**
     * Seats of a row that leave no avoidable orphan: of what is left nothing is single, unless it is one seat in all.
     *
     * <p>0 no seat yet; 1 all before are taken; 2 all but the last one; 3 that one stays the only one: all after it are taken; 4 the two
     * before are left; 5 the seat before is taken, and some are left before; 6 only the seat before is left, and it may not stay so.
     */
    TIDY("113355-", "224-464", "oooooo-", "x.x.x.."),

    /**
     * Any seats of a table: they are one group.
     *
     * <p>0 none is taken yet, 1 some are.
     */
    TABLE("11", "01", "oo", "x."),

    /**
     * All seats of a table, or none.
     *
     * <p>0 no seat yet, 1 all are taken, 2 all are left.
     */
    WHOLE_TABLE("11-", "2-2", "ooo", "x..");

    static final int NEVER = -1;

    private final String taken;
    private final String left;
    private final String ends;
    private final String begins;

    /**
     * @param taken by state, the next one if the seat is taken; {@code -} if it may not be
     * @param left the same if it is left
     * @param ends by state, whether the run may end there: {@code o}
     * @param begins by state, whether a seat that is taken is the first of a group: {@code x}
     */
    Pattern(String taken, String left, String ends, String begins) {
        this.taken = taken;
        this.left = left;
        this.ends = ends;
        this.begins = begins;
    }

    static Pattern of(Form form, OrphanRule rule) {
        return switch (form) {
            case ROW -> rule == OrphanRule.REFUSE ? TIDY : LOOSE;
            case TABLE -> TABLE;
            case WHOLE_TABLE -> WHOLE_TABLE;
        };
    }

    int states() {
        return taken.length();
    }

    int taken(int state) {
        return next(taken, state);
    }

    int left(int state) {
        return next(left, state);
    }

    boolean mayEnd(int state) {
        return ends.charAt(state) == 'o';
    }

    boolean beginsGroup(int state) {
        return begins.charAt(state) == 'x';
    }

    private static int next(String states, int state) {
        char next = states.charAt(state);
        return next == '-' ? NEVER : next - '0';
    }
}
