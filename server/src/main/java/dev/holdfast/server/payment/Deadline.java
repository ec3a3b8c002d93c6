package dev.holdfast.server.payment;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Until when a call with several steps has to be answered, by the monotonic clock. */
final class Deadline {
    private final long endNanos;

    private Deadline(long endNanos) {
        this.endNanos = endNanos;
    }

    static Deadline in(Duration time) {
        return new Deadline(System.nanoTime() + time.toNanos());
    }

    /** Zero if it is over. */
    Duration left() {
        return Duration.ofNanos(Math.max(0, endNanos - System.nanoTime()));
    }

    boolean isOver() {
        return left().isZero();
    }

    /** Whether the time could be slept before the deadline; else until then, or until interrupted. */
    boolean sleep(Duration time) {
        Duration left = left();
        boolean fits = time.compareTo(left) <= 0;
        try {
            TimeUnit.NANOSECONDS.sleep((fits ? time : left).toNanos());
            return fits;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
