package dev.holdfast.server.seating;

import dev.holdfast.server.seating.SeatPlan.Block;
import java.util.BitSet;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The best placement within one block: of all windows of its rows and of all tables, the one with the lowest score; of those the one with the
 * lowest index.
 *
 * <p>Blocks are looked at in the order of their cheapest seats, and a block whose cheapest seat, as often as seats are wanted, costs more
 * than what was found ends the search: no later one can be better. So it takes a few blocks where there is room at the front,
 * and all of them where there is none.
 */
final class SideBySide {
    private final Situation situation;
    private final SeatPlan plan;
    private final BitSet eligible;
    private final int count;

    private long best = Long.MAX_VALUE;

    /** First seat of its window, or of its table. */
    private int bestAt = Integer.MAX_VALUE;

    private SideBySide(Situation situation) {
        this.situation = situation;
        plan = situation.plan();
        eligible = situation.eligible();
        count = situation.count();
    }

    /** Null if there is none. */
    static @Nullable Choice best(Situation situation) {
        var search = new SideBySide(situation);
        for (Block block : search.plan.blocksByCost()) {
            if (Choice.GROUP + (long) search.count * block.cheapest() > search.best) {
                break;
            }
            search.look(block);
        }
        return search.best == Long.MAX_VALUE ? null : new Choice(search.seats(), search.best);
    }

    private void look(Block block) {
        switch (block.form()) {
            case ROW -> lookInRow(block);
            case TABLE -> lookAtTable(block);
            case WHOLE_TABLE -> {
                if (block.size() == count) {
                    lookAtTable(block);
                }
            }
        }
    }

    private void lookInRow(Block row) {
        int from = eligible.nextSetBit(row.from());
        while (from >= 0 && from < row.to()) {
            int to = Math.min(eligible.nextClearBit(from), row.to());
            if (to - from >= count) {
                lookAtWindows(from, to);
            }
            from = eligible.nextSetBit(to);
        }
    }

    private void lookAtWindows(int from, int to) {
        int runStart = Orphans.runStart(plan, situation.free(), from);
        int runEnd = Orphans.runEnd(plan, situation.free(), from);
        for (int at = from; at + count <= to; at++) {
            int orphans = Orphans.count(runStart, runEnd, at, at + count);
            if (isPermitted(orphans, runEnd - runStart) && suits(at, at + count)) {
                offer(at, orphans, strangers(at, at + count) * Choice.STRANGER + plan.cost(at, at + count));
            }
        }
    }

    private void lookAtTable(Block table) {
        var seats = seatsAt(table);
        if (seats.cardinality() == count) {
            int left = situation.free().get(table.from(), table.to()).cardinality() - count;
            long weight = seats.stream()
                    .mapToLong(i -> situation.weight(table.from() + i))
                    .sum();
            offer(table.from(), left == 1 ? 1 : 0, weight);
        }
    }

    private boolean isPermitted(int orphans, int run) {
        return orphans == 0 || situation.rule() != OrphanRule.REFUSE || !Orphans.areAvoidable(run, count);
    }

    private boolean suits(int from, int to) {
        return !situation.wanted().accessible() || plan.accessible(from, to) > 0;
    }

    private int strangers(int from, int to) {
        return situation.wanted().accessible() ? count - plan.companions(from, to) : 0;
    }

    private void offer(int at, int orphans, long weight) {
        long score = Choice.GROUP + (situation.rule() == OrphanRule.IGNORE ? 0 : orphans * Choice.ORPHAN) + weight;
        if (score < best || (score == best && at < bestAt)) {
            best = score;
            bestAt = at;
        }
    }

    private BitSet seats() {
        var block = plan.block(bestAt);
        var seats = new BitSet(plan.size());
        switch (block.form()) {
            case ROW -> seats.set(bestAt, bestAt + count);
            case TABLE, WHOLE_TABLE -> seatsAt(block).stream().forEach(i -> seats.set(block.from() + i));
        }
        return seats;
    }

    /** From the table's first seat on; fewer than wanted if it has not enough. */
    private BitSet seatsAt(Block table) {
        var seats = new BitSet(table.size());
        if (situation.wanted().accessible()) {
            add(seats, 1, table, plan::isAccessible);
            if (seats.isEmpty()) {
                return seats;
            }
            add(seats, count, table, plan::isCompanion);
        }
        add(seats, count, table, _ -> true);
        return seats;
    }

    /** The cheapest, up to so many in all. */
    private void add(BitSet seats, int most, Block table, IntPredicate which) {
        for (int place = table.from(); place < table.to() && seats.cardinality() < most; place++) {
            int seat = plan.byCostInBlock(place);
            if (eligible.get(seat) && which.test(seat)) {
                seats.set(seat - table.from());
            }
        }
    }
}
