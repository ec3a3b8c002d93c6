package dev.holdfast.server.seating;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The best of all choices there are, wherever their seats lie, each run as its {@link Pattern} permits. Exact: dynamic programming from the
 * last seat to the first over (seats still to take, state of the pattern, an accessible one still to take), with all seats of the runs that
 * have an eligible one. Then the way is walked from the first seat on; where taking and leaving are equally good, a seat is taken:
 * so of equal choices it is the one with the lowest indexes.
 *
 * <p>Time and memory: a cell of 8 bytes for each seat of those runs, seat wanted and state (at most 7, twice that for an accessible one).
 */
final class Selection {
    /** More than any score, and as much again is no overflow. */
    private static final long NEVER = Long.MAX_VALUE / 2;

    private record Run(int from, int to, Pattern pattern) {
        /** The state that the next seat meets: where this one is the last, the first state of another run. */
        int after(int seat, int state) {
            if (seat + 1 < to || state == Pattern.NEVER) {
                return state;
            }
            return pattern.mayEnd(state) ? 0 : Pattern.NEVER;
        }
    }

    private final Situation situation;

    /** What a group costs: {@link Choice#GROUP}, or 0 if they do not matter. */
    private final long group;

    private final List<Run> runs = new ArrayList<>();

    /** 1 if an accessible seat must be among them, else 0. */
    private final int needed;

    /** By seat in the order of runs, and cell: the score of the best choice from this seat on. After the last seat there is one more. */
    private final long[][] scores;

    private Selection(Situation situation, int from, int to, long group) {
        this.situation = situation;
        this.group = group;
        needed = situation.wanted().accessible() ? 1 : 0;
        int seats = 0;
        for (int seat = situation.eligible().nextSetBit(from); seat >= 0 && seat < to; ) {
            var run = new Run(
                    Orphans.runStart(situation.plan(), situation.free(), seat),
                    Orphans.runEnd(situation.plan(), situation.free(), seat),
                    Pattern.of(situation.plan().block(seat).form(), situation.rule()));
            runs.add(run);
            seats += run.to() - run.from();
            seat = situation.eligible().nextSetBit(run.to());
        }
        scores = new long[seats + 1][];
    }

    /**
     * Of what is eligible in whole rows; null if nothing can be chosen.
     *
     * @param group what each group adds to a score
     */
    static @Nullable Choice best(Situation situation, int from, int to, long group) {
        var selection = new Selection(situation, from, to, group);
        selection.fill();
        long score = selection.scores[0][selection.cell(0, selection.needed, situation.count())];
        return score >= NEVER ? null : new Choice(selection.seats(), score);
    }

    private void fill() {
        int at = scores.length - 1;
        scores[at] = newCells(1);
        scores[at][cell(0, 0, 0)] = 0;
        for (Run run : runs.reversed()) {
            for (int seat = run.to() - 1; seat >= run.from(); seat--) {
                at--;
                scores[at] = newCells(run.pattern().states());
                for (int state = 0; state < run.pattern().states(); state++) {
                    for (int need = 0; need <= needed; need++) {
                        leave(run, seat, at, state, need);
                        take(run, seat, at, state, need);
                    }
                }
            }
        }
    }

    /** The scores of this state, for any count, if this seat is left. */
    private void leave(Run run, int seat, int at, int state, int need) {
        int next = run.after(seat, run.pattern().left(state));
        if (next != Pattern.NEVER) {
            System.arraycopy(
                    scores[at + 1], cell(next, need, 0), scores[at], cell(state, need, 0), situation.count() + 1);
        }
    }

    /** The same if it is taken, where that is better. */
    private void take(Run run, int seat, int at, int state, int need) {
        int next = run.after(seat, run.pattern().taken(state));
        if (next == Pattern.NEVER || !situation.eligible().get(seat)) {
            return;
        }
        var cells = scores[at];
        var rest = scores[at + 1];
        int to = cell(state, need, 0);
        int from = cell(next, needAfter(seat, need), 0);
        long weight = weight(run, seat, state);
        for (int count = 1; count <= situation.count(); count++) { // the hot loop: most of the time of a search is here
            cells[to + count] = Math.min(cells[to + count], rest[from + count - 1] + weight);
        }
    }

    private BitSet seats() {
        var seats = new BitSet(situation.plan().size());
        int at = 0;
        int need = needed;
        int count = situation.count();
        for (Run run : runs) {
            int state = 0;
            for (int seat = run.from(); seat < run.to(); seat++, at++) {
                if (count == 0) {
                    return seats;
                }
                int taken = run.after(seat, run.pattern().taken(state));
                if (taken != Pattern.NEVER
                        && situation.eligible().get(seat)
                        && scores[at][cell(state, need, count)]
                                == scores[at + 1][cell(taken, needAfter(seat, need), count - 1)]
                                        + weight(run, seat, state)) {
                    seats.set(seat);
                    need = needAfter(seat, need);
                    count--;
                    state = run.pattern().taken(state);
                } else {
                    state = run.pattern().left(state);
                }
            }
        }
        return seats;
    }

    private long weight(Run run, int seat, int state) {
        return situation.weight(seat) + (run.pattern().beginsGroup(state) ? group : 0);
    }

    private int needAfter(int seat, int need) {
        return situation.plan().isAccessible(seat) ? 0 : need;
    }

    private int cell(int state, int need, int count) {
        return (state * (needed + 1) + need) * (situation.count() + 1) + count;
    }

    private long[] newCells(int states) {
        var cells = new long[cell(states, 0, 0)];
        Arrays.fill(cells, NEVER);
        return cells;
    }
}
