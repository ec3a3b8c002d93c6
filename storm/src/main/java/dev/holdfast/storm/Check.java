package dev.holdfast.storm;

import java.util.ArrayList;
import java.util.List;

/**
 * One thing that must be true afterwards.
 *
 * @param note what the check could not or did not look at; empty when it looked at everything
 * @param violations how many in all
 * @param samples the first of them
 */
record Check(String name, String note, long violations, List<String> samples) {

    static final int SAMPLES_MAX = 5;

    boolean ok() {
        return violations == 0;
    }

    /** Collects violations and keeps the first few; any thread may add. */
    static final class Findings {

        private final List<String> samples = new ArrayList<>();
        private long count;

        synchronized void add(String violation) {
            count++;
            if (samples.size() < SAMPLES_MAX) {
                samples.add(violation);
            }
        }

        /** What is true of nothing proves nothing: a violation unless there were some of these. */
        Findings judged(long count, String what) {
            if (count == 0) {
                add("nothing to judge: there were no " + what);
            }
            return this;
        }

        synchronized Check named(String name, String note) {
            return new Check(name, note, count, List.copyOf(samples));
        }
    }
}
