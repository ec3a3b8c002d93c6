package dev.holdfast.engine;

import dev.holdfast.engine.lease.Lease;
import dev.holdfast.engine.lease.LeaseFailure;
import dev.holdfast.engine.lease.Leases;
import dev.holdfast.engine.redis.Keys;
import dev.holdfast.engine.redis.RedisLeaseHint;
import dev.holdfast.local.LocalRedis;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Redis spares the database questions. Whatever happens to it, there is one holder, and in the end there is one. */
class RedisLeaseHintTest {
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final Duration SHORT = Duration.ofSeconds(1);

    @SuppressWarnings("NullAway.Init")
    private static LocalRedis redis;

    @SuppressWarnings("NullAway.Init")
    private static RedisClient client;

    @SuppressWarnings("NullAway.Init")
    private static StatefulRedisConnection<String, String> connection;

    @SuppressWarnings("NullAway.Init")
    private static StatefulRedisConnection<byte[], byte[]> hints;

    @SuppressWarnings("NullAway.Init")
    private static TestDatabase database;

    private final Leases node = Leases.open(database.dataSource(), hint());
    private final Leases other = Leases.open(database.dataSource(), hint());

    @BeforeAll
    static void start() {
        redis = LocalRedis.startTemporary();
        client = RedisClient.create(redis.url());
        connection = client.connect();
        hints = client.connect(ByteArrayCodec.INSTANCE);
        database = TestDatabase.create();
        Schema.migrate(database.dataSource());
    }

    @AfterAll
    static void stop() {
        connection.close();
        hints.close();
        client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
        redis.close();
    }

    private static RedisLeaseHint hint() {
        return new RedisLeaseHint(hints::async, new Keys("t:"));
    }

    @BeforeEach
    void forget() {
        connection.sync().flushall();
    }

    @Test
    void whoWaitsAsksRedisAndNotTheDatabase() throws Exception {
        node.tryWithLease("a", LONG, lease -> {
            assertThat(connection.sync().get("t:lease:a")).isEqualTo(Long.toString(lease.token()));
            assertThat(connection.sync().pttl("t:lease:a")).isBetween(1L, LONG.toMillis());
            // The database would say that it is free: whoever is refused has not asked it.
            database.execute("UPDATE lease SET expires_at = clock_timestamp()");
            assertThat(other.tryWithLease("a", LONG, Lease::token)).isEmpty();
            database.execute("UPDATE lease SET expires_at = clock_timestamp() + interval '10 min'");
            return true;
        });
        assertThat(connection.sync().exists("t:lease:a")).isZero();
        assertThat(other.tryWithLease("a", LONG, Lease::token)).isPresent();
    }

    /** It says "free", about a lease that is held: flushed, or brought back empty. */
    @Test
    void aFlushedRedisMakesNoSecondHolderAndLearnsAgain() {
        node.tryWithLease("flushed", SHORT, lease -> {
            connection.sync().flushall();
            assertThat(other.tryWithLease("flushed", SHORT, Lease::token)).isEmpty();
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> connection.sync().exists("t:lease:flushed") == 1); // by the next renewal
            return !lease.isLost();
        });
    }

    /** It says "held", about a lease that nobody holds, and would for ever. */
    @Test
    void aLyingRedisIsBelievedForNoLongerThanTheTimeToLive() throws Exception {
        connection.sync().set("t:lease:lie", "999");
        assertThatThrownBy(() -> node.withLease("lie", SHORT, Duration.ofMillis(100), Lease::token))
                .isInstanceOf(LeaseFailure.Taken.class);
        assertThat(node.withLease("lie", SHORT, LONG, Lease::token)).isPositive();

        connection.sync().del("t:lease:lie");
        connection.sync().lpush("t:lease:lie", "not even a string");
        assertThat(node.withLease("lie", SHORT, LONG, Lease::token)).isPositive();
    }

    @Test
    void aSleepersHintDoesNotReplaceTheNewHolders() {
        var hint = hint();
        hint.held("b", 8, LONG);
        hint.held("b", 7, LONG);
        hint.released("b", 7);
        assertThat(connection.sync().get("t:lease:b")).isEqualTo("8");
        hint.held("b", 9, LONG);
        hint.released("b", 9);
        assertThat(hint.seemsHeld("b")).isFalse();
    }

    @Test
    void aPausedRedisCostsATenthOfASecondAndNotEachTime() {
        redis.pause();
        try {
            long startNanos = System.nanoTime();
            var hint = hint();
            for (int i = 0; i < 1_000; i++) {
                assertThat(hint.seemsHeld("paused")).isFalse();
            }
            assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isLessThan(Duration.ofSeconds(1));
            var inner = node.tryWithLease("paused", LONG, _ -> other.tryWithLease("paused", LONG, Lease::token));
            assertThat(inner.orElseThrow()).isEmpty();
        } finally {
            redis.resume();
        }
    }

    @Test
    void thereIsOneHolderWhileRedisIsKilledAndComesBackEmpty() throws Exception {
        var tokens = new ArrayList<Long>(); // guarded by the lease alone
        var inside = new AtomicInteger();
        var begun = new CountDownLatch(5);
        var works = new ArrayList<Callable<Boolean>>();
        for (int i = 0; i < 20; i++) {
            var leases = i % 2 == 0 ? node : other;
            works.add(() -> leases.withLease("storm", LONG, LONG, lease -> {
                assertThat(inside.incrementAndGet()).isEqualTo(1);
                tokens.add(lease.token());
                begun.countDown();
                return inside.decrementAndGet() == 0;
            }));
        }
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var running = works.stream().map(threads::submit).toList();
            begun.await();
            redis.kill();
            try {
                var inner = node.tryWithLease("killed", LONG, _ -> other.tryWithLease("killed", LONG, Lease::token));
                assertThat(inner.orElseThrow()).isEmpty();
            } finally {
                redis.startAgain();
            }
            for (var work : running) {
                assertThat(work.get()).isTrue();
            }
        }
        assertThat(tokens).hasSize(20).isSorted().doesNotHaveDuplicates();
        assertThat(List.of(tokens.getFirst(), tokens.getLast())).containsExactly(1L, 20L);
    }
}
