package dev.holdfast.engine;

import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.Command.Receive;
import java.time.Duration;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;

/** An engine on a database of its own, and short words for what the tests ask of it. Closing it checks the books. */
record Shop(TestDatabase database, StockEngine engine) implements AutoCloseable {
    static Shop open(StockEngine.Options options) {
        var database = TestDatabase.create();
        return new Shop(database, database.open(options));
    }

    /** Where nothing expires unless a request needs it. */
    static Shop unswept() {
        return unswept(Path.LANE);
    }

    static Shop unswept(Path path) {
        var database = TestDatabase.create();
        return new Shop(database, database.open(path, TestDatabase.UNSWEPT));
    }

    void receive(String sku, long units) {
        assertThat(engine.execute(new Receive(IdempotencyKey.random(), StockKey.of(sku), Quantity.of(units), null)))
                .isInstanceOf(Outcome.Moved.class);
    }

    Hold place(int ttlSeconds, Line... lines) {
        var outcome = engine.execute(placing(ttlSeconds, lines));
        assertThat(outcome).isInstanceOf(Outcome.Placed.class);
        return ((Outcome.Placed) outcome).hold();
    }

    static PlaceHold placing(int ttlSeconds, Line... lines) {
        return new PlaceHold(IdempotencyKey.random(), List.of(lines), Duration.ofSeconds(ttlSeconds), null, null);
    }

    Level level(String sku) {
        return engine.levels(new Sku(sku)).stream()
                .filter(level -> level.stock().location().equals(Location.MAIN))
                .findFirst()
                .orElseThrow();
    }

    void assertLevel(String sku, long onHand, long held, long allocated) {
        var level = level(sku);
        assertThat(List.of(level.onHand(), level.held(), level.allocated()))
                .as("on hand, held, allocated of %s", sku)
                .containsExactly(onHand, held, allocated);
    }

    void awaitDeadline(Hold hold) {
        database.awaitClock(hold.expiresAt());
    }

    @Override
    public void close() {
        try {
            TestDatabase.assertBooksAreRight(engine);
        } finally {
            engine.close();
        }
    }
}
