package dev.holdfast.server.channel;

import dev.holdfast.engine.Outcome.Settled;
import dev.holdfast.engine.Outcome.SettledLine;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Says aloud when an offline sale took what was promised to others, or what the books did not know. */
@Component
class Shortfalls {
    private static final Logger log = LoggerFactory.getLogger(Shortfalls.class);

    private final Counter shortfall;
    private final Counter found;

    Shortfalls(MeterRegistry meters) {
        shortfall = Counter.builder("holdfast.settlement.shortfall")
                .description("Units promised to others that settled sales took")
                .register(meters);
        found = Counter.builder("holdfast.settlement.found")
                .description("Units that settled sales took and the books did not have on hand")
                .register(meters);
    }

    /** Once for each sale: a replay has been told before. */
    void look(UUID lease, Settled settled) {
        if (settled.replayed()) {
            return;
        }
        for (SettledLine line : settled.lines()) {
            if (line.shortfall() > 0 || line.found() > 0) {
                shortfall.increment((double) line.shortfall());
                found.increment((double) line.found());
                log.warn(
                        "Sale {} of lease {}: {} units of {} were sold offline, {} of them promised to others, {} unknown to"
                                + " the books",
                        settled.id(),
                        lease,
                        line.units(),
                        line.stock(),
                        line.shortfall(),
                        line.found());
            }
        }
    }
}
