package dev.holdfast.engine;

import dev.holdfast.engine.lease.Lease;
import dev.holdfast.engine.lease.LeaseFailure;
import dev.holdfast.engine.lease.Leases;
import dev.holdfast.local.LocalPostgres;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** One holder at a time, in PostgreSQL alone. Each "node" has leases of its own; they share nothing but the database. */
@Execution(ExecutionMode.CONCURRENT) // they mostly wait for the database's clock
class LeaseTest {
    private static final Duration LONG = Duration.ofMinutes(10);

    /** Three renewals, each with a connection of its own, on a machine that is busy with the other tests. */
    private static final Duration SHORT = Duration.ofSeconds(1);

    @SuppressWarnings("NullAway.Init")
    private static TestDatabase database;

    private final Leases node = Leases.open(database.dataSource());
    private final Leases other = Leases.open(database.dataSource());

    @BeforeAll
    static void tables() {
        database = TestDatabase.create();
        Schema.migrate(database.dataSource());
        database.execute("CREATE TABLE written (name text, token bigint)");
    }

    @Test
    void ofManyContendersOneWorksAtATimeAndEachTokenIsGreater() throws Exception {
        var tokens = new ArrayList<Long>(); // guarded by the lease alone
        var inside = new AtomicInteger();
        var works = new ArrayList<Callable<Boolean>>();
        for (int i = 0; i < 20; i++) {
            var leases = i % 2 == 0 ? node : other;
            works.add(() -> leases.withLease("contended", LONG, LONG, lease -> {
                assertThat(inside.incrementAndGet()).isEqualTo(1);
                tokens.add(lease.token());
                return inside.decrementAndGet() == 0;
            }));
        }
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Boolean> work : threads.invokeAll(works)) {
                assertThat(work.get()).isTrue();
            }
        }
        assertThat(tokens).hasSize(20).isSorted().doesNotHaveDuplicates();
        assertThat(database.rows("SELECT token, expires_at <= clock_timestamp() FROM lease WHERE name = 'contended'"))
                .containsExactly(tokens.getLast() + ",t");
    }

    /** Two who find no row both insert one; who comes second is told of a duplicate key. */
    @Test
    void ofManyWhoAskForANewNameAtOnceOneGetsIt() throws Exception {
        int nodes = 6;
        var barrier = new CyclicBarrier(nodes);
        var held = new CyclicBarrier(nodes);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var asking = new ArrayList<Future<Integer>>();
            for (int i = 0; i < nodes; i++) {
                var leases = Leases.open(keeping(database.dataSource().getConnection()));
                asking.add(threads.submit(() -> {
                    int got = 0;
                    for (int n = 0; n < 100; n++) {
                        barrier.await(10, TimeUnit.SECONDS);
                        var lease = leases.tryWithLease("new-" + n, LONG, _ -> held.await(10, TimeUnit.SECONDS));
                        if (lease.isPresent()) {
                            got++;
                        } else {
                            held.await(10, TimeUnit.SECONDS);
                        }
                    }
                    return got;
                }));
            }
            int got = 0;
            for (var one : asking) {
                got += one.get();
            }
            assertThat(got).isEqualTo(100);
        }
        assertThat(database.number("SELECT count(*) FROM lease WHERE name LIKE 'new-%' AND token = 1"))
                .isEqualTo(100);
    }

    /** As a pool of one: opening takes a thousand times longer than the moment in which two can meet. */
    private static DataSource keeping(Connection connection) {
        var kept = proxy(
                Connection.class,
                (method, arguments) -> method.getName().equals("close") ? null : method.invoke(connection, arguments));
        return proxy(DataSource.class, (_, _) -> kept);
    }

    private interface Handler {
        @Nullable
        Object invoke(Method method, Object @Nullable [] arguments) throws ReflectiveOperationException;
    }

    private static <T> T proxy(Class<T> type, Handler handler) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (_, method, arguments) -> {
                    try {
                        return handler.invoke(method, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    @Test
    void whatIsHeldIsRefusedWithoutWaitingAndFreeAfterwards() throws Exception {
        var inner = node.tryWithLease("held", LONG, lease -> {
            assertThat(other.tryWithLease("held", LONG, Lease::token)).isEmpty();
            assertThat(node.tryWithLease("held", LONG, Lease::token)).isEmpty(); // not reentrant
            assertThatThrownBy(() -> other.withLease("held", LONG, Duration.ofMillis(50), Lease::token))
                    .isInstanceOf(LeaseFailure.Taken.class);
            assertThat(other.tryWithLease("another", LONG, Lease::token)).hasValue(1L);
            return lease.token();
        });
        assertThat(inner).hasValue(1L);
        assertThat(other.tryWithLease("held", LONG, Lease::token)).hasValue(2L);
    }

    @Test
    void itIsReleasedWhenTheWorkFailsToo() {
        assertThatThrownBy(() -> node.tryWithLease("failing", LONG, _ -> {
                    throw new IllegalStateException("broken");
                }))
                .hasMessage("broken");
        assertThat(other.tryWithLease("failing", LONG, Lease::token)).hasValue(2L);
    }

    @Test
    void aHolderThatIsGoneIsFollowedAfterItsTime() throws Exception {
        // What a crash leaves behind.
        database.execute("INSERT INTO lease VALUES ('gone', 41, 'dead', clock_timestamp() + interval '300 ms')");
        assertThat(node.tryWithLease("gone", LONG, Lease::token)).isEmpty();
        assertThat(node.withLease("gone", LONG, LONG, Lease::token)).isEqualTo(42);
    }

    @Test
    void renewalKeepsItBeyondItsTime() {
        var threeSeconds = Duration.ofSeconds(3); // renewed each second: a starved machine misses one of 300 ms
        var renewed = node.tryWithLease("renewed", threeSeconds, lease -> {
            database.await("clock_timestamp() > '%s'::timestamptz + interval '500 ms'".formatted(expiry("renewed")));
            assertThat(other.tryWithLease("renewed", SHORT, Lease::token)).isEmpty();
            return !lease.isLost() && written(lease, lease::check) == 1;
        });
        assertThat(renewed).hasValue(true);
    }

    private static String expiry(String name) {
        return database.rows("SELECT expires_at FROM lease WHERE name = '" + name + "'")
                .getFirst();
    }

    /** What a holder does that thinks it has the lease: its own clock and renewals have not told it otherwise. */
    @Test
    void aWriteWithAnOlderTokenIsRefusedAndIsDoneWithoutTheCheck() {
        node.tryWithLease("late", LONG, late -> {
            database.execute("UPDATE lease SET expires_at = clock_timestamp() WHERE name = 'late'");
            return other.tryWithLease("late", LONG, newer -> {
                assertThat(written(newer, newer::check)).isEqualTo(1);

                assertThat(late.isLost()).as("nobody told it").isFalse();
                assertThat(written(late, _ -> {})).as("the harm: a late write").isEqualTo(1);
                assertThatThrownBy(() -> written(late, late::check)).isInstanceOf(LeaseFailure.Lost.class);
                assertThat(late.isLost()).isTrue();
                return written(newer, newer::check);
            });
        });
        assertThat(database.rows("SELECT token FROM written WHERE name = 'late'"))
                .containsExactly("2", "1", "2");
    }

    @Test
    void aLeaseThatIsOverIsRefusedEvenIfNobodyElseTookIt() {
        node.tryWithLease("over", LONG, lease -> {
            database.execute("UPDATE lease SET expires_at = clock_timestamp() WHERE name = 'over'");
            assertThatThrownBy(() -> written(lease, lease::check)).isInstanceOf(LeaseFailure.Lost.class);
            return true;
        });
        assertThat(database.rows("SELECT token FROM written WHERE name = 'over'"))
                .isEmpty();
    }

    /** Between its check and its commit the lease runs out: who takes over comes after the commit, and sees what it wrote. */
    @Test
    void nobodyTakesOverBeforeACheckedTransactionEnds() throws Exception {
        var waiting = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var taking = node.tryWithLease("fenced", LONG, lease -> {
                try (var connection = database.dataSource().getConnection()) {
                    connection.setAutoCommit(false);
                    lease.check(connection);
                    database.execute("UPDATE lease SET expires_at = clock_timestamp() WHERE name = 'fenced'");
                    var taken = threads.submit(() -> {
                        try {
                            assertThat(other.tryWithLease("fenced", LONG, Lease::token))
                                    .isEmpty();
                        } finally {
                            waiting.countDown();
                        }
                        return other.withLease(
                                "fenced",
                                LONG,
                                LONG,
                                _ -> database.number("SELECT count(*) FROM written WHERE name = 'fenced'"));
                    });
                    waiting.await();
                    write(connection, lease);
                    connection.commit();
                    return taken;
                }
            });
            assertThat(taking.orElseThrow().get()).isEqualTo(1);
        }
    }

    /** With a plain share lock the renewal would wait for the transaction, and the lease would run out under it. */
    @Test
    void renewalDoesNotWaitForACheckedTransaction() throws SQLException {
        var ttl = Duration.ofSeconds(3); // a busy machine may stand still for longer than SHORT
        node.tryWithLease("long", ttl, lease -> {
            try (var connection = database.dataSource().getConnection()) {
                connection.setAutoCommit(false);
                lease.check(connection);
                write(connection, lease);
                try (var statement = connection.createStatement()) {
                    statement.execute("SELECT pg_sleep(4)"); // at work, not idle
                }
                lease.check(connection);
                connection.commit();
            }
            return true;
        });
        assertThat(database.rows("SELECT token FROM written WHERE name = 'long'"))
                .containsExactly("1");
    }

    /** A holder that sleeps in its transaction keeps its row lock for no longer than the lease: the server throws it out. */
    @Test
    void aTransactionThatSleepsIsEndedByTheServer() throws SQLException {
        node.tryWithLease("sleeping", SHORT, lease -> {
            try (var connection = database.dataSource().getConnection()) {
                connection.setAutoCommit(false);
                lease.check(connection);
                write(connection, lease);
                var pid = connection.unwrap(org.postgresql.PGConnection.class).getBackendPID();
                database.await("NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = " + pid + ")");
                assertThatThrownBy(connection::commit).isInstanceOf(SQLException.class);
            }
            return true;
        });
        assertThat(database.rows("SELECT token FROM written WHERE name = 'sleeping'"))
                .isEmpty();
    }

    @Test
    void aShorterTimeoutOfTheCallerIsLeftAlone() throws SQLException {
        var timeouts = node.tryWithLease("timeouts", Duration.ofSeconds(3), lease -> {
            var shown = new ArrayList<String>();
            for (String before : List.of("0", "2s", "1min")) {
                try (var connection = database.dataSource().getConnection();
                        var statement = connection.createStatement()) {
                    connection.setAutoCommit(false);
                    statement.execute("SET idle_in_transaction_session_timeout = '" + before + "'");
                    lease.check(connection);
                    try (var rows = statement.executeQuery("SHOW idle_in_transaction_session_timeout")) {
                        assertThat(rows.next()).isTrue();
                        shown.add(rows.getString(1));
                    }
                }
            }
            return shown;
        });
        assertThat(timeouts.orElseThrow()).containsExactly("3s", "2s", "3s");
    }

    @Test
    void inAutoCommitACheckIsAMistake() throws SQLException {
        node.tryWithLease("careless", LONG, lease -> {
            try (var connection = database.dataSource().getConnection()) {
                assertThatThrownBy(() -> lease.check(connection)).isInstanceOf(IllegalStateException.class);
            }
            return true;
        });
    }

    @Test
    void lossIsNoticedWhenTheDatabaseIsAwayAndItComesBack() throws Exception {
        try (var server = LocalPostgres.startTemporary()) {
            var away = TestDatabase.createEmpty(server);
            Schema.migrate(away.dataSource());
            var leases = Leases.open(away.dataSource());
            leases.tryWithLease("away", SHORT, lease -> {
                server.kill();
                Awaitility.await().pollInterval(Duration.ofMillis(5)).until(lease::isLost);
                assertThatThrownBy(() -> leases.tryWithLease("other", SHORT, Lease::token))
                        .isInstanceOf(LeaseFailure.Unavailable.class);
                server.startAgain();
                assertThat(lease.isLost()).as("for ever").isTrue();
                try (var connection = away.dataSource().getConnection()) {
                    connection.setAutoCommit(false);
                    assertThatThrownBy(() -> lease.check(connection)).isInstanceOf(LeaseFailure.Lost.class);
                }
                return true;
            });
            assertThat(leases.withLease("away", SHORT, LONG, Lease::token)).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "-a", "ä", "a\n", "a\u0000", "a'b", "{a}"})
    void aBadNameIsRefused(String name) {
        assertThatThrownBy(() -> node.tryWithLease(name, LONG, Lease::token))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void namesAndTimesAreBounded() {
        assertThat(node.tryWithLease("a".repeat(100), LONG, Lease::token)).isPresent();
        assertThatThrownBy(() -> node.tryWithLease("a".repeat(101), LONG, Lease::token))
                .isInstanceOf(IllegalArgumentException.class);
        for (var ttl : List.of(Duration.ZERO, Duration.ofMillis(99), Duration.ofDays(2))) {
            assertThatThrownBy(() -> node.tryWithLease("a", ttl, Lease::token))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    private interface Check {
        void on(Connection connection) throws SQLException;
    }

    private static int written(Lease lease, Check check) {
        try (var connection = database.dataSource().getConnection()) {
            connection.setAutoCommit(false);
            check.on(connection);
            write(connection, lease);
            connection.commit();
            return 1;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void write(Connection connection, Lease lease) throws SQLException {
        try (var insert = connection.prepareStatement("INSERT INTO written VALUES (?, ?)")) {
            insert.setString(1, lease.name());
            insert.setLong(2, lease.token());
            insert.executeUpdate();
        }
    }
}
