package dev.holdfast.engine;

import dev.holdfast.engine.redis.RedisWritePaths;
import dev.holdfast.engine.redis.TestRedis;
import dev.holdfast.local.LocalRedis;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Counters keep the late ones from the database, and are right or harmless. */
class RedisCounterTest {
    private static final LocalRedis SERVER = LocalRedis.startTemporary();
    private static final TestRedis REDIS = TestRedis.connect(SERVER);
    private static final StockKey A = StockKey.of("A");

    private final TestDatabase database = TestDatabase.create();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final StockEngine engine =
            RedisWritePaths.counter(database.dataSource(), TestDatabase.UNSWEPT.withGate(false), meters, SERVER.url());
    private final Shop shop = new Shop(database, engine);

    @AfterAll
    static void stop() {
        REDIS.close();
        SERVER.close();
    }

    @AfterEach
    void theBooksAreRight() {
        shop.close();
    }

    /** A stock with a counter. */
    private void stock(String sku, long units) {
        shop.receive(sku, units);
        var stock = StockKey.of(sku);
        Awaitility.await().until(() -> REDIS.available(database.dataSource(), stock) != null);
    }

    private void awaitCounter(long units) {
        Awaitility.await().untilAsserted(() -> assertCounter(units));
    }

    private void assertCounter(long units) {
        assertThat(REDIS.available(database.dataSource(), A)).isEqualTo(units);
    }

    @Test
    void tenUnitsGoToTenAndMostOthersNeverReachTheDatabase() {
        stock("A", 10);
        var outcomes = Callers.together(200, _ -> engine.execute(Shop.placing(60, Line.of("A", 1))));
        assertThat(outcomes).filteredOn(Outcome.Placed.class::isInstance).hasSize(10);
        assertThat(outcomes).filteredOn(Outcome.Insufficient.class::isInstance).hasSize(190);
        assertThat(count("holdfast.redis.refusals")).isGreaterThan(100);
        assertCounter(0);
        assertThat(REDIS.inFlight(database.dataSource())).isZero();
    }

    @Test
    void everyChangeIsCountedOnceBeforeItsCallerKnows() {
        stock("A", 10);
        var hold = shop.place(60, Line.of("A", 3));
        assertCounter(7);
        assertThat(engine.execute(new Command.ReleaseHold(null, hold.id()))).isInstanceOf(Outcome.Changed.class);
        assertCounter(10);
        var kept = shop.place(60, Line.of("A", 2));
        engine.execute(Command.ConfirmHold.of(kept.id()));
        assertCounter(8);
        shop.receive("A", 5);
        assertCounter(13);
        var old = shop.place(60, Line.of("A", 4));
        var next = engine.execute(new Command.PlaceHold(
                IdempotencyKey.random(),
                java.util.List.of(Line.of("A", 6)),
                Command.TTL_DEFAULT,
                null,
                null,
                null,
                old.id()));
        assertCounter(7);
        engine.execute(Command.ReleaseHold.of(((Outcome.Placed) next).hold().id()));
        assertCounter(13);
        engine.executeAll(java.util.List.of(
                Shop.placing(60, Line.of("A", 1)),
                Shop.placing(60, Line.of("A", 1)),
                Shop.placing(60, Line.of("A", 100))));
        assertCounter(11);
    }

    @Test
    void aCartTakesAllOrNothing() {
        stock("A", 5);
        stock("B", 1);
        shop.place(60, Line.of("A", 1), Line.of("B", 1));
        assertThat(engine.execute(Shop.placing(60, Line.of("A", 1), Line.of("B", 1))))
                .isInstanceOf(Outcome.Insufficient.class);
        assertCounter(4);
    }

    @Test
    void aRepeatedNoSaysWhatTheDatabaseSaid() {
        stock("A", 1);
        shop.place(600, Line.of("A", 1));
        var fromDatabase = engine.execute(Shop.placing(60, Line.of("A", 1)));
        var fromRedis = engine.execute(Shop.placing(60, Line.of("A", 1)));
        assertThat(fromRedis).isEqualTo(fromDatabase);
        assertThat(count("holdfast.redis.refusals")).isEqualTo(1);
    }

    @Test
    void aRetryOfAPlacedHoldGetsItsAnswerHoweverSoldOutTheStockIs() {
        stock("A", 1);
        var placing = Shop.placing(600, Line.of("A", 1));
        var first = engine.execute(placing);
        sellOut();
        assertThat(engine.execute(placing)).isEqualTo(new Outcome.Placed(((Outcome.Placed) first).hold(), true));
        assertCounter(0);
    }

    @Test
    void unitsThatComeBackEndTheNo() {
        stock("A", 1);
        var hold = shop.place(600, Line.of("A", 1));
        sellOut();
        engine.execute(new Command.ReleaseHold(null, hold.id()));
        shop.place(60, Line.of("A", 1));
    }

    @Test
    void aDeadlineThatPassesEndsTheNo() {
        stock("A", 1);
        var hold = shop.place(2, Line.of("A", 1));
        database.awaitClock(hold.expiresAt().minus(Duration.ofMillis(500))); // the refusal would outlive the hold
        sellOut();
        shop.awaitDeadline(hold);
        shop.place(60, Line.of("A", 1));
    }

    @Test
    void aSmallerRequestThanTheRefusedOneIsNotRefusedWithIt() {
        stock("A", 3);
        assertThat(engine.execute(Shop.placing(60, Line.of("A", 5)))).isInstanceOf(Outcome.Insufficient.class);
        REDIS.setAvailable(database.dataSource(), A, 0); // even if the counter does not know of them
        shop.place(60, Line.of("A", 3));
    }

    /** Until a refusal has come from Redis. */
    private void sellOut() {
        double before = count("holdfast.redis.refusals");
        for (int i = 0; i < 10 && count("holdfast.redis.refusals") == before; i++) {
            assertThat(engine.execute(Shop.placing(60, Line.of("A", 1)))).isInstanceOf(Outcome.Insufficient.class);
        }
        assertThat(count("holdfast.redis.refusals")).isEqualTo(before + 1);
    }

    @Test
    void aCounterThatLiesHighCostsATripToTheDatabase() {
        stock("A", 1);
        shop.place(60, Line.of("A", 1));
        REDIS.setAvailable(database.dataSource(), A, 5);
        assertThat(engine.execute(Shop.placing(60, Line.of("A", 1)))).isInstanceOf(Outcome.Insufficient.class);
        awaitCounter(0);
        assertThat(count("holdfast.redis.drift")).isEqualTo(5);
    }

    @Test
    void aCounterThatLiesLowRefusesNobody() {
        stock("A", 10);
        shop.place(60, Line.of("A", 1));
        REDIS.setAvailable(database.dataSource(), A, 0);
        shop.place(60, Line.of("A", 1));
        awaitCounter(8);
    }

    @Test
    void aRedisThatForgotEverythingLearnsItAgain() {
        stock("A", 10);
        shop.place(60, Line.of("A", 1));
        REDIS.commands().flushall();
        awaitCounter(9);
    }

    @Test
    void writersOfAnotherPathHideUnitsForASecondAtMost() {
        stock("A", 1);
        var hold = shop.place(600, Line.of("A", 1));
        sellOut();
        try (var lane = database.open(TestDatabase.UNSWEPT)) {
            lane.execute(new Command.ReleaseHold(null, hold.id()));
        }
        Awaitility.await()
                .atMost(Duration.ofSeconds(2))
                .until(() -> engine.execute(Shop.placing(60, Line.of("A", 1))) instanceof Outcome.Placed);
    }

    private double count(String name) {
        return Objects.requireNonNull(meters.find(name).counter()).count();
    }
}
