package dev.holdfast.engine;

import dev.holdfast.engine.Command.ConfirmHold;
import dev.holdfast.engine.Command.ExtendHold;
import dev.holdfast.engine.Command.ReleaseHold;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import static dev.holdfast.engine.ExpiryTest.nextReleaseAt;
import static org.assertj.core.api.Assertions.assertThat;

/** Deadlines of holds that share a batch of the lane with what ends them. */
@Execution(ExecutionMode.CONCURRENT) // they mostly wait for deadlines, each on a database of its own
class BatchExpiryTest {
    private final Shop shop = Shop.unswept();
    private final StockEngine engine = shop.engine();

    @AfterEach
    void theBooksAreRight() {
        shop.close();
    }

    @Test
    void aHoldThatCameAndWentInABatchLeavesNoDeadline() {
        shop.receive("A", 3);
        var confirmed = Shop.placing(60, Line.of("A", 1));
        var released = Shop.placing(60, Line.of("A", 1));
        var extended = Shop.placing(60, Line.of("A", 1));
        CompletableFuture<Outcome.End> last;
        try (var _ = new BusyLane(shop.database(), engine)) {
            var _ = engine.submitAll(List.of(confirmed, released, extended));
            var _ = engine.submit(ConfirmHold.of(confirmed.key().id()));
            var _ = engine.submit(ReleaseHold.of(released.key().id()));
            last = engine.submit(new ExtendHold(null, extended.key().id(), Duration.ofMinutes(5)));
        }
        var deadline = ((Outcome.Changed) last.join()).hold().expiresAt();
        assertThat(shop.database().rows("SELECT hold_ids, due_at = '" + deadline + "' FROM hold_deadline"))
                .containsExactly("{" + extended.key().id() + "},t");
    }

    @Test
    void aRefusalKnowsTheHoldsOfItsOwnBatch() {
        shop.receive("A", 2);
        var placing = Shop.placing(300, Line.of("A", 1));
        var other = Shop.placing(600, Line.of("A", 1));
        CompletableFuture<Outcome.Place> placed;
        CompletableFuture<Outcome.Place> refused;
        try (var _ = new BusyLane(shop.database(), engine)) {
            placed = engine.submit(placing);
            var _ = engine.submit(other);
            refused = engine.submit(Shop.placing(60, Line.of("A", 1)));
            var _ = engine.submit(ConfirmHold.of(placing.key().id()));
        }
        assertThat(nextReleaseAt(refused.join()))
                .isEqualTo(((Outcome.Placed) placed.join()).hold().expiresAt());
        var last = engine.hold(other.key().id()).orElseThrow().expiresAt();
        assertThat(nextReleaseAt(engine.execute(Shop.placing(60, Line.of("A", 1)))))
                .isEqualTo(last);
    }

    /** The lane remembers when a stock's next hold ends; a hold that came and went in the batch must not count. */
    @Test
    void aHoldThatCameAndWentInABatchDoesNotHideAnOlderOnesDeadline() {
        shop.receive("A", 10);
        var due = shop.place(1, Line.of("A", 5));
        var older = shop.place(3, Line.of("A", 4));
        shop.awaitDeadline(due);
        var placing = Shop.placing(600, Line.of("A", 3));
        CompletableFuture<Outcome.Place> refused;
        try (var _ = new BusyLane(shop.database(), engine)) {
            var _ = engine.submit(placing);
            var _ = engine.submit(ConfirmHold.of(placing.key().id()));
            refused = engine.submit(Shop.placing(60, Line.of("A", 10)));
        }
        assertThat(refused.join()).isInstanceOf(Outcome.Insufficient.class);
        shop.assertLevel("A", 10, 4, 3);
        shop.awaitDeadline(older);

        shop.place(60, Line.of("A", 7));
    }
}
