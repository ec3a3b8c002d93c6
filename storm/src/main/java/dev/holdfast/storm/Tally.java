package dev.holdfast.storm;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Counts and latencies of a run while it runs; any thread may add, any may read. */
final class Tally {

    /** The last hold that was placed, and how many had been refused by then. */
    private record SellOut(long atNanos, long refused) {}

    /**
     * Refusals after the last hold was placed.
     *
     * @param seconds from that to the last refusal
     */
    record Refusals(long count, double seconds) {
        double perSecond() {
            return count == 0 ? 0 : count / seconds;
        }
    }

    /** What went wrong, how often, and the first of its kind in full. */
    record Mishap(String kind, long count, String sample) {}

    private static final long LATENCY_MAX_MICROS = 3_600_000_000L; // an hour; more is recorded as an hour

    private final LongAdder requests = new LongAdder();
    private final LongAdder retries = new LongAdder();
    private final LongAdder duplicates = new LongAdder();
    private final LongAdder placed = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder errors = new LongAdder();
    private final LongAdder buyersDone = new LongAdder();
    private final AtomicReference<@Nullable SellOut> sellOut = new AtomicReference<>();
    private final LongAccumulator lastRefusedAtNanos = new LongAccumulator(Math::max, Long.MIN_VALUE);
    private final Map<String, Mishap> mishaps = new ConcurrentHashMap<>();
    private final Histogram requestMicros = new ConcurrentHistogram(LATENCY_MAX_MICROS, 3);
    private final Histogram placedMicros = new ConcurrentHistogram(LATENCY_MAX_MICROS, 3);
    private final Histogram refusedMicros = new ConcurrentHistogram(LATENCY_MAX_MICROS, 3);

    void answered(long nanos) {
        requests.increment();
        record(requestMicros, nanos);
    }

    void retry() {
        retries.increment();
    }

    void duplicate() {
        duplicates.increment();
    }

    /** A buyer has the answer to its first asking. */
    void told(Told told, long nanos) {
        switch (told) {
            case Told.Placed p -> placed(nanos);
            case Told.Refused r -> refused(nanos);
            case Told.Failed f -> {}
        }
    }

    /** Somebody has what was asked for. */
    void placed(long nanos) {
        placed.increment();
        sellOut.set(new SellOut(System.nanoTime(), refused.sum()));
        record(placedMicros, nanos);
    }

    void refused(long nanos) {
        refused.increment();
        lastRefusedAtNanos.accumulate(System.nanoTime());
        record(refusedMicros, nanos);
    }

    void mishap(String kind, String sample) {
        errors.increment();
        mishaps.merge(kind, new Mishap(kind, 1, sample), (old, one) -> new Mishap(kind, old.count() + 1, old.sample()));
    }

    void buyerDone() {
        buyersDone.increment();
    }

    private static void record(Histogram micros, long nanos) {
        micros.recordValue(Math.min(LATENCY_MAX_MICROS, nanos / 1_000));
    }

    long requests() {
        return requests.sum();
    }

    long retries() {
        return retries.sum();
    }

    long duplicates() {
        return duplicates.sum();
    }

    long placed() {
        return placed.sum();
    }

    long refused() {
        return refused.sum();
    }

    Refusals refusalsAfterSellOut() {
        var last = sellOut.get();
        return last == null || refused() == last.refused
                ? new Refusals(0, 0)
                : new Refusals(refused() - last.refused, (lastRefusedAtNanos.get() - last.atNanos) / 1e9);
    }

    long errors() {
        return errors.sum();
    }

    long buyersDone() {
        return buyersDone.sum();
    }

    Map<String, Mishap> mishaps() {
        return new TreeMap<>(mishaps);
    }

    Latency requestLatency() {
        return Latency.of(requestMicros);
    }

    Latency placedLatency() {
        return Latency.of(placedMicros);
    }

    Latency refusedLatency() {
        return Latency.of(refusedMicros);
    }
}
