package dev.holdfast.bench;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.jspecify.annotations.Nullable;

/**
 * What callers saw of one run. Rates count answers within the measured time; latencies belong to every request that ended after
 * its begin, also to those that the end found waiting: leaving them out would flatter whoever is slow.
 */
final class Tally {
    private static final long LATENCY_NANOS_MAX = TimeUnit.MINUTES.toNanos(1);

    /** A broken path must not be asked a million times a second. */
    private static final long ERROR_PAUSE_MILLIS = 1;

    private final ConcurrentHistogram latencies = new ConcurrentHistogram(LATENCY_NANOS_MAX, 3);
    private final LongAdder taken = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder errors = new LongAdder();
    private final LongAdder promised = new LongAdder();
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    private final long begin;
    private final long end;

    /** Both in nanoseconds of {@link System#nanoTime}. */
    Tally(long begin, long end) {
        this.begin = begin;
        this.end = end;
    }

    /** Asks once and counts the answer; returns when it came. */
    long ask(Load.Ask ask, long asked) throws InterruptedException {
        try {
            boolean yes = ask.ask();
            long answered = System.nanoTime();
            if (yes) {
                promised.increment();
            }
            if (answered >= begin) {
                late(answered - asked);
                if (answered < end) {
                    (yes ? taken : refused).increment();
                }
            }
            return answered;
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            failure.compareAndSet(null, e);
            errors.increment();
            Thread.sleep(ERROR_PAUSE_MILLIS);
            return System.nanoTime();
        }
    }

    void late(long nanos) {
        latencies.recordValue(Math.clamp(nanos, 0, LATENCY_NANOS_MAX));
    }

    /** Requests that got no answer at all. */
    void abandon(long requests) {
        errors.add(requests);
    }

    double seconds() {
        return (end - begin) / 1e9;
    }

    /** Answers in the measured time, divided by it. */
    double answersPerSecond() {
        return (taken.sum() + refused.sum()) / seconds();
    }

    double holdsPerSecond() {
        return taken.sum() / seconds();
    }

    long refused() {
        return refused.sum();
    }

    /** Over the whole run, its warm-up and its end included. */
    long errors() {
        return errors.sum();
    }

    /** Holds that somebody was told of, over the whole run. */
    long promised() {
        return promised.sum();
    }

    @Nullable
    Exception failure() {
        return failure.get();
    }

    double percentileMillis(double percentile) {
        return latencies.getValueAtPercentile(percentile) / 1e6;
    }

    double maxMillis() {
        return latencies.getMaxValue() / 1e6;
    }
}
