package dev.holdfast.engine;

import dev.holdfast.engine.NaiveShop.Fence;
import dev.holdfast.engine.redis.RedisWritePaths;
import dev.holdfast.engine.redis.TestRedis;
import dev.holdfast.local.LocalRedis;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What real projects fall into: the harm without the cure, and none with it. There is one unit; who is told "yes" is counted. */
class RedisTrapsTest {
    private static final LocalRedis SERVER = LocalRedis.startTemporary();
    private static final TestRedis REDIS = TestRedis.connect(SERVER);
    private static final StockKey A = StockKey.of("A");

    private final TestDatabase database = TestDatabase.create();

    @AfterAll
    static void stop() {
        REDIS.close();
        SERVER.close();
    }

    @BeforeEach
    void create() {
        REDIS.commands().flushall();
        NaiveShop.create(database);
    }

    private NaiveShop naive(Fence fence, String owner) throws SQLException {
        return new NaiveShop(REDIS, database.dataSource().getConnection(), fence, owner);
    }

    private StockEngine counter() {
        return RedisWritePaths.counter(
                database.dataSource(), TestDatabase.UNSWEPT.withGate(false), new SimpleMeterRegistry(), SERVER.url());
    }

    /** The cure in the engine: {@link RedisLockTest#isHeldUntilTheCommitAndNotAfterIt}. */
    @Test
    void aLockReleasedBeforeTheCommitSellsTwice() throws SQLException {
        try (var first = naive(Fence.NONE, "first");
                var second = naive(Fence.NONE, "second")) {
            assertThat(first.lock(60_000) && first.read() && first.write()).isTrue();
            first.unlock();
            boolean secondSells = second.lock(60_000) && second.read();
            first.commit();
            assertThat(secondSells && second.write())
                    .as("the harm: sold to both")
                    .isTrue();
            second.commit();
        }
        assertThat(database.number("SELECT held FROM naive"))
                .as("and it does not even show")
                .isEqualTo(1);
    }

    @Test
    void aLockReleasedAfterTheCommitSellsOnce() throws SQLException {
        try (var first = naive(Fence.NONE, "first");
                var second = naive(Fence.NONE, "second")) {
            assertThat(first.lock(60_000) && first.read() && first.write()).isTrue();
            assertThat(second.lock(60_000)).isFalse();
            first.commit();
            first.unlock();
            assertThat(second.lock(60_000)).isTrue();
            assertThat(second.read()).as("nothing left").isFalse();
        }
    }

    /** A holder that does what it is told, so that it can be stopped in the middle. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] arguments) throws Exception {
            var words = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            try (var server = TestRedis.connect(arguments[3])) {
                for (String word = words.readLine(); word != null; word = words.readLine()) {
                    var connection = DriverManager.getConnection(arguments[0], arguments[1], arguments[2]);
                    try (var shop = new NaiveShop(server, connection, Fence.valueOf(word), "holder")) {
                        System.out.println("> " + (shop.lock(200) && shop.read()));
                        words.readLine();
                        boolean sold = shop.write();
                        shop.commit();
                        System.out.println("> " + sold);
                    }
                }
            }
        }
    }

    /** Both tell their buyer "yes" without a fence, or with one that Redis makes up; the version in the row refuses the late one. */
    @Test
    void aHolderPausedPastItsExpirySellsTwiceUnlessTheDatabaseComparesTheVersion() throws Exception {
        try (var holder = holder()) {
            assertThat(lateWriteSells(holder, Fence.NONE, false)).as("the harm").isTrue();
            assertThat(lateWriteSells(holder, Fence.VERSION, false))
                    .as("the cure")
                    .isFalse();
            assertThat(lateWriteSells(holder, Fence.REDIS_NUMBER, false))
                    .as("a number of Redis, too, as long as Redis remembers it")
                    .isFalse();
            assertThat(lateWriteSells(holder, Fence.REDIS_NUMBER, true))
                    .as("the harm again: numbers start again with an empty Redis")
                    .isTrue();
            assertThat(lateWriteSells(holder, Fence.VERSION, true)).isFalse();
        }
    }

    private OtherJvm holder() throws Exception {
        var source = (PGSimpleDataSource) database.dataSource();
        return new OtherJvm(
                Holder.class,
                Objects.requireNonNull(source.getURL()),
                Objects.requireNonNull(source.getUser()),
                Objects.requireNonNull(source.getPassword()),
                SERVER.url());
    }

    /** Whether a holder that was stopped past its lock's expiry still sells what another one has sold meanwhile. */
    private boolean lateWriteSells(OtherJvm holder, Fence fence, boolean emptied) throws Exception {
        NaiveShop.create(database);
        assertThat(holder.ask(fence.name())).isEqualTo("true");
        holder.signal("STOP");
        if (emptied) {
            REDIS.commands().flushall();
        }
        try (var next = naive(fence, "next")) {
            Awaitility.await().pollInterval(Duration.ofMillis(5)).until(() -> next.lock(60_000));
            assertThat(next.read() && next.write()).isTrue();
            next.commit();
            next.unlock();
        }
        holder.signal("CONT");
        return holder.ask("go on").equals("true");
    }

    @Test
    void unlockingWithoutLookingUnlocksSomebodyElse() throws Exception {
        try (var late = naive(Fence.NONE, "late")) {
            assertThat(late.lock(1)).isTrue();
            Awaitility.await().until(() -> REDIS.acquire(NaiveShop.LOCK, "next", Duration.ofMinutes(1)));
            late.unlock();
            assertThat(REDIS.acquire(NaiveShop.LOCK, "a third", Duration.ofMinutes(1)))
                    .as("the harm: in at the same time as the next")
                    .isTrue();
        }
        assertThat(REDIS.release(NaiveShop.LOCK, "late")).as("the cure").isFalse();
        assertThat(REDIS.acquire(NaiveShop.LOCK, "a fourth", Duration.ofMinutes(1)))
                .isFalse();
        assertThat(REDIS.release(NaiveShop.LOCK, "a third")).isTrue();
    }

    /** Takes units in Redis and gets no further: somebody has locked the table. */
    static final class Victim {
        private Victim() {}

        public static void main(String[] arguments) {
            var source = new PGSimpleDataSource();
            source.setUrl(arguments[0]);
            source.setUser(arguments[1]);
            source.setPassword(arguments[2]);
            try (var engine = RedisWritePaths.counter(
                    source, TestDatabase.UNSWEPT.withGate(false), new SimpleMeterRegistry(), arguments[3])) {
                System.out.println("> ready");
                engine.execute(Shop.placing(60, Line.of("A", 1)));
            }
        }
    }

    @Test
    void unitsTakenByAProcessThatDiedComeBack() throws Exception {
        try (var engine = counter()) {
            new Shop(database, engine).receive("A", 1);
            Awaitility.await().until(() -> REDIS.available(database.dataSource(), A) != null);
        }
        var source = (PGSimpleDataSource) database.dataSource();
        try (var table = source.getConnection();
                var statement = table.createStatement();
                var victim = new OtherJvm(
                        Victim.class,
                        Objects.requireNonNull(source.getURL()),
                        Objects.requireNonNull(source.getUser()),
                        Objects.requireNonNull(source.getPassword()),
                        SERVER.url())) {
            assertThat(victim.answer()).isEqualTo("ready");
            table.setAutoCommit(false);
            statement.execute("LOCK TABLE stock_level IN ACCESS EXCLUSIVE MODE");
            Awaitility.await().until(() -> REDIS.inFlight(database.dataSource()) == 1);
            victim.kill();
        }
        assertThat(REDIS.available(database.dataSource(), A))
                .as("the harm: a unit that nobody has and nobody gets")
                .isZero();
        var meters = new SimpleMeterRegistry();
        try (var engine =
                REDIS.counter(database.dataSource(), TestDatabase.UNSWEPT.withGate(false), meters, Duration.ZERO)) {
            Awaitility.await().until(() -> REDIS.inFlight(database.dataSource()) == 0);
            assertThat(REDIS.available(database.dataSource(), A)).isEqualTo(1);
            assertThat(meters.get("holdfast.redis.compensations").counter().count())
                    .isEqualTo(1);
            new Shop(database, engine).place(60, Line.of("A", 1));
        }
    }

    @Test
    void aRedisThatDecidesSellsEverythingAgainAfterItWasEmptied() {
        int sold = 0;
        for (int start = 0; start < 2; start++) {
            REDIS.commands().setnx("naive", "10"); // "initialise the stock at start"
            while (REDIS.commands().decr("naive") >= 0) {
                sold++;
            }
            REDIS.commands().flushall();
        }
        assertThat(sold).as("the harm: of 10").isEqualTo(20);

        try (var engine = counter()) {
            var shop = new Shop(database, engine);
            shop.receive("A", 10);
            int placed = 0;
            for (int i = 0; i < 30; i++) {
                placed += engine.execute(Shop.placing(60, Line.of("A", 1))) instanceof Outcome.Placed ? 1 : 0;
                if (i == 5 || i == 15) {
                    REDIS.commands().flushall();
                }
            }
            assertThat(placed).as("the cure").isEqualTo(10);
            TestDatabase.assertBooksAreRight(engine);
        }
    }

    @Test
    void aReadFromAReplicaOrACacheSellsTwiceUnlessTheWriteComparesTheVersion() throws SQLException {
        try (var stale = naive(Fence.NONE, "stale");
                var fresh = naive(Fence.NONE, "fresh")) {
            assertThat(stale.read()).isTrue(); // as a cache would keep it, or a replica that lags
            stale.commit();
            assertThat(fresh.read() && fresh.write()).isTrue();
            fresh.commit();
            assertThat(stale.write()).as("the harm: sold twice").isTrue();
            stale.commit();
        }
        NaiveShop.create(database);
        try (var stale = naive(Fence.VERSION, "stale");
                var fresh = naive(Fence.VERSION, "fresh")) {
            assertThat(stale.read()).isTrue();
            stale.commit();
            assertThat(fresh.read() && fresh.write()).isTrue();
            fresh.commit();
            assertThat(stale.write()).as("the cure").isFalse();
            assertThat(stale.read()).as("and after reading again it knows").isFalse();
        }
    }

    @Test
    void aRetryLoopWithoutBoundNeverAnswersAndABoundedOneDoes() throws Exception {
        try (var slow = naive(Fence.VERSION, "slow");
                var rival = database.dataSource().getConnection();
                var update = rival.prepareStatement("UPDATE naive SET version = version + 1")) {
            int rounds = 0;
            for (boolean sold = false; !sold && rounds < 1_000; rounds++) {
                assertThat(slow.read()).isTrue();
                update.executeUpdate();
                sold = slow.write();
                slow.commit();
            }
            assertThat(rounds).as("the harm: for ever, if we let it").isEqualTo(1_000);
        }
        try (var engine = RedisWritePaths.lock(
                database.dataSource(), TestDatabase.UNSWEPT.withGate(false), new SimpleMeterRegistry(), SERVER.url())) {
            var shop = new Shop(database, engine);
            shop.receive("A", 1);
            var placing = Shop.placing(60, Line.of("A", 1));
            try (var _ = new Rival(database)) {
                var answer = engine.submit(placing);
                assertThatThrownBy(() -> answer.get(30, TimeUnit.SECONDS))
                        .as("the cure: a retryable answer")
                        .cause()
                        .isInstanceOfSatisfying(
                                EngineFailure.Unavailable.class,
                                failure -> assertThat(failure.retryable()).isTrue());
            }
            assertThat(engine.execute(placing)).as("a moment later").isInstanceOf(Outcome.Placed.class);
            TestDatabase.assertBooksAreRight(engine);
        }
    }

    /** Somebody who is always faster: no row is ever found as it was read. */
    private record Rival(TestDatabase database) implements AutoCloseable {
        Rival {
            database.execute(
                    "CREATE FUNCTION moved() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
                    "CREATE TRIGGER rival BEFORE UPDATE ON stock_level FOR EACH ROW EXECUTE FUNCTION moved()");
        }

        @Override
        public void close() {
            database.execute("DROP TRIGGER rival ON stock_level");
        }
    }
}
