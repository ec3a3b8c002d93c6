package dev.holdfast.bench;

import dev.holdfast.engine.Command;
import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.engine.Line;
import dev.holdfast.engine.Outcome;
import dev.holdfast.engine.StockEngine;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.UUID;

/** A write path of the engine, told apart by how the engine was opened. */
record EngineContender(StockEngine engine, MeterRegistry meters, AutoCloseable pool) implements Contender {
    private static final String RETRIES = "holdfast.lane.reruns";

    @Override
    public boolean place(UUID id, List<Line> lines) {
        // A day: nothing may expire, and be swept, while others are measured.
        var command = new PlaceHold(new IdempotencyKey("", id), lines, Command.TTL_MAX, null, null);
        return switch (engine.execute(command)) {
            case Outcome.Placed _ -> true;
            case Outcome.Insufficient _ -> false;
            case Outcome.UnknownSku o -> throw new IllegalStateException("unknown SKU " + o.stocks());
            case Outcome.Ended o -> throw new IllegalStateException("nothing is superseded here: " + o.hold());
            case Outcome.KeyReused o -> throw new IllegalStateException("key reused " + o.key());
        };
    }

    @Override
    public long retries() {
        return (long) meters.find(RETRIES).counters().stream()
                .mapToDouble(counter -> counter.count())
                .sum();
    }

    @Override
    public long redisCalls() {
        return meters.find("holdfast.redis.calls").timers().stream()
                .mapToLong(timer -> timer.count())
                .sum();
    }

    @Override
    public void close() {
        engine.close();
        try {
            pool.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
