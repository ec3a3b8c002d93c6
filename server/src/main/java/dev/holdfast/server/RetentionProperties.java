package dev.holdfast.server;

import dev.holdfast.engine.StockEngine;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How long what is over stays in the database; explained at {@link StockEngine.Keep}.
 *
 * @param holds released and expired holds, and confirmed ones with nothing left to ship, from their deadline on; for ever if not set
 * @param ledger months of the ledger, from their end on; for ever if not set
 * @param archive whether a month that leaves the ledger stays as a table of its own
 */
@ConfigurationProperties("holdfast.retention")
record RetentionProperties(
        @Nullable Duration holds,
        @Nullable Duration ledger,
        @DefaultValue("true") boolean archive) {
    StockEngine.Keep keep() {
        return new StockEngine.Keep(holds, ledger, archive);
    }
}
