package dev.holdfast.storm;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** What was read and edited, and how long it took; any thread may add. */
final class Traffic {

    enum Kind {
        PRODUCT,
        LIST,
        AVAILABILITY,
        PRICE_CHANGE,
        RECEIPT
    }

    private static final long LATENCY_MICROS_MAX = 3_600_000_000L; // an hour; more is recorded as an hour

    private final Map<Kind, Histogram> micros = new EnumMap<>(Kind.class);
    private final LongAdder conditional = new LongAdder();
    private final LongAdder notModified = new LongAdder();

    Traffic() {
        for (var kind : Kind.values()) {
            micros.put(kind, new ConcurrentHistogram(LATENCY_MICROS_MAX, 3));
        }
    }

    void answered(Kind kind, long nanos) {
        of(kind).recordValue(Math.min(LATENCY_MICROS_MAX, nanos / 1_000));
    }

    /** A read with If-None-Match was answered. */
    void conditional(boolean isNotModified) {
        conditional.increment();
        if (isNotModified) {
            notModified.increment();
        }
    }

    long count(Kind kind) {
        return of(kind).getTotalCount();
    }

    long reads() {
        return count(Kind.PRODUCT) + count(Kind.LIST) + count(Kind.AVAILABILITY);
    }

    long conditional() {
        return conditional.sum();
    }

    long notModified() {
        return notModified.sum();
    }

    Latency latency(Kind kind) {
        return Latency.of(of(kind));
    }

    private Histogram of(Kind kind) {
        var histogram = micros.get(kind);
        if (histogram == null) {
            throw new IllegalStateException("not counted: " + kind);
        }
        return histogram;
    }
}
