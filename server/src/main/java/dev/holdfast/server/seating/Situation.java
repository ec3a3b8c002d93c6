package dev.holdfast.server.seating;

import java.util.BitSet;

/**
 * What a search is asked.
 *
 * @param free anything that is not taken: decides what is an orphan
 * @param eligible of those what may be chosen
 * @param rule {@link OrphanRule#AVOID}: orphans may be left; side by side, as few as possible
 */
record Situation(SeatPlan plan, BitSet free, BitSet eligible, Wanted wanted, OrphanRule rule) {
    static Situation of(SeatPlan plan, BitSet free, Wanted wanted, OrphanRule rule) {
        var inCategory = (BitSet) free.clone();
        if (wanted.category() != null) {
            inCategory.and(plan.inCategory(wanted.category()));
        }
        var ordinary = (BitSet) inCategory.clone();
        plan.removeReserved(ordinary);
        // The last seats are sold to whoever comes: a house would rather not leave them empty.
        boolean isForAll = wanted.accessible() || ordinary.isEmpty();
        return new Situation(plan, free, isForAll ? inCategory : ordinary, wanted, rule);
    }

    Situation without(BitSet seats) {
        var rest = (BitSet) eligible.clone();
        rest.andNot(seats);
        return with(rest);
    }

    Situation with(BitSet others) {
        return new Situation(plan, free, others, wanted, rule);
    }

    int count() {
        return wanted.count();
    }

    /** What this seat adds to a choice's score. */
    long weight(int seat) {
        return plan.cost(seat) + (wanted.accessible() && !plan.isCompanion(seat) ? Choice.STRANGER : 0);
    }
}
