package dev.holdfast.bench;

import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.engine.Line;
import dev.holdfast.engine.Outcome;
import dev.holdfast.engine.StockEngine;
import java.util.UUID;

/** The engine: everything that waits is decided in one transaction. */
record LanePath(StockEngine engine) implements WritePath {
    @Override
    public String title() {
        return "lane";
    }

    @Override
    public boolean place(UUID id, Line line) {
        return engine.execute(PlaceHold.of(new IdempotencyKey("", id), line)) instanceof Outcome.Placed;
    }

    @Override
    public void close() {
        // the engine is shared by all runs
    }
}
