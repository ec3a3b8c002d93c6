package dev.holdfast.server;

import dev.holdfast.engine.StockEngine;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How the engine works; each is explained at {@link StockEngine.Options}.
 *
 * @param queueMax commands that may wait; more get 503 {@code overloaded}
 * @param batchMax commands decided in one transaction
 * @param databaseWait how long a command waits for a lost database before it gets 503 {@code unavailable}
 * @param sweepInterval how often holds past their deadline are looked for
 * @param keyRetention how long the idempotency key of a command other than a hold is remembered
 * @param migrate whether to create and update the tables at start
 * @param connections of a write path that takes one for each request
 */
@ConfigurationProperties("holdfast.engine")
record EngineProperties(
        @DefaultValue("16384") int queueMax,
        @DefaultValue("1024") int batchMax,
        @DefaultValue("5s") Duration databaseWait,
        @DefaultValue("250ms") Duration sweepInterval,
        @DefaultValue("72h") Duration keyRetention,
        @DefaultValue("true") boolean migrate,
        @DefaultValue("16") int connections) {
    StockEngine.Options options(RetentionProperties retention, GateProperties gate) {
        var options = StockEngine.Options.DEFAULT
                .withQueueMax(queueMax)
                .withBatchMax(batchMax)
                .withDatabaseWait(databaseWait)
                .withSweepInterval(sweepInterval)
                .withKeyRetention(keyRetention)
                .withConnections(connections)
                .withKeep(retention.keep())
                .withGate(gate.enabled());
        return migrate ? options : options.withoutMigration();
    }
}
