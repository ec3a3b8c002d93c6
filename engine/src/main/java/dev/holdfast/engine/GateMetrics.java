package dev.holdfast.engine;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** What the gate tells of itself. The names are listed in {@code docs/reference/configuration.md}. */
final class GateMetrics {
    /** Why a command went on to the queue although a stock of it was marked. */
    enum Why {
        /** The database did not say in time that the stock is as it was. */
        UNCONFIRMED,
        /** The stock has moved since. */
        MOVED,
        /** A hold that has units of it is past its deadline. */
        DUE,
        /** It was used before: most often a retry. */
        KNOWN_KEY,
        /** Another stock of the command, or of one sent with it, is not marked. */
        LINE_UNMARKED
    }

    private final Counter refusals;
    private final Timer look;
    private final Map<Why, Counter> passed = new EnumMap<>(Why.class);

    GateMetrics(MeterRegistry registry, Map<?, ?> markers) {
        refusals = Counter.builder("holdfast.gate.refusals")
                .description("Commands refused without the queue")
                .register(registry);
        look = Timer.builder("holdfast.gate.look")
                .description("Asking the database, for all who wait, whether stocks are as they were")
                .publishPercentileHistogram()
                .register(registry);
        for (Why why : Why.values()) {
            passed.put(
                    why,
                    Counter.builder("holdfast.gate.passed")
                            .description("Commands that went on to the queue although a stock of theirs was marked")
                            .tag("why", why.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                            .register(registry));
        }
        Gauge.builder("holdfast.gate.markers", markers, Map::size)
                .description("Stocks marked as sold out")
                .strongReference(true)
                .register(registry);
    }

    void refused() {
        refusals.increment();
    }

    void looked(long nanos) {
        look.record(nanos, TimeUnit.NANOSECONDS);
    }

    void passed(Why why) {
        Objects.requireNonNull(passed.get(why)).increment();
    }
}
