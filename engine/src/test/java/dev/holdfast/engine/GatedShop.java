package dev.holdfast.engine;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import org.awaitility.Awaitility;

import static org.assertj.core.api.Assertions.assertThat;

/** An engine whose gate can be watched. */
record GatedShop(StockEngine engine, SimpleMeterRegistry meters) {
    /** Has these refused by the database until the gate refuses them; there must be none of them. */
    void close(String... skus) {
        for (String sku : skus) {
            double before = refusals();
            Awaitility.await().pollInterval(Duration.ofMillis(1)).until(() -> {
                assertThat(engine.execute(Shop.placing(600, Line.of(sku, 1_000))))
                        .isInstanceOf(Outcome.Insufficient.class);
                return refusals() > before;
            });
        }
    }

    double refusals() {
        return meters.get("holdfast.gate.refusals").counter().count();
    }

    double passed(String why) {
        return meters.get("holdfast.gate.passed").tag("why", why).counter().count();
    }

    double markers() {
        return meters.get("holdfast.gate.markers").gauge().value();
    }

    long batches() {
        return meters.get("holdfast.lane.batch.size").summary().count();
    }

    /** Holds asked for and answered. */
    double holdsAnswered() {
        return meters.get("holdfast.outcomes").tag("command", "PlaceHold").counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }
}
