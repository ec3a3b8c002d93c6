package dev.holdfast.samples.jpa;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.engine.Command.ConfirmHold;
import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.Command.Receive;
import dev.holdfast.engine.Command.ReleaseHold;
import dev.holdfast.engine.EngineFailure;
import dev.holdfast.engine.Hold;
import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.engine.Level;
import dev.holdfast.engine.Line;
import dev.holdfast.engine.Outcome;
import dev.holdfast.engine.Outcome.Changed;
import dev.holdfast.engine.Outcome.Insufficient;
import dev.holdfast.engine.Outcome.Placed;
import dev.holdfast.engine.Quantity;
import dev.holdfast.engine.Sku;
import dev.holdfast.engine.StockEngine;
import dev.holdfast.engine.StockKey;
import dev.holdfast.samples.jpa.PurchaseOrder.State;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What is atomic together, what is not, and why neither oversells nor loses anything. Every test has a SKU of its own. */
@ExtendWith(SampleContext.class)
final class EngineInSpringTest {
    private final StockEngine engine;
    private final Checkout checkout;
    private final OrderDesk desk;
    private final PurchaseOrders orders;
    private final Confirmations confirmations;
    private final TransactionTemplate transaction;
    private final JdbcConnectionDetails database;
    private final JdbcTemplate jdbc;
    private final Rush rush;

    EngineInSpringTest(
            StockEngine engine,
            Checkout checkout,
            OrderDesk desk,
            PurchaseOrders orders,
            Confirmations confirmations,
            TransactionTemplate transaction,
            JdbcConnectionDetails database,
            JdbcTemplate jdbc,
            Rush rush) {
        this.engine = engine;
        this.checkout = checkout;
        this.desk = desk;
        this.orders = orders;
        this.confirmations = confirmations;
        this.transaction = transaction;
        this.database = database;
        this.jdbc = jdbc;
        this.rush = rush;
    }

    @AfterEach
    void theBooksAreRight() {
        assertThat(engine.invariants())
                .isNotEmpty()
                .allSatisfy(invariant -> assertThat(invariant.violations()).isEmpty());
    }

    @Test
    void anOrderIsAcceptedAndItsHoldConfirmed() {
        receive("straight", 5);

        assertThat(checkout.place("S-1", "straight", 2)).isInstanceOf(Placed.class);

        assertThat(hold("S-1").state()).isEqualTo(Hold.State.CONFIRMED);
        assertLevel("straight", 0, 2);
    }

    @Test
    void tooFewIsAnAnswerAndLeavesNoOrder() {
        receive("few", 1);

        assertThat(checkout.place("F-1", "few", 2)).isInstanceOf(Insufficient.class);

        assertThat(orders.findById("F-1")).isEmpty();
        assertLevel("few", 0, 0);
    }

    @Test
    void aRollbackLeavesTheHoldAndTheRetryGetsTheSameOne() {
        receive("rollback", 5);

        transaction.executeWithoutResult(status -> {
            engine.execute(placeHold("R-1", "rollback", 2));
            status.setRollbackOnly();
        });
        assertThat(hold("R-1").state()).isEqualTo(Hold.State.ACTIVE); // the engine's commit is its own
        assertLevel("rollback", 2, 0);

        assertThat(checkout.place("R-1", "rollback", 2))
                .isInstanceOfSatisfying(
                        Placed.class, placed -> assertThat(placed.replayed()).isTrue());
        assertThat(orders.findById("R-1")).isPresent();
        assertLevel("rollback", 0, 2); // one hold, not two
    }

    @Test
    void aCrashBetweenHoldAndOrderIsHealedByTheSameCallAgain() {
        receive("crash", 5);
        engine.execute(placeHold("C-1", "crash", 2)); // and here the process died

        assertThat(checkout.place("C-1", "crash", 2)).isInstanceOf(Placed.class);
        assertThat(checkout.place("C-1", "crash", 2)).isInstanceOf(Placed.class);

        assertThat(hold("C-1").state()).isEqualTo(Hold.State.CONFIRMED);
        assertLevel("crash", 0, 2);
    }

    @Test
    void aHoldWhoseCallNeverComesAgainExpiresByItself() {
        receive("abandoned", 1);
        engine.execute(new PlaceHold(
                Checkout.keyOf("A-1"), List.of(Line.of("abandoned", 1)), Duration.ofSeconds(1), null, null));
        assertThat(checkout.place("A-2", "abandoned", 1)).isInstanceOf(Insufficient.class);

        Awaitility.await()
                .pollInterval(Duration.ofMillis(20))
                .until(() -> checkout.place("A-2", "abandoned", 1) instanceof Placed);

        assertThat(hold("A-1").state()).isEqualTo(Hold.State.EXPIRED);
        assertLevel("abandoned", 0, 1);
    }

    @Test
    void anOrderThatIsRolledBackConfirmsNothing() {
        receive("undone", 5);
        engine.execute(placeHold("U-1", "undone", 2));

        transaction.executeWithoutResult(status -> {
            desk.accept("U-1", Checkout.keyOf("U-1").id());
            status.setRollbackOnly();
        });

        assertThat(orders.findById("U-1")).isEmpty();
        assertThat(hold("U-1").state()).isEqualTo(Hold.State.ACTIVE);
    }

    @Test
    void aCrashBetweenCommitAndConfirmationIsHealedByTheNextRound() {
        receive("unconfirmed", 5);
        engine.execute(placeHold("N-1", "unconfirmed", 2));
        orders.save(new PurchaseOrder("N-1", Checkout.keyOf("N-1").id())); // committed, and here the process died
        assertThat(hold("N-1").state()).isEqualTo(Hold.State.ACTIVE);

        confirmations.confirmAll();

        assertThat(hold("N-1").state()).isEqualTo(Hold.State.CONFIRMED);
        assertThat(orders.findById("N-1").orElseThrow().state()).isEqualTo(State.CONFIRMED);
        assertLevel("unconfirmed", 0, 2);
    }

    @Test
    void confirmingTwiceHasTheEffectOfOnce() {
        receive("twice", 5);
        checkout.place("T-1", "twice", 2);
        assertThat(orders.findById("T-1").orElseThrow().state()).isEqualTo(State.ACCEPTED);

        confirmations.confirmAll();
        assertThat(orders.findById("T-1").orElseThrow().state()).isEqualTo(State.CONFIRMED);
        assertThat(engine.execute(ConfirmHold.of(Checkout.keyOf("T-1").id())))
                .isInstanceOfSatisfying(
                        Changed.class,
                        changed -> assertThat(changed.hold().state()).isEqualTo(Hold.State.CONFIRMED));

        assertThat(engine.movements(new Sku("twice"), null, 10, null).movements())
                .extracting(movement -> movement.kind().name())
                .containsExactly("CONFIRM", "PLACE", "RECEIVE");
    }

    /** A replay answers with the hold as it was placed; what became of it is told by the confirmation. */
    @Test
    void anOrderWhoseHoldHasEndedLapsesAndTakesNothing() {
        receive("late", 2);
        engine.execute(placeHold("L-1", "late", 2));
        engine.execute(ReleaseHold.of(Checkout.keyOf("L-1").id())); // as its expiry would
        assertThat(checkout.place("L-2", "late", 2)).isInstanceOf(Placed.class);

        assertThat(checkout.place("L-1", "late", 2)).isInstanceOf(Placed.class);
        confirmations.confirmAll();

        assertThat(orders.findById("L-1").orElseThrow().state()).isEqualTo(State.LAPSED);
        assertThat(orders.findById("L-2").orElseThrow().state()).isEqualTo(State.CONFIRMED);
        assertLevel("late", 0, 2);
    }

    @Test
    void whatFailsAfterTheCommitDoesNotReachTheCaller() {
        desk.accept("B-1", BrokenListener.HOLD);

        assertThat(orders.findById("B-1")).isPresent();
    }

    @Test
    void aCheckoutInsideATransactionIsRefusedBeforeItHoldsAnything() {
        receive("nested", 1);

        assertThatThrownBy(() -> transaction.execute(_ -> checkout.place("I-1", "nested", 1)))
                .isInstanceOf(IllegalTransactionStateException.class);

        assertThat(engine.hold(Checkout.keyOf("I-1").id())).isEmpty();
    }

    @Test
    void oneOrderTriedEightTimesAtOnceIsOneHoldAndOneOrder() {
        receive("impatient", 5);

        assertThat(together(8, _ -> () -> checkout.place("E-1", "impatient", 2) instanceof Placed))
                .isEqualTo(Map.of("sold", 8));

        assertThat(orders.findById("E-1")).isPresent();
        assertLevel("impatient", 0, 2);
    }

    @Test
    void aHundredBuyersForTenUnits() {
        receive("crowd", 10);

        assertThat(together(100, i -> () -> checkout.place("H-" + i, "crowd", 1) instanceof Placed))
                .isEqualTo(Map.of("sold", 10, "refused", 90));

        assertLevel("crowd", 0, 10);
    }

    /** The lane needs a connection; who waits for the lane with the pool's last one waits for himself. */
    @Test
    void anEngineOnThePoolOfItsCallersStarvesAndOnItsOwnDoesNot() {
        receive("starved", 1);
        var options = StockEngine.Options.DEFAULT
                .withoutMigration()
                .withQueueMax(16)
                .withBatchMax(16)
                .withDatabaseWait(Duration.ZERO)
                .withSweepInterval(Duration.ofHours(1))
                .withKeyRetention(Duration.ofDays(1))
                .withConnections(1);
        try (var pool = poolOfOne();
                var shared = StockEngine.open(pool, options, new SimpleMeterRegistry())) {
            var inTransaction = new TransactionTemplate(new DataSourceTransactionManager(pool));
            var place = placeHold("P-1", "starved", 1);

            assertThatThrownBy(() -> inTransaction.execute(_ -> shared.execute(place)))
                    .isInstanceOf(EngineFailure.Unavailable.class);

            Outcome.Place outcome = inTransaction.execute(_ -> engine.execute(place));
            assertThat(outcome).isInstanceOf(Placed.class);
        }
    }

    /** PostgreSQL sees no deadlock: the lane waits for a session that waits for the lane in Java. */
    @Test
    void whoLocksTheEnginesRowsKeepsTheLaneWaiting() {
        receive("locked", 1);

        var waiting = transaction.execute(_ -> {
            jdbc.execute("SELECT FROM stock_level WHERE sku = 'locked' FOR UPDATE");
            var answer = engine.submit(placeHold("W-1", "locked", 1));
            rush.awaitBlocked(1);
            assertThat(answer).isNotDone(); // who waited for it here would wait for 5 s, and in vain
            return answer;
        });

        assertThat(waiting).isNotNull();
        assertThat(waiting.join()).isInstanceOf(Placed.class);
    }

    private HikariDataSource poolOfOne() {
        var config = new HikariConfig();
        config.setJdbcUrl(database.getJdbcUrl());
        config.setUsername(database.getUsername());
        config.setPassword(database.getPassword());
        config.setMaximumPoolSize(1);
        config.setConnectionTimeout(250); // ms, the least it takes; 30 s by default
        return new HikariDataSource(config);
    }

    private void receive(String sku, long units) {
        engine.execute(new Receive(IdempotencyKey.random(), StockKey.of(sku), Quantity.of(units), null));
    }

    private static PlaceHold placeHold(String orderNumber, String sku, long units) {
        return PlaceHold.of(Checkout.keyOf(orderNumber), Line.of(sku, units));
    }

    private Hold hold(String orderNumber) {
        UUID id = Checkout.keyOf(orderNumber).id();
        return engine.hold(id).orElseThrow();
    }

    private void assertLevel(String sku, long held, long allocated) {
        Level level = engine.levels(new Sku(sku)).getFirst();
        assertThat(List.of(level.held(), level.allocated()))
                .as("held, allocated")
                .containsExactly(held, allocated);
    }

    private static Map<String, Integer> together(int callers, IntFunction<Callable<Boolean>> call) {
        List<Future<Boolean>> answers = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < callers; i++) {
                answers.add(threads.submit(call.apply(i)));
            }
            return Rush.count(answers);
        }
    }
}
