package dev.holdfast.server.seating;

import dev.holdfast.server.seating.SeatPlan.Form;
import dev.holdfast.server.seating.SeatPlan.Line;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * For a party that nowhere finds seats side by side: as few groups as possible, those in as few consecutive rows of a section as possible,
 * then the lowest score.
 *
 * <p>How many groups it takes at least, and in which rows so few might do, is told by the lengths of runs alone: no better than the longest
 * ones, as many as there are groups. That is cheap, so only rows that can do are searched. Where the rule on orphans, or tables sold as a
 * whole, forbid what lengths allow, up to {@link #SPANS_MAX} spans are tried before the party is seated wherever in the house it takes
 * the fewest groups.
 */
final class FewGroups {
    /** Of one length after the other; each searches every row so many times. */
    private static final int SPANS_MAX = 4;

    /** In place of a number of groups: so many seats are not there. */
    private static final int NONE = Integer.MAX_VALUE;

    /** Where no run has its length, its row's accessible seats are counted. */
    private static final int ACCESSIBLE = 0;

    private final Situation situation;
    private final List<Line> rows;

    /** By row: of its runs, by length up to the count wanted, how many. */
    private final List<int[]> lengths = new ArrayList<>();

    private FewGroups(Situation situation) {
        this.situation = situation;
        rows = situation.plan().rows();
        rows.forEach(each -> lengths.add(lengths(each)));
    }

    /** Null if there is no choice at all. */
    static @Nullable Choice best(Situation situation) {
        var search = new FewGroups(situation);
        int fewest = search.fewest(0, search.rows.size() - 1);
        if (fewest == NONE) {
            return null;
        }
        var near = search.near(fewest);
        if (near != null) {
            return near;
        }
        var anywhere = Selection.best(situation, 0, situation.plan().size(), Choice.GROUP);
        if (anywhere == null || anywhere.groups() == fewest) {
            return anywhere;
        }
        near = search.near(anywhere.groups());
        return near == null ? anywhere : near;
    }

    /** Null if no so many rows of a section were found that can do with so many groups. */
    private @Nullable Choice near(int groups) {
        int shortest = shortest(groups);
        for (int span = shortest; span < shortest + SPANS_MAX && span <= rows.size(); span++) {
            var best = within(span, groups);
            if (best != null) {
                return best;
            }
        }
        return null;
    }

    private @Nullable Choice within(int span, int groups) {
        Choice best = null;
        for (int first = 0; first + span <= rows.size(); first++) {
            int last = first + span - 1;
            if (rows.get(first).section() == rows.get(last).section()
                    && (best == null || leastScore(first, last, groups) < best.score())
                    && fewest(first, last) <= groups) {
                var choice = Selection.best(
                        situation, rows.get(first).from(), rows.get(last).to(), Choice.GROUP);
                if (choice != null && choice.groups() == groups && (best == null || choice.score() < best.score())) {
                    best = choice;
                }
            }
        }
        return best;
    }

    private long leastScore(int first, int last, int groups) {
        int cheapest = Integer.MAX_VALUE;
        for (int row = first; row <= last; row++) {
            cheapest = Math.min(cheapest, rows.get(row).cheapest());
        }
        return groups * Choice.GROUP + (long) situation.count() * cheapest;
    }

    /** How many rows of a section, one after the other, might do with so many groups; more than there are if none. */
    private int shortest(int groups) {
        int shortest = rows.size() + 1;
        var within = new int[situation.count() + 1];
        int first = 0;
        for (int last = 0; last < rows.size(); last++) {
            if (rows.get(last).section() != rows.get(first).section()) {
                Arrays.fill(within, 0);
                first = last;
            }
            add(within, last, 1);
            while (fewest(within) <= groups) {
                shortest = Math.min(shortest, last - first + 1);
                add(within, first++, -1);
            }
        }
        return shortest;
    }

    private int fewest(int first, int last) {
        var within = new int[situation.count() + 1];
        for (int row = first; row <= last; row++) {
            add(within, row, 1);
        }
        return fewest(within);
    }

    private void add(int[] sum, int row, int times) {
        var summand = lengths.get(row);
        for (int i = 0; i < sum.length; i++) {
            sum[i] += times * summand[i];
        }
    }

    /** As many of the longest as together are long enough; {@link #NONE} if all are too few. */
    private int fewest(int[] within) {
        if (situation.wanted().accessible() && within[ACCESSIBLE] == 0) {
            return NONE;
        }
        int missing = situation.count();
        int groups = 0;
        for (int length = situation.count(); length > 0; length--) {
            int needed = Math.min(within[length], (missing + length - 1) / length);
            groups += needed;
            missing -= needed * length;
            if (missing <= 0) {
                return groups;
            }
        }
        return NONE;
    }

    private int[] lengths(Line row) {
        var eligible = situation.eligible();
        var counts = new int[situation.count() + 1];
        int seat = eligible.nextSetBit(row.from());
        while (seat >= 0 && seat < row.to()) {
            var block = situation.plan().block(seat);
            int to = block.form() == Form.ROW ? Math.min(eligible.nextClearBit(seat), block.to()) : block.to();
            counts[Math.min(eligible.get(seat, to).cardinality(), situation.count())]++;
            for (; seat < to; seat++) {
                counts[ACCESSIBLE] += eligible.get(seat) && situation.plan().isAccessible(seat) ? 1 : 0;
            }
            seat = eligible.nextSetBit(to);
        }
        return counts;
    }
}
