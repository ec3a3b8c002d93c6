package dev.holdfast.engine;

import dev.holdfast.engine.redis.RedisWritePaths;
import dev.holdfast.engine.redis.TestRedis;
import dev.holdfast.local.LocalRedis;
import io.lettuce.core.SetArgs;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** The lock is there when it is needed and gone when it is not; and nothing depends on it. */
class RedisLockTest {
    private static final LocalRedis SERVER = LocalRedis.startTemporary();
    private static final TestRedis REDIS = TestRedis.connect(SERVER);

    private final TestDatabase database = TestDatabase.create();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final StockEngine engine =
            RedisWritePaths.lock(database.dataSource(), TestDatabase.UNSWEPT, meters, SERVER.url());
    private final Shop shop = new Shop(database, engine);
    private final String lockOfA = TestRedis.lockKey(database.dataSource(), StockKey.of("A"));

    @AfterAll
    static void stop() {
        REDIS.close();
        SERVER.close();
    }

    @AfterEach
    void theBooksAreRight() {
        shop.close();
    }

    @Test
    void isHeldUntilTheCommitAndNotAfterIt() throws Exception {
        shop.receive("A", 1);
        try (var _ = database.lock(StockKey.of("A"))) {
            var answer = engine.submit(Shop.placing(60, Line.of("A", 1)));
            database.awaitBlocked(1); // the writing transaction, before its commit
            assertThat(REDIS.commands().exists(lockOfA)).isEqualTo(1);
            assertThat(answer).isNotDone();
        }
        database.await("NOT EXISTS (SELECT FROM pg_locks WHERE NOT granted)");
        Awaitility.await().until(() -> REDIS.commands().exists(lockOfA) == 0);
        shop.assertLevel("A", 1, 1, 0);
    }

    @Test
    void keepsWritersOfOneStockFromMeeting() {
        shop.receive("A", 1_000);
        var outcomes = Callers.together(32, _ -> engine.execute(Shop.placing(60, Line.of("A", 1))));
        assertThat(outcomes).allMatch(Outcome.Placed.class::isInstance);
        assertThat(meters.get("holdfast.lane.reruns").counter().count()).isZero();
        assertThat(calls("acquire")).isGreaterThan(32);
    }

    @Test
    void anExpiredLockCostsConflictsOnly() {
        shop.receive("A", 20);
        var hasty = new SimpleMeterRegistry();
        try (var late = REDIS.lock(database.dataSource(), TestDatabase.UNSWEPT, hasty, Duration.ofMillis(1))) {
            var outcomes = Callers.together(64, _ -> late.execute(Shop.placing(60, Line.of("A", 1))));
            assertThat(outcomes).filteredOn(Outcome.Placed.class::isInstance).hasSize(20);
            assertThat(outcomes)
                    .filteredOn(Outcome.Insufficient.class::isInstance)
                    .hasSize(44);
        }
        assertThat(hasty.get("holdfast.lane.reruns").counter().count()).isPositive();
    }

    @Test
    void aLockWhoseHolderDiedIsNotWaitedForTooLong() throws Exception {
        shop.receive("A", 1);
        REDIS.commands().set(lockOfA, "a process that is gone", SetArgs.Builder.px(60_000));
        var outcome = engine.submit(Shop.placing(60, Line.of("A", 1))).get(10, TimeUnit.SECONDS);
        assertThat(outcome).isInstanceOf(Outcome.Placed.class);
        assertThat(meters.get("holdfast.redis.passed")
                        .tag("why", "locked")
                        .counter()
                        .count())
                .isEqualTo(1);
        assertThat(REDIS.commands().get(lockOfA)).as("not ours to release").isEqualTo("a process that is gone");
    }

    @Test
    void commandsThatOnlyNameAHoldLockNothing() {
        shop.receive("A", 2);
        var hold = shop.place(60, Line.of("A", 1));
        double before = calls("acquire");
        REDIS.commands().set(lockOfA, "somebody", SetArgs.Builder.px(60_000));
        assertThat(engine.execute(Command.ConfirmHold.of(hold.id()))).isInstanceOf(Outcome.Changed.class);
        assertThat(calls("acquire")).isEqualTo(before);
    }

    @Test
    void allStocksAreLockedOrNone() throws Exception {
        shop.receive("A", 1);
        shop.receive("B", 1);
        var lockOfB = TestRedis.lockKey(database.dataSource(), StockKey.of("B"));
        REDIS.commands().set(lockOfB, "somebody", SetArgs.Builder.px(60_000));
        double before = calls("acquire");
        var answer = engine.submit(Shop.placing(60, Line.of("A", 1), Line.of("B", 1)));
        Awaitility.await().until(() -> calls("acquire") >= before + 3);
        assertThat(REDIS.commands().exists(lockOfA)).isZero();
        assertThat(answer).isNotDone();
        REDIS.commands().del(lockOfB);
        assertThat(answer.get(10, TimeUnit.SECONDS)).isInstanceOf(Outcome.Placed.class);
        assertThat(REDIS.commands().exists(List.of(lockOfA, lockOfB).toArray(String[]::new)))
                .isZero();
    }

    private double calls(String script) {
        var timer = meters.find("holdfast.redis.calls").tag("script", script).timer();
        return timer == null ? 0 : timer.count();
    }
}
