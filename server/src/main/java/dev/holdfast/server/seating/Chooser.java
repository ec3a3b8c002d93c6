package dev.holdfast.server.seating;

import dev.holdfast.server.seating.Wanted.Adjacency;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Chooses seats for whoever does not name them: the same for the same state, on every node.
 *
 * <p>In this order, as box offices do it (SecuTix, "How does the optimal selection algorithm work": category, together, no holes, best):
 *
 * <ol>
 *   <li>only free seats of the category; reserved ones only for whom they are for, see {@link Wanted}; a table that is sold as a whole
 *       only as a whole
 *   <li>no avoidable orphan, or none at all, see {@link OrphanRule}
 *   <li>side by side, or in few groups, see {@link Wanted.Adjacency}
 *   <li>side by side: fewer orphans, the unavoidable ones too, unless the rule ignores them
 *   <li>for an accessible seat: companions' seats beside it
 *   <li>the best view, see {@code ViewCost}
 *   <li>of equal choices the one with the lowest indexes
 * </ol>
 */
public final class Chooser {
    /** Choices among which choosers spread. A power of two. */
    static final int SPREAD = 16;

    /** Of the golden ratio: multiples of it are evenly spread in their upper bits (Knuth, The Art of Computer Programming 3, 6.4). */
    private static final long GOLDEN = 0x9E37_79B9_7F4A_7C15L;

    private Chooser() {}

    /**
     * The seats, or empty if there are none that the wish and the rule permit.
     *
     * <p>Those who choose in the same moment see the same state and would all try the same seats. With different values of {@code
     * spread} they get up to {@value #SPREAD} different choices that share no seat: the best, the best without the seats of that one, and so
     * on, as long as they differ in nothing but cost (as many groups, orphans, companions). So at most 15 choices that share no seat
     * are better than the one given: it is what the sixteenth of as many such buyers, one after the other, would get.
     *
     * @param free indexes of the plan; not changed
     * @param spread 0: the best
     */
    public static Optional<BitSet> choose(SeatPlan plan, BitSet free, Wanted wanted, OrphanRule rule, long spread) {
        int turn = (int) ((spread * GOLDEN) >>> (Long.SIZE - Integer.numberOfTrailingZeros(SPREAD)));
        return switch (rule) {
            case REFUSE, IGNORE -> spread(Situation.of(plan, free, wanted, rule), turn);
            case AVOID ->
                spread(Situation.of(plan, free, wanted, OrphanRule.REFUSE), turn)
                        .or(() -> spread(Situation.of(plan, free, wanted, OrphanRule.AVOID), turn));
        };
    }

    private static Optional<BitSet> spread(Situation situation, int turn) {
        List<Choice> choices = new ArrayList<>();
        var rest = situation;
        while (choices.size() <= turn) {
            var next = best(rest);
            if (next == null
                    || (!choices.isEmpty() && next.rank() != choices.getFirst().rank())) {
                break;
            }
            choices.add(next);
            rest = rest.without(next.seats());
        }
        return choices.isEmpty()
                ? Optional.empty()
                : Optional.of(choices.get(turn % choices.size()).seats());
    }

    private static @Nullable Choice best(Situation situation) {
        if (situation.eligible().cardinality() < situation.count()) {
            return null;
        }
        return switch (adjacency(situation.wanted())) {
            case REQUIRED -> SideBySide.best(situation);
            case PREFERRED -> {
                var together = SideBySide.best(situation);
                yield together != null ? together : FewGroups.best(situation);
            }
            case NONE -> Anywhere.best(situation);
        };
    }

    private static Adjacency adjacency(Wanted wanted) {
        return wanted.accessible() && wanted.adjacency() == Adjacency.NONE ? Adjacency.PREFERRED : wanted.adjacency();
    }
}
