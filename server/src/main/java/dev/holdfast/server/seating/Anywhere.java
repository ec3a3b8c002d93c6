package dev.holdfast.server.seating;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** The best seats, wherever they are: nobody needs to sit beside anybody. */
final class Anywhere {
    /** Seats tried first, for each that is wanted; four times as many if one that was left out could be in a better choice. */
    private static final int TRIED_FIRST = 8;

    private Anywhere() {}

    /** The lowest sum of costs; null if there is no choice at all. */
    static @Nullable Choice best(Situation situation) {
        int all = situation.eligible().cardinality();
        for (int some = TRIED_FIRST * situation.count(); ; some *= 4) {
            var tried = new BitSet(situation.plan().size());
            long leastOfOthers = addCheapest(situation, some, tried);
            var found =
                    Selection.best(situation.with(tried), 0, situation.plan().size(), 0);
            if (some >= all || (found != null && found.score() < leastOfOthers)) {
                return found;
            }
        }
    }

    /** The least that a choice with a seat other than these costs. */
    private static long addCheapest(Situation situation, int most, BitSet seats) {
        long sumButOne = 0;
        int found = 0;
        for (int place = 0; place < situation.plan().size(); place++) {
            int seat = situation.plan().byCost(place);
            if (!situation.eligible().get(seat)) {
                continue;
            }
            if (found == most) {
                return sumButOne + situation.plan().cost(seat);
            }
            seats.set(seat);
            sumButOne += ++found < situation.count() ? situation.plan().cost(seat) : 0;
        }
        return Long.MAX_VALUE;
    }
}
