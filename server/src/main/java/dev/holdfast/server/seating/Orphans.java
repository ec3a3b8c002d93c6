package dev.holdfast.server.seating;

import dev.holdfast.server.seating.SeatPlan.Form;
import java.util.BitSet;

/**
 * Seats that a choice would leave single: free, with no free seat beside them, and not so before. Of a table it is the last free seat.
 *
 * <p>A run is what is free side by side before the choice. An orphan is avoidable if as many seats of the same run could be taken without
 * one. If just one seat of the run is left, it is single in any case; if more are, they can always be left together. Categories and
 * reserved seats do not matter for this: what is left over is for sale to somebody.
 *
 * @param left all of them
 * @param avoidable those of them that could be avoided
 */
public record Orphans(BitSet left, BitSet avoidable) {
    /**
     * What taking these seats would leave.
     *
     * @param free before the choice; the chosen are, whether they are in it or not
     * @param chosen side by side or not
     */
    public static Orphans of(SeatPlan plan, BitSet free, BitSet chosen) {
        var orphans = new Orphans(new BitSet(), new BitSet());
        var before = (BitSet) free.clone();
        before.or(chosen);
        for (int seat = chosen.nextSetBit(0); seat >= 0; ) {
            int from = runStart(plan, before, seat);
            int to = runEnd(plan, before, seat);
            orphans.add(plan.block(seat).form(), before.get(from, to), chosen.get(from, to), from);
            seat = chosen.nextSetBit(to);
        }
        return orphans;
    }

    /** How many a window of a row leaves, taken out of a run. */
    static int count(int runStart, int runEnd, int from, int to) {
        return (from - runStart == 1 ? 1 : 0) + (runEnd - to == 1 ? 1 : 0);
    }

    /** If there are any. */
    static boolean areAvoidable(int run, int taken) {
        return run - taken > 1;
    }

    static int runStart(SeatPlan plan, BitSet free, int seat) {
        var block = plan.block(seat);
        return block.form() == Form.ROW ? Math.max(block.from(), free.previousClearBit(seat) + 1) : block.from();
    }

    static int runEnd(SeatPlan plan, BitSet free, int seat) {
        var block = plan.block(seat);
        return block.form() == Form.ROW ? Math.min(block.to(), free.nextClearBit(seat)) : block.to();
    }

    /** @param run what was free, and {@code chosen} of it, both from the index {@code from} on */
    private void add(Form form, BitSet run, BitSet chosen, int from) {
        var rest = (BitSet) run.clone();
        rest.andNot(chosen);
        for (int i = rest.nextSetBit(0); i >= 0; i = rest.nextSetBit(i + 1)) {
            boolean isSingle =
                    form == Form.ROW ? !rest.get(i + 1) && (i == 0 || !rest.get(i - 1)) : rest.cardinality() == 1;
            if (isSingle) {
                left.set(from + i);
                avoidable.set(from + i, areAvoidable(run.cardinality(), chosen.cardinality()));
            }
        }
    }
}
