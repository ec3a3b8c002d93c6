package dev.holdfast.engine;

import dev.holdfast.engine.Command.ConfirmHold;
import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.Command.Receive;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What breaks without the database going away: it hits the command it belongs to, and nobody else. */
class FailureTest {
    private final Shop shop =
            Shop.open(StockEngine.Options.DEFAULT.withQueueMax(1_000).withSweepInterval(Duration.ofHours(1)));
    private final StockEngine engine = shop.engine();

    @AfterEach
    void close() {
        engine.close();
    }

    @Test
    void aCommandTheDatabaseRefusesFailsAloneInItsBatch() {
        shop.receive("A", 100);
        shop.database().execute("ALTER TABLE hold ADD CHECK (reference <> 'poison')");
        var answers = new ArrayList<CompletableFuture<Outcome.Place>>();
        try (var _ = new BusyLane(shop.database(), engine)) {
            for (int i = 0; i < 100; i++) {
                answers.add(engine.submit(placing(i % 40 == 7 ? "poison" : "fine")));
            }
        }
        for (int i = 0; i < 100; i++) {
            var answer = answers.get(i);
            if (i % 40 == 7) {
                assertRefused(answer);
            } else {
                assertThat(answer.join()).isInstanceOf(Outcome.Placed.class);
            }
        }
        shop.assertLevel("A", 100, 97, 0);
        TestDatabase.assertBooksAreRight(engine);
    }

    @Test
    void aCommandTheDatabaseRefusesFailsItsListAndTheOthersOfTheListAreDecided() {
        shop.receive("A", 100);
        shop.database().execute("ALTER TABLE hold ADD CHECK (reference <> 'poison')");
        var commands = new ArrayList<>(
                IntStream.range(0, 20).mapToObj(_ -> placing("fine")).toList());
        commands.set(7, placing("poison"));
        assertThatThrownBy(() -> engine.executeAll(commands)).isInstanceOf(EngineFailure.Refused.class);
        shop.assertLevel("A", 100, 19, 0);

        commands.set(7, placing("fine"));
        assertThat(engine.executeAll(commands))
                .allMatch(Outcome.Placed.class::isInstance)
                .filteredOn(outcome -> ((Outcome.Placed) outcome).replayed())
                .hasSize(19);
        shop.assertLevel("A", 100, 20, 0);
        TestDatabase.assertBooksAreRight(engine);
    }

    /** A hold whose stock somebody deleted can never be locked; the lane must not try for ever. */
    @Test
    void aHoldWithoutItsStockFailsAlone() {
        shop.receive("A", 1);
        shop.receive("B", 1);
        var hold = shop.place(60, Line.of("A", 1));
        shop.database().execute("DELETE FROM stock_level WHERE sku = 'A'");
        CompletableFuture<Outcome.End> broken;
        CompletableFuture<Outcome.Place> neighbour;
        try (var _ = new BusyLane(shop.database(), engine)) {
            broken = engine.submit(ConfirmHold.of(hold.id()));
            neighbour = engine.submit(Shop.placing(60, Line.of("B", 1)));
        }
        assertThat(neighbour.orTimeout(30, TimeUnit.SECONDS).join()).isInstanceOf(Outcome.Placed.class);
        assertRefused(broken);
    }

    @Test
    void aFullQueueIsOverloadedAtOnceAndLosesNothing() {
        shop.receive("A", 2_000);
        var answers = new ArrayList<CompletableFuture<Outcome.Place>>();
        try (var _ = new BusyLane(shop.database(), engine)) {
            for (int i = 0; i < 1_000; i++) {
                answers.add(engine.submit(Shop.placing(60, Line.of("A", 1))));
            }
            assertThatThrownBy(() -> engine.submit(Shop.placing(60, Line.of("A", 1))))
                    .isInstanceOf(EngineFailure.Overloaded.class);
            assertThatThrownBy(() -> engine.submitAll(List.of(placing("a"), placing("b"))))
                    .isInstanceOf(EngineFailure.Overloaded.class);
        }
        assertThat(answers).allSatisfy(answer -> assertThat(answer.join()).isInstanceOf(Outcome.Placed.class));
        shop.assertLevel("A", 2_000, 1_000, 0);
        shop.place(60, Line.of("A", 1_000));
        TestDatabase.assertBooksAreRight(engine);
    }

    @Test
    void aListLongerThanTheQueueIsTakenByAnIdleEngine() {
        shop.receive("A", 2_000);
        var list = IntStream.range(0, 1_500)
                .mapToObj(_ -> Shop.placing(60, Line.of("A", 1)))
                .toList();
        assertThat(engine.executeAll(list)).hasSize(1_500).allMatch(Outcome.Placed.class::isInstance);
    }

    @Test
    void closingAnswersEverythingAcceptedAndTakesNothingNew() {
        shop.receive("A", 2_000);
        var answers = new ArrayList<CompletableFuture<Outcome.Place>>();
        Thread closing;
        try (var _ = new BusyLane(shop.database(), engine)) {
            for (int i = 0; i < 500; i++) {
                answers.add(engine.submit(Shop.placing(60, Line.of("A", 1))));
            }
            closing = Thread.ofVirtual().start(engine::close);
            Awaitility.await().until(() -> {
                try {
                    answers.add(engine.submit(Shop.placing(60, Line.of("A", 1))));
                    return false;
                } catch (EngineFailure.Closed e) {
                    return true;
                }
            });
            assertThat(closing.isAlive()).isTrue();
        }
        Awaitility.await().until(() -> !closing.isAlive());

        assertThat(answers)
                .allSatisfy(
                        answer -> assertThat(answer).isCompletedWithValueMatching(Outcome.Placed.class::isInstance));
        assertThat(shop.database().number("SELECT count(*) FROM hold WHERE state = 0"))
                .isEqualTo(answers.size());
        assertThatThrownBy(() -> engine.execute(placing("late"))).isInstanceOf(EngineFailure.Closed.class);
        engine.close();
    }

    @Test
    void aLockHeldTooLongIsAFailureToTryAgainAndNeverAWrongAnswer() {
        shop.receive("A", 2);
        var placing = Shop.placing(60, Line.of("A", 1));
        try (var _ = shop.database().lock(StockKey.of("A"))) {
            assertThatThrownBy(() -> engine.submit(placing).get(20, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOfSatisfying(
                            EngineFailure.Unavailable.class,
                            failure -> assertThat(failure.retryable()).isTrue());
        }
        assertThat(engine.execute(placing))
                .isInstanceOfSatisfying(
                        Outcome.Placed.class,
                        placed -> assertThat(placed.replayed()).isFalse());
        shop.assertLevel("A", 2, 1, 0);
        TestDatabase.assertBooksAreRight(engine);
    }

    /** Rows are addressed by place: one that was moved by hand must not be written past. */
    @Test
    void aRowEditedByHandMeanwhileIsNeitherMissedNorOverwritten() throws SQLException {
        shop.receive("A", 2);
        var hold = shop.place(60, Line.of("A", 1));
        for (String edit : List.of("UPDATE stock_level SET safety_stock = 1", "UPDATE hold SET reference = 'erased'")) {
            CompletableFuture<Outcome.End> confirmed;
            try (var connection = shop.database().dataSource().getConnection();
                    var statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                statement.execute(edit);
                confirmed = engine.submit(ConfirmHold.of(hold.id()));
                shop.database().awaitBlocked(1);
                connection.commit();
            }
            assertThat(confirmed.join()).isInstanceOf(Outcome.Changed.class);
            assertThat(engine.hold(hold.id()).orElseThrow().state()).isEqualTo(Hold.State.CONFIRMED);
            shop.assertLevel("A", 2, 0, 1);
            TestDatabase.assertBooksAreRight(engine);
            shop.database()
                    .execute(
                            "UPDATE hold SET state = 0",
                            "UPDATE stock_level SET held = 1, allocated = 0, version = version - 1",
                            "DELETE FROM ledger WHERE kind = 6");
        }
    }

    @Test
    void anOverflowIsRefusedBeforeTheDatabaseHasTo() {
        var stock = StockKey.of("A");
        shop.receive("A", 1);
        shop.database().execute("UPDATE stock_level SET on_hand = %d WHERE sku = 'A'".formatted(Level.UNITS_MAX));
        assertThat(engine.execute(new Receive(IdempotencyKey.random(), stock, Quantity.ONE, null)))
                .isInstanceOf(Outcome.OverLimit.class);
        assertThat(engine.execute(new Command.Adjust(IdempotencyKey.random(), stock, 1, "found", null)))
                .isInstanceOf(Outcome.OverLimit.class);
        engine.execute(new Receive(IdempotencyKey.random(), StockKey.of("A", "b"), Quantity.ONE, null));
        assertThat(engine.execute(new Command.Transfer(
                        IdempotencyKey.random(), StockKey.of("A", "b"), Location.MAIN, Quantity.ONE, null)))
                .isInstanceOf(Outcome.OverLimit.class);
    }

    private static PlaceHold placing(String reference) {
        return new PlaceHold(IdempotencyKey.random(), List.of(Line.of("A", 1)), Duration.ofMinutes(1), null, reference);
    }

    private static void assertRefused(CompletableFuture<?> answer) {
        assertThatThrownBy(answer::join)
                .cause()
                .isInstanceOfSatisfying(
                        EngineFailure.Refused.class,
                        failure -> assertThat(failure.retryable()).isFalse());
    }
}
