package dev.holdfast.storm;

import dev.holdfast.storm.Check.Findings;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * Judges afterwards what was said to be available, by the ledger.
 *
 * <p>The arithmetic. Something is available as of {@code asOf} only if no movement that changed it had been acknowledged before
 * {@code asOf}; more than the clocks are apart, if server and storm have not the same. That it may be true a little longer than
 * it says is nothing to hold against it; but it cannot be as of later than its answer.
 */
final class StockTruth {

    /** @param where it was shown, for people */
    record Sighting(StockSeen seen, String where, long sentMicros, long answeredMicros) {}

    /** Somebody who had seen a version and asked to be told of a later one. */
    record Wait(String sku, long version, String where, long sentMicros, long answeredMicros) {}

    /** A node looks a few times a second for what another one did; beside the time that any answer takes. */
    static final Duration WAKE_MAX = Duration.ofSeconds(1);

    private final Map<String, Timeline> timelines = new HashMap<>();
    private final long clocksApartMicros;
    private final long wakeMicrosMax;
    private final Findings notTrue = new Findings();
    private final Findings asleep = new Findings();
    private final Histogram staleMicros = new Histogram(PriceBook.STALE_MICROS_MAX, 3);
    private final Histogram wakeMicros = new Histogram(PriceBook.STALE_MICROS_MAX, 3);
    private long unjudged;

    /** @param slowestRead of availability in this run: no later answer can be expected to be faster */
    StockTruth(Evidence evidence, Acts acts, long filledMicros, Duration clocksApart, Duration slowestRead) {
        this.clocksApartMicros = clocksApart.toNanos() / 1_000;
        this.wakeMicrosMax = WAKE_MAX.plus(slowestRead).toNanos() / 1_000;
        evidence.stock().forEach((sku, shelf) -> {
            var ledger = shelf.ledger();
            if (ledger != null && ledger.complete()) {
                timelines.put(sku, Timeline.of(ledger, acts, filledMicros));
            }
        });
    }

    void judge(Sighting sighting) {
        var seen = sighting.seen();
        var timeline = timelines.get(seen.sku());
        if (timeline == null) {
            unjudged++;
            return;
        }
        int version = timeline.versionOf(seen, sighting.answeredMicros());
        if (version < 0) {
            notTrue.add("%s: %,d of %s%s never were available"
                    .formatted(
                            sighting.where(),
                            seen.available(),
                            seen.sku(),
                            seen.version() == StockSeen.UNSTATED ? "" : " at version " + seen.version()));
            return;
        }
        long until = timeline.untilMicros(version);
        long stale = until == Long.MAX_VALUE ? 0 : Math.max(0, sighting.sentMicros() - until);
        staleMicros.recordValue(Math.min(PriceBook.STALE_MICROS_MAX, stale));
        if (until != Long.MAX_VALUE && until < seen.asOfMicros() - clocksApartMicros) {
            notTrue.add("%s: %,d of %s had changed %,d ms before it says they were available"
                    .formatted(sighting.where(), seen.available(), seen.sku(), (seen.asOfMicros() - until) / 1_000));
        }
        if (seen.asOfMicros() > sighting.answeredMicros() + clocksApartMicros) {
            notTrue.add("%s: %s is as of %,d ms after its answer"
                    .formatted(sighting.where(), seen.sku(), (seen.asOfMicros() - sighting.answeredMicros()) / 1_000));
        }
    }

    void judge(Wait wait) {
        var timeline = timelines.get(wait.sku());
        if (timeline == null || wait.version() > timeline.newest()) {
            unjudged++;
            return;
        }
        long moved = timeline.untilMicros(wait.version());
        if (moved > wait.answeredMicros()) {
            return; // nothing happened while it waited, or it was told before us
        }
        long slept = wait.answeredMicros() - Math.max(moved, wait.sentMicros());
        wakeMicros.recordValue(Math.min(PriceBook.STALE_MICROS_MAX, slept));
        if (slept > wakeMicrosMax) {
            asleep.add("%s: told %,d ms after a movement of %s".formatted(wait.where(), slept / 1_000, wait.sku()));
        }
    }

    /** For those it was not given. */
    void unjudged(long sightings) {
        unjudged += sightings;
    }

    Latency staleness() {
        return Latency.of(staleMicros);
    }

    Latency wakening() {
        return Latency.of(wakeMicros);
    }

    List<Check> checks() {
        return List.of(
                notTrue.named(
                        "what was said to be available was so when it says (asOf)",
                        unjudged == 0 ? "" : "%,d not judged".formatted(unjudged)),
                asleep.named(
                        "who waits for a movement is told within %,d ms of it".formatted(wakeMicrosMax / 1_000), ""));
    }
}
