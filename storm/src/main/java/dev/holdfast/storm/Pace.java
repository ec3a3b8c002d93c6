package dev.holdfast.storm;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Turns at even intervals, taken by whoever comes first; or at once, without a rate. */
final class Pace {

    private final long intervalNanos;
    private final AtomicLong next = new AtomicLong(System.nanoTime());

    /** @param perSecond 0: whenever somebody asks */
    Pace(double perSecond) {
        this.intervalNanos = perSecond == 0 ? 0 : (long) (1e9 / perSecond);
    }

    /**
     * Waits for the next turn and returns when it begins, also if that was before: who is late has waited for it.
     *
     * @return in nanoseconds of {@link System#nanoTime}
     */
    long turn() throws InterruptedException {
        if (intervalNanos == 0) {
            return System.nanoTime();
        }
        long turn = next.getAndAdd(intervalNanos);
        TimeUnit.NANOSECONDS.sleep(turn - System.nanoTime());
        return turn;
    }
}
