package dev.holdfast.server.cache;

import dev.holdfast.local.LocalRedis;
import dev.holdfast.server.redis.RedisLink;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Two nodes' caches of one source, with a real Redis between them that forgets, sleeps, dies and lies. */
final class ReadCacheTest {
    private static final Duration LONG = Duration.ofMinutes(10);

    @SuppressWarnings("NullAway.Init")
    private static LocalRedis redis;

    @SuppressWarnings("NullAway.Init")
    private static RedisClient client;

    @SuppressWarnings("NullAway.Init")
    private static RedisCommands<String, String> inRedis;

    private final TestSource source = new TestSource();
    private final List<Node> nodes = new ArrayList<>();

    /** A node that hears what another one changes as soon as a test wants. */
    private final class Node {
        final MeterRegistry meters = new SimpleMeterRegistry();
        final @Nullable RedisLink link;
        final Changes changes;
        final ReadCache<String, String> cache;

        Node(Duration ttl, boolean hasRedis) {
            link = hasRedis ? new RedisLink(redis.url(), meters) : null;
            changes = new Changes("t:changes", null, 0, meters);
            cache = new ReadCache<>(
                    "things", ttl, DataSize.ofMegabytes(1), source, changes, link, "t:", meters, Clock.systemUTC());
            changes.listen(new Changes.Listener() {
                @Override
                public void changed(long number, Collection<String> keys) {
                    cache.forget(keys, number);
                }

                @Override
                public void changed(long number) {
                    cache.forgetAll(number);
                }

                @Override
                public void made(long number, Collection<String> keys) {
                    cache.forgetCopies(keys, number);
                }
            });
            if (link != null) {
                Awaitility.await().until(this::redisAnswers);
            }
            nodes.add(this);
        }

        @Nullable
        String get(String key) {
            return cache.get(key).value();
        }

        /** What was sent before has then arrived: it goes over the same connection. */
        boolean redisAnswers() {
            return link != null && link.ask(commands -> commands.ping()).isPresent();
        }

        void close() {
            cache.close();
            if (link != null) {
                link.close();
            }
        }
    }

    @BeforeAll
    static void start() {
        redis = LocalRedis.startTemporary();
        client = RedisClient.create(redis.url());
        inRedis = client.connect().sync();
    }

    @AfterAll
    static void stop() {
        client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
        redis.close();
    }

    @BeforeEach
    void flush() {
        inRedis.flushall();
    }

    @AfterEach
    void close() {
        nodes.forEach(Node::close);
    }

    private static void awaitInRedis(String key, String field) {
        Awaitility.await().until(() -> inRedis.hexists("t:" + key, field));
    }

    @Test
    void oneReadsForAllWhoAsk() throws Exception {
        var node = new Node(LONG, false);
        source.rows.put("a", "1");
        var door = source.shut();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var first = threads.submit(() -> node.get("a"));
            door.awaitReader();
            var others = new ArrayList<Callable<@Nullable String>>();
            for (int i = 0; i < 100; i++) {
                others.add(() -> node.get("a"));
            }
            var waiting = CompletableFuture.supplyAsync(() -> invoke(threads, others), threads);
            door.open();
            assertThat(first.get()).isEqualTo("1");
            assertThat(waiting.get()).hasSize(100).containsOnly("1");
        }
        assertThat(source.reads).containsExactly("a");
    }

    private static List<@Nullable String> invoke(ExecutorService threads, List<Callable<@Nullable String>> calls) {
        try {
            var answers = new ArrayList<@Nullable String>();
            for (var answer : threads.invokeAll(calls)) {
                answers.add(answer.get());
            }
            return answers;
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The race that caches lose. Who asked before the change may see what was before it; nobody who asks after it. */
    @Test
    void whatWasReadBeforeAChangeIsNotKeptAfterIt() throws Exception {
        var node = new Node(LONG, true);
        var other = new Node(LONG, true);
        source.rows.put("a", "old");
        var door = source.shut();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var late = threads.submit(() -> node.get("a"));
            door.awaitReader();
            source.rows.put("a", "new");
            other.changes.announce(1, List.of("a"));
            awaitInRedis("a", "version");
            node.changes.counted(0); // the message and the counter come to this node only now
            node.cache.forget(List.of("a"), 1);
            door.open();
            assertThat(late.get()).isEqualTo("old");
            assertThat(node.get("a")).isEqualTo("new");
        }
        Awaitility.await().until(node::redisAnswers);
        assertThat(inRedis.hexists("t:a", "json")).isFalse();
        assertThat(other.get("a")).isEqualTo("new");
    }

    @Test
    void anOldCopyInRedisCountsForNothingWhereTheChangeIsKnown() {
        var slow = new Node(LONG, true);
        source.rows.put("a", "old");
        slow.get("a");
        awaitInRedis("a", "json");
        var node = new Node(LONG, true);
        source.rows.put("a", "new");
        node.cache.forget(List.of("a"), 1); // and the tombstone did not come to Redis
        assertThat(node.get("a")).isEqualTo("new");

        var late = new Node(LONG, true);
        late.changes.counted(2); // it came after the change, and knows only that there were some
        late.changes.counted(2);
        assertThat(late.get("a")).isEqualTo("new");
    }

    @Test
    void aChangeIsForgottenInRedisByWhoMadeItAndNotBroughtBack() {
        var node = new Node(LONG, true);
        var other = new Node(LONG, true);
        source.rows.put("a", "old");
        assertThat(node.get("a")).isEqualTo("old");
        awaitInRedis("a", "json");
        assertThat(other.get("a")).isEqualTo("old");
        assertThat(source.reads).hasSize(1); // the other one had it from Redis

        source.rows.remove("a");
        node.changes.announce(1, List.of("a"));
        Awaitility.await().until(() -> !inRedis.hexists("t:a", "json"));
        assertThat(node.get("a")).isNull();
        other.changes.counted(0);
        new SharedCopies(Objects.requireNonNull(other.link), "t:")
                .put("a", new SharedCopies.Copy(0, Instant.now(), source.write("old")), LONG);
        assertThat(new Node(LONG, true).get("a")).isNull();
        assertThat(inRedis.hexists("t:a", "json")).isFalse();
    }

    @Test
    void repeatedAndReorderedChangesForgetNoMoreThanTheyMust() {
        var node = new Node(LONG, false);
        source.rows.put("a", "1");
        node.changes.announce(5, List.of("a"));
        assertThat(node.get("a")).isEqualTo("1");
        node.cache.forget(List.of("a"), 5); // again
        node.cache.forget(List.of("a"), 4); // late
        node.cache.forgetAll(5);
        assertThat(node.get("a")).isEqualTo("1");
        assertThat(source.reads).hasSize(1);
        node.cache.forget(List.of("b"), 6);
        assertThat(node.get("a")).isEqualTo("1");
        assertThat(source.reads).hasSize(1);
    }

    @Test
    void thatThereIsNothingIsKeptHereOnly() {
        var node = new Node(LONG, true);
        assertThat(node.get("none")).isNull();
        assertThat(node.get("none")).isNull();
        assertThat(source.reads).hasSize(1);
        assertThat(inRedis.exists("t:none")).isZero();
        source.rows.put("none", "something");
        node.changes.announce(1, List.of("none"));
        assertThat(node.get("none")).isEqualTo("something");
    }

    @Test
    void memoryIsBounded() {
        var node = new Node(LONG, false);
        for (int i = 0; i < 20_000; i++) {
            node.get("key-" + i);
        }
        Awaitility.await()
                .until(() -> node.meters.get("holdfast.cache.size").gauge().value() <= 1 << 20);
    }

    @Test
    void beforeItsTimeIsOverItIsReadAnewWhileAllAreServed() throws Exception {
        var node = new Node(Duration.ofSeconds(8), false);
        source.rows.put("a", "1");
        assertThat(node.get("a")).isEqualTo("1");
        source.rows.put("a", "2");
        var door = source.shut();
        Awaitility.await().until(() -> {
            node.get("a");
            return source.reads.size() == 2;
        });
        door.awaitReader();
        assertThat(node.get("a")).isEqualTo("1"); // nobody waits for who reads
        door.open();
        Awaitility.await().until(() -> "2".equals(node.get("a")));
        assertThat(source.reads).hasSize(2);
    }

    @Test
    void afterItsTimeNothingIsServedWhateverRedisAndTheDatabaseDo() {
        var node = new Node(Duration.ofSeconds(1), true);
        source.rows.put("a", "1");
        assertThat(node.get("a")).isEqualTo("1");
        awaitInRedis("a", "json");
        inRedis.persist("t:a"); // a Redis that keeps it for ever
        source.rows.put("a", "broken");
        Awaitility.await()
                .untilAsserted(() -> assertThatThrownBy(() -> node.get("a")).hasMessage("the database is away"));
        source.rows.put("a", "2");
        Awaitility.await()
                .ignoreExceptions()
                .until(() -> "2".equals(node.get("a"))); // who asked with the last one failed too
    }

    @Test
    void aLyingRedisIsNotBelieved() {
        source.rows.put("a", "1");
        source.rows.put("b", "2");
        var node = new Node(LONG, true);
        node.get("a");
        node.get("b");
        awaitInRedis("a", "json");
        awaitInRedis("b", "json");

        inRedis.hset("t:a", "json", "\"0\"");
        assertThat(answerOfANewNode("a")).isEqualTo("1");
        inRedis.del("t:a");
        inRedis.hset("t:a", inRedis.hgetall("t:b")); // another's
        assertThat(answerOfANewNode("a")).isEqualTo("1");
        inRedis.hset("t:a", "version", "99999999");
        assertThat(answerOfANewNode("a")).isEqualTo("1");
        inRedis.del("t:a");
        inRedis.lpush("t:a", "not even a hash");
        assertThat(answerOfANewNode("a")).isEqualTo("1");
        assertThat(answerOfANewNode("b")).isEqualTo("2");
    }

    /** What it stored is in Redis when this returns, and so does not come after the next lie. */
    private @Nullable String answerOfANewNode(String key) {
        var node = new Node(LONG, true);
        var answer = node.get(key);
        Awaitility.await().until(node::redisAnswers);
        return answer;
    }

    @Test
    void oneLieInRedisDoesNotHideTheOthersNorDoesALoadReadTwice() {
        var keys = List.of("a", "b", "c", "d");
        keys.forEach(key -> source.rows.put(key, key));
        var node = new Node(LONG, true);
        assertThat(values(node, keys)).isEqualTo(keys);
        assertThat(source.reads).containsExactlyElementsOf(keys);
        keys.forEach(key -> awaitInRedis(key, "json"));
        inRedis.del("t:b");
        inRedis.lpush("t:b", "not even a hash");

        assertThat(values(new Node(LONG, true), keys)).isEqualTo(keys);
        assertThat(source.reads).containsExactly("a", "b", "c", "d", "b");
    }

    private static List<String> values(Node node, List<String> keys) {
        var cached = node.cache.get(keys);
        return keys.stream().map(key -> value(cached.get(key))).toList();
    }

    private static String value(@Nullable Cached<String> cached) {
        return cached == null ? "no entry" : String.valueOf(cached.value());
    }

    @Test
    void aSilentOrDeadRedisCostsAFewTenthsOfASecondAndNotEachTime() {
        var node = new Node(LONG, true);
        redis.pause();
        try {
            answersHaveABound(node, "paused");
        } finally {
            redis.resume();
        }
        Awaitility.await().until(node::redisAnswers);
        redis.kill();
        try {
            answersHaveABound(node, "killed");
        } finally {
            redis.startAgain();
        }
        source.rows.put("again", "1");
        Awaitility.await().until(() -> {
            node.cache.forgetAll(Long.MAX_VALUE);
            node.get("again");
            return inRedis.exists("t:again") == 1;
        });
    }

    private void answersHaveABound(Node node, String name) {
        long startNanos = System.nanoTime();
        for (int i = 0; i < 1_000; i++) {
            source.rows.put(name + i, "1");
            assertThat(node.get(name + i)).isEqualTo("1");
        }
        // If each waited, it would be 100 s; the rest is for a machine that has other things to do.
        assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isLessThan(Duration.ofSeconds(20));
    }

    @Test
    void oneKeyIsExplained() {
        var node = new Node(LONG, true);
        source.rows.put("a", "1");
        node.get("a");
        awaitInRedis("a", "json");
        source.rows.put("a", "2");

        var explanation = node.cache.explain("a");

        assertThat(explanation)
                .containsEntry("memoryIsAsTheDatabase", false)
                .containsKeys("memory", "redis", "database", "changesKnown");
        assertThat(String.valueOf(explanation.get("redis"))).contains("\"1\"", "ageMillis", "ttlLeftMillis");
        assertThatThrownBy(() -> node.cache.explain(" ")).isInstanceOf(IllegalArgumentException.class);
    }
}
