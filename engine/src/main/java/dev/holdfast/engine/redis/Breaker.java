package dev.holdfast.engine.redis;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Keeps away from a Redis that does not answer: after {@link #FAILURES_MAX} failures in a row no call is permitted but one a
 * second, the probe; the first success ends that.
 */
public final class Breaker {
    /** 3 × 100 ms: a paused Redis costs a thread 0.3 s once, and later one thread 0.1 s every second. */
    static final int FAILURES_MAX = 3;

    static final long PAUSE_NANOS = 1_000_000_000;

    private final LongSupplier clock;
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicLong probeAtNanos;

    /**
     * Closed.
     *
     * @param clock nanoseconds, as {@link System#nanoTime}
     */
    public Breaker(LongSupplier clock) {
        this.clock = clock;
        probeAtNanos = new AtomicLong(clock.getAsLong());
    }

    /** Whether to call now. Who is permitted must tell how it went. */
    public boolean permits() {
        if (!isOpen()) {
            return true;
        }
        long probeAt = probeAtNanos.get();
        long now = clock.getAsLong();
        return now - probeAt >= 0 && probeAtNanos.compareAndSet(probeAt, now + PAUSE_NANOS);
    }

    /** True if this ended a time without calls. */
    public boolean succeeded() {
        return failures.getAndSet(0) >= FAILURES_MAX;
    }

    /** True if this began a time without calls. */
    public boolean failed() {
        if (isOpen()) {
            return false;
        }
        probeAtNanos.set(clock.getAsLong() + PAUSE_NANOS);
        return failures.incrementAndGet() == FAILURES_MAX;
    }

    /** Whether calls are kept away. */
    public boolean isOpen() {
        return failures.get() >= FAILURES_MAX;
    }
}
