package dev.holdfast.engine;

import dev.holdfast.engine.Command.Count;
import java.util.concurrent.CompletableFuture;

/** Keeps an engine's lane waiting for a row lock, so that everything submitted until {@link #close} forms one batch. */
final class BusyLane implements AutoCloseable {
    private static final StockKey OBSTACLE = StockKey.of("obstacle");

    private final TestDatabase.Lock lock;
    private final CompletableFuture<?> waiting;

    BusyLane(TestDatabase database, StockEngine engine) {
        if (engine.levels(OBSTACLE.sku()).isEmpty()) {
            engine.execute(new Command.Receive(IdempotencyKey.random(), OBSTACLE, Quantity.ONE, null));
        }
        lock = database.lock(OBSTACLE);
        waiting = engine.submit(new Count(IdempotencyKey.random(), OBSTACLE, 1, null, null));
        database.awaitBlocked(1);
    }

    @Override
    public void close() {
        lock.close();
        waiting.join();
    }
}
