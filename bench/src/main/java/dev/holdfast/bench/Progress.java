package dev.holdfast.bench;

import java.time.Duration;

/** What is being measured, how far it is and how long it will take, a line each on standard error. */
final class Progress {
    private final long start = System.nanoTime();
    private final int steps;
    private int step;

    Progress(int steps) {
        this.steps = steps;
    }

    void next(String what) {
        step++;
        System.err.printf("· %s  [%d/%d] %s%n", left(), step, steps, what);
    }

    void done(String result) {
        System.err.printf("               %s%n", result);
    }

    /** "1:20 of 9:40". */
    private String left() {
        var took = Duration.ofNanos(System.nanoTime() - start);
        if (step < 2) {
            return clock(took);
        }
        return clock(took) + " of " + clock(took.multipliedBy(steps).dividedBy(step - 1));
    }

    private static String clock(Duration duration) {
        return "%d:%02d".formatted(duration.toMinutes(), duration.toSecondsPart());
    }
}
