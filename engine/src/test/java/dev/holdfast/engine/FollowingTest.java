package dev.holdfast.engine;

import dev.holdfast.engine.Command.Receive;
import dev.holdfast.engine.Command.ReleaseHold;
import dev.holdfast.engine.Command.Sell;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** A batch that is decided on the levels of one that is still being committed. */
class FollowingTest {
    private final TestDatabase database = TestDatabase.create();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final StockEngine engine = database.open(Path.FOLLOWING_LANE, TestDatabase.UNSWEPT, meters);
    private final Shop shop = new Shop(database, engine);

    @AfterEach
    void theBooksAreRight() {
        shop.close();
    }

    @Test
    void itSeesWhatTheOneBeforeItHasTakenAndCommitsAfterIt() throws Exception {
        shop.receive("A", 5);
        CompletableFuture<Outcome.Place> first;
        CompletableFuture<Outcome.Place> second;
        try (var _ = database.lockTable("hold_deadline")) {
            first = engine.submit(Shop.placing(60, Line.of("A", 3)));
            database.awaitBlocked(1);
            second = engine.submit(Shop.placing(60, Line.of("A", 2)));
            database.awaitBlocked(2); // its rows are on their way while those of the first are
        }
        assertThat(first.get(10, TimeUnit.SECONDS)).isInstanceOf(Outcome.Placed.class);
        assertThat(second.get(10, TimeUnit.SECONDS)).isInstanceOf(Outcome.Placed.class);
        shop.assertLevel("A", 5, 5, 0);
        assertThat(count("holdfast.lane.followed")).isEqualTo(1);
        assertThat(count("holdfast.lane.reruns")).isZero();
    }

    @Test
    void nobodyIsRefusedForUnitsThatMayNotBeTakenInTheEnd() throws Exception {
        shop.receive("A", 5);
        CompletableFuture<Outcome.Sale> sale;
        CompletableFuture<Outcome.Place> hold;
        try (var _ = database.lockTable("idempotency_entry")) {
            sale = engine.submit(new Sell(IdempotencyKey.random(), List.of(Line.of("A", 3)), null, null));
            database.awaitBlocked(1);
            hold = engine.submit(Shop.placing(60, Line.of("A", 5)));
            Awaitility.await().until(() -> count("holdfast.lane.reruns") == 1); // too few, if the sale is committed
            assertThat(hold).isNotDone();
            database.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    + " WHERE datname = current_database() AND wait_event_type = 'Lock'");
            Awaitility.await().until(() -> count("holdfast.lane.reruns") >= 2);
        }
        // Which of them comes first is open now; that one of them has its units is not.
        boolean sold = sale.get(10, TimeUnit.SECONDS) instanceof Outcome.Sold;
        boolean held = hold.get(10, TimeUnit.SECONDS) instanceof Outcome.Placed;
        assertThat(sold).isNotEqualTo(held);
        shop.assertLevel("A", sold ? 2 : 5, held ? 5 : 0, 0);
    }

    /** Its own write of one location will be checked, what it read of the other was before that one's units were gone. */
    @Test
    void nobodyIsRefusedByTwoLocationsThatWereEmptyAtDifferentMoments() throws Exception {
        var x = StockKey.of("A", "x");
        var y = StockKey.of("A", "y");
        receive(x, 3);
        receive(y, 1);
        var hold = shop.place(60, new Line(y, 1));
        engine.execute(Shop.placing(60, new Line(y, 1))); // learns that the hold is not due, and need not ask again
        var anywhere = new Sourcing(
                List.of(new Sourcing.Wanted(x.sku(), 1)),
                List.of(x.location(), y.location()),
                Sourcing.Policy.IN_ORDER,
                true,
                null);
        CompletableFuture<Outcome.Sale> first;
        CompletableFuture<List<Outcome.Sale>> second;
        try (var _ = database.lockTable("idempotency_entry");
                var other = database.open(TestDatabase.UNSWEPT)) {
            first = engine.submit(new Sell(IdempotencyKey.random(), List.of(new Line(x, 2)), null, null));
            database.awaitBlocked(1);
            second = engine.submitAll(List.of(
                    new Sell(IdempotencyKey.random(), List.of(new Line(x, 1)), null, null),
                    new Sell(IdempotencyKey.random(), List.of(), null, null, anywhere)));
            Awaitility.await().until(() -> count("holdfast.lane.reruns") == 1);
            other.execute(ReleaseHold.of(hold.id()));
        }
        assertThat(first.get(10, TimeUnit.SECONDS)).isInstanceOf(Outcome.Sold.class);
        assertThat(second.get(10, TimeUnit.SECONDS)).allMatch(Outcome.Sold.class::isInstance);
    }

    private void receive(StockKey stock, long units) {
        engine.execute(new Receive(IdempotencyKey.random(), stock, Quantity.of(units), null));
    }

    /** The other node waits for the key; if the predecessor waited for that node, nobody but us could see the circle. */
    @Test
    void itsKeyDoesNotKeepAnotherNodeWaitingForLong() throws Exception {
        shop.receive("A", 5);
        var placing = Shop.placing(60, Line.of("A", 1));
        CompletableFuture<Outcome.Sale> sale;
        CompletableFuture<Outcome.Place> hold;
        try (var _ = database.lockTable("idempotency_entry")) {
            sale = engine.submit(new Sell(IdempotencyKey.random(), List.of(Line.of("A", 3)), null, null));
            database.awaitBlocked(1);
            hold = engine.submit(placing);
            Awaitility.await().until(() -> count("holdfast.lane.followed") == 1);
            database.execute("BEGIN; INSERT INTO hold (id, state, placed_at, expires_at, request_hash, lines) VALUES ('"
                    + placing.key().id() + "', 2, now(), now(), 0, '{}'); ROLLBACK");
            assertThat(sale).isNotDone();
        }
        assertThat(sale.get(10, TimeUnit.SECONDS)).isInstanceOf(Outcome.Sold.class);
        assertThat(hold.get(10, TimeUnit.SECONDS)).isInstanceOf(Outcome.Placed.class);
        shop.assertLevel("A", 2, 1, 0);
    }

    private double count(String meter) {
        return meters.get(meter).counter().count();
    }
}
