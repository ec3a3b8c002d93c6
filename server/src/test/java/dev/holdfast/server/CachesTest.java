package dev.holdfast.server;

import dev.holdfast.local.LocalPostgres;
import dev.holdfast.local.LocalRedis;
import io.lettuce.core.RedisClient;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Two servers on one database and one Redis, as their clients see them. */
@ExtendWith(SharedServer.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CachesTest {
    private static final ConditionFactory AWAIT =
            Awaitility.await().pollInterval(Duration.ofMillis(5)).atMost(Duration.ofSeconds(20));
    private static final AtomicInteger PRODUCTS = new AtomicInteger();

    private final LocalPostgres postgres;
    private final LocalRedis redis = LocalRedis.startTemporary();

    @SuppressWarnings("NullAway.Init")
    private TestServer one;

    @SuppressWarnings("NullAway.Init")
    private TestServer two;

    CachesTest(LocalPostgres postgres) {
        this.postgres = postgres;
    }

    /** With times to live that no test waits for: what is seen sooner was not seen because of them. */
    @BeforeAll
    void start() {
        postgres.createDatabase("caches");
        String[] properties = {
            "--holdfast.redis.url=" + redis.url(), "--holdfast.cache.products.ttl=10m", "--holdfast.cache.pages.ttl=10m"
        };
        one = TestServer.start(postgres, "caches", properties);
        two = TestServer.start(postgres, "caches", properties);
    }

    @AfterAll
    void stop() {
        one.close();
        two.close();
        redis.close();
    }

    private record Made(String id, String sku) {
        String path() {
            return "/v1/products/" + id;
        }

        String list() {
            return "/v1/products?sku=" + sku;
        }
    }

    private Made make() {
        String sku = "C-" + PRODUCTS.incrementAndGet();
        Reply reply = one.postNew("/v1/products", body(sku, 100));
        assertThat(reply.status()).as(reply.text()).isEqualTo(201);
        return new Made(reply.at("/id"), sku);
    }

    private static String body(String sku, long price) {
        return """
                {"name": "Mug", "skus": [{"sku": "%s", "price": {"amountMinor": %d, "currency": "EUR"}}]}""".formatted(sku, price);
    }

    private static void price(TestServer server, Made made, long price) {
        Reply reply = server.put(made.path(), body(made.sku, price), "If-Match", "*");
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
    }

    /** Of the product itself and in the list. */
    private static List<Long> prices(TestServer server, Made made) {
        return List.of(
                server.get(made.path()).number("/skus/0/price/amountMinor"),
                server.get(made.list()).number("/data/0/skus/0/price/amountMinor"));
    }

    @Test
    void anEditIsSeenAtOnceWhereItWasMadeAndSoonElsewhere() {
        Made made = make();
        for (long price = 101; price < 120; price++) {
            prices(one, made);
            prices(two, made);
            price(one, made, price);
            assertThat(prices(one, made)).containsExactly(price, price);
            AWAIT.until(() -> prices(two, made), List.of(price, price)::equals);
        }
    }

    /** Killed, silent, or emptied: an edit is seen at once where it was made, and elsewhere by the database's counter. */
    @ParameterizedTest
    @ValueSource(strings = {"killed", "paused", "flushed"})
    void whateverHappensToRedisAnEditIsSeenSoon(String fate) {
        Made made = make();
        prices(one, made);
        prices(two, made);
        switch (fate) {
            case "killed" -> redis.kill();
            case "paused" -> redis.pause();
            default -> flush();
        }
        try {
            for (long price = 200; price < 203; price++) {
                long wanted = price;
                price(one, made, wanted);
                assertThat(prices(one, made)).containsExactly(wanted, wanted);
                long startNanos = System.nanoTime();
                AWAIT.until(() -> prices(two, made), List.of(wanted, wanted)::equals);
                assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isLessThan(Duration.ofSeconds(5));
            }
        } finally {
            switch (fate) {
                case "killed" -> redis.startAgain();
                case "paused" -> redis.resume();
                default -> flush();
            }
        }
        price(two, made, 300);
        assertThat(prices(two, made)).containsExactly(300L, 300L);
        AWAIT.until(() -> prices(one, made), List.of(300L, 300L)::equals);
    }

    private void flush() {
        var client = RedisClient.create(redis.url());
        try (var connection = client.connect()) {
            connection.sync().flushall();
        } finally {
            client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
        }
    }

    @Test
    void whatIsNewOrDeletedIsSeenToo() {
        String id = "01936f3e-0000-7000-8000-000000000001";
        assertThat(one.get("/v1/products/" + id).status()).isEqualTo(404);
        assertThat(two.get("/v1/products/" + id).status()).isEqualTo(404);
        String element = """
                {"products": [{"id": "%s", "name": "New", "skus": [{"sku": "C-NEW"}]}]}""".formatted(id);
        for (int i = 0; i < 3; i++) { // its version begins at 0 each time
            assertThat(one.put("/v1/products/batch", element).number("/results/0/status"))
                    .isEqualTo(201);
            assertThat(one.get("/v1/products/" + id).status()).isEqualTo(200);
            AWAIT.until(() -> two.get("/v1/products/" + id).status() == 200);
            assertThat(two.send("DELETE", "/v1/products/" + id, null, "If-Match", "*")
                            .status())
                    .isEqualTo(204);
            assertThat(two.get("/v1/products/" + id).status()).isEqualTo(404);
            AWAIT.until(() -> one.get("/v1/products/" + id).status() == 404);
        }
    }

    /** Each reads on his own server, from its cache, and both write: one of them is told what the other one wrote. */
    @Test
    void twoPeopleWhoEditOneProductLoseNothing() throws Exception {
        Made made = make();
        AtomicInteger saved = new AtomicInteger();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var editors = Stream.of(one, two)
                    .map(server -> (Callable<Void>) () -> {
                        for (int i = 0; i < 25; ) {
                            Reply read = server.get(made.path());
                            long price = read.number("/skus/0/price/amountMinor");
                            Reply written =
                                    server.put(made.path(), body(made.sku, price + 1), "If-Match", read.header("ETag"));
                            if (written.status() == 200) {
                                i++;
                                saved.incrementAndGet();
                            } else {
                                assertThat(written.status()).as(written.text()).isEqualTo(412);
                            }
                        }
                        return null;
                    })
                    .toList();
            for (var editor : threads.invokeAll(editors)) {
                editor.get();
            }
        }
        assertThat(saved.get()).isEqualTo(50);
        AWAIT.until(() -> prices(one, made), List.of(150L, 150L)::equals);
        AWAIT.until(() -> prices(two, made), List.of(150L, 150L)::equals);
    }

    @Test
    void anAnswerSaysHowOldItIsAndForHowLongItMayBeKept() {
        Made made = make();
        long price = 0;
        for (String path : List.of(made.path(), made.list())) {
            Reply first = one.get(path);
            assertThat(first.header("Cache-Control")).isEqualTo("public, max-age=600");
            assertThat(Long.parseLong(first.header("Age"))).isBetween(0L, 10L);
            Reply again = one.get(path, "If-None-Match", first.header("ETag"));
            assertThat(again.status()).isEqualTo(304);
            assertThat(again.text()).isEmpty();
            assertThat(again.header("Age")).isNotEmpty();
            price(one, made, ++price);
            assertThat(one.get(path, "If-None-Match", first.header("ETag")).status())
                    .isEqualTo(200);
        }
        AWAIT.until(() -> !one.get(made.path()).header("Age").equals("0"));
        AWAIT.until(() ->
                two.get(made.list()).header("ETag").equals(one.get(made.list()).header("ETag")));
    }

    @Test
    void aListIsCompressedForWhoTakesThat() {
        Made made = make();
        String attributes = IntStream.range(0, 50)
                .mapToObj(i -> "\"size %d\": \"%s\"".formatted(i, "as large as it gets ".repeat(5)))
                .collect(Collectors.joining(", "));
        String large = body(made.sku, 1).replace("\"skus\"", "\"attributes\": {" + attributes + "}, \"skus\"");
        assertThat(one.put(made.path(), large, "If-Match", "*").status()).isEqualTo(200);
        Reply plain = one.get(made.list());
        assertThat(plain.header("Vary")).isEqualTo("Accept-Encoding");
        assertThat(plain.header("Content-Encoding")).isEmpty();

        AWAIT.pollInterval(Duration.ofMillis(1)) // each time availability was read it is another answer
                .until(() -> one.get(made.list(), "Accept-Encoding", "gzip, br"), reply -> {
                    assertThat(reply.header("Vary")).isEqualTo("Accept-Encoding");
                    assertThat(reply.header("ETag")).isEqualTo(plain.header("ETag"));
                    assertThat(reply.json().at("/data")).isEqualTo(plain.json().at("/data"));
                    return reply.header("Content-Encoding").equals("gzip")
                            && Integer.parseInt(reply.header("Content-Length")) < 1_000;
                });
        assertThat(one.get(made.list()).header("Content-Encoding")).isEmpty();
    }

    @Test
    void aListShowsWhatIsAvailableNowHoweverOldItsProductsAre() {
        Made made = make();
        Reply before = one.get(made.list());
        assertThat(before.number("/data/0/skus/0/available")).isZero();
        one.receive(made.sku, "main", 5);
        Reply after = one.get(made.list());
        assertThat(after.number("/data/0/skus/0/available")).isEqualTo(5);
        assertThat(after.header("ETag")).isNotEqualTo(before.header("ETag"));
        assertThat(Instant.parse(after.at("/asOf"))).isBetween(Instant.now().minusSeconds(60), Instant.now());
        AWAIT.until(() -> two.get(made.list()).number("/data/0/skus/0/available") == 5);
    }

    @Test
    void availabilityComesWithItsVersionAndTime() {
        String sku = one.receive(5);
        one.receive(sku, "outlet", 7);
        String path = "/v1/availability?sku=" + sku + "&sku=C-UNKNOWN";

        Reply reply = one.get(path);

        assertThat(reply.number("/0/available")).isEqualTo(12);
        assertThat(reply.number("/0/version")).isEqualTo(2);
        assertThat(reply.at("/1/sku")).isEqualTo("C-UNKNOWN");
        assertThat(reply.number("/1/available")).isZero();
        assertThat(Instant.parse(reply.at("/0/asOf"))).isBetween(Instant.now().minusSeconds(60), Instant.now());
        assertThat(reply.header("ETag")).isEqualTo("\"2\"");
        assertThat(one.get(path, "If-None-Match", "\"2\"").status()).isEqualTo(304);
        for (int i = 3; i < 50; i++) { // committed here: seen here at once
            one.receive(sku, "main", 1);
            assertThat(one.get(path).number("/0/version")).isEqualTo(i);
        }
        AWAIT.until(() -> two.get(path).header("ETag"), "\"49\""::equals);
    }

    @Test
    void whoWaitsIsAnsweredWhenSomethingMoved() throws Exception {
        String sku = one.receive(5);
        String path = "/v1/availability?sku=" + sku + "&since=";
        assertThat(two.get(path + 0).number("/0/available")).isEqualTo(5); // it has moved since
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (TestServer server : List.of(one, two)) {
                String now = one.get("/v1/availability?sku=" + sku).header("ETag");
                AWAIT.until(() -> server.get("/v1/availability?sku=" + sku).header("ETag"), now::equals);
                String version = now.replace("\"", "");
                var waiting = threads.submit(() -> server.get(path + version));
                Awaitility.await().until(() -> waited(server) > 0);
                assertThat(waiting.isDone()).isFalse();
                one.receive(sku, "main", 1);
                assertThat(waiting.get().number("/0/version")).isEqualTo(Long.parseLong(version) + 1);
            }
        }
        Reply unmoved = two.get(path + 99, "Prefer", "wait=1");
        assertThat(unmoved.status()).isEqualTo(304);
        assertThat(one.get(path + "x").code()).isEqualTo("invalid-request");
    }

    private static long waited(TestServer server) {
        return server.get("/actuator/readcaches").number("/availability/watched");
    }

    /** Hundreds wait, and the pool has 16 connections: they wait without any. */
    @Test
    void thoseWhoWaitKeepNobodyElseWaiting() throws Exception {
        String sku = one.receive(5);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Reply>> waiting = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                waiting.add(() -> one.get("/v1/availability?sku=" + sku + "&since=1"));
            }
            var answers = waiting.stream().map(threads::submit).toList();
            Awaitility.await().until(() -> waited(one) > 0);
            for (int i = 0; i < 50; i++) {
                assertThat(one.get("/v1/stock/" + sku).status()).isEqualTo(200);
            }
            one.receive(sku, "main", 1);
            for (var answer : answers) {
                assertThat(answer.get().number("/0/available")).isEqualTo(6);
            }
        }
    }

    @Test
    void isItTheCache() throws Exception {
        Made made = make();
        price(one, made, 5);
        assertThat(prices(one, made)).containsExactly(5L, 5L);
        String explain = "/actuator/readcaches/products?key=" + made.id;
        assertThat(one.get(explain).at("/memoryIsAsTheDatabase")).isEqualTo("true");

        try (var connection =
                        DriverManager.getConnection(postgres.jdbcUrl("caches"), postgres.user(), postgres.password());
                var statement = connection.createStatement()) { // past the server: nobody is told
            statement.execute("UPDATE product_sku SET amount_minor = 6 WHERE sku = '" + made.sku + "'");
        }
        Reply wrong = one.get(explain);
        assertThat(wrong.at("/memoryIsAsTheDatabase")).isEqualTo("false");
        assertThat(wrong.number("/memory/value/skus/0/price/amountMinor")).isEqualTo(5);
        assertThat(wrong.number("/database/skus/0/price/amountMinor")).isEqualTo(6);
        assertThat(wrong.number("/memory/ttlLeftMillis")).isPositive();
        assertThat(prices(one, made)).containsExactly(5L, 5L);

        assertThat(one.send("DELETE", explain, null).status()).isEqualTo(204);
        assertThat(prices(one, made)).containsExactly(6L, 6L);
        AWAIT.until(() -> prices(two, made), List.of(6L, 6L)::equals);

        assertThat(one.send("DELETE", "/actuator/readcaches/pages", null).status())
                .isEqualTo(204);
        assertThat(one.send("DELETE", "/actuator/readcaches", null).status()).isEqualTo(204);
        Reply all = one.get("/actuator/readcaches");
        assertThat(all.json().propertyNames()).containsExactlyInAnyOrder("products", "pages", "availability");
        assertThat(one.get("/actuator/readcaches/pages?key=sku=" + made.sku + "%26limit=50")
                        .status())
                .isEqualTo(200);
        assertThat(one.get("/actuator/readcaches/availability?key=" + made.sku).at("/database/available"))
                .isEqualTo("0");
    }

    @Test
    void aWrongNameIsToldSo() {
        Reply noCache = one.get("/actuator/readcaches/nope");
        assertThat(noCache.status()).isEqualTo(404);
        assertThat(noCache.text()).contains("products", "pages", "availability");
        for (String bad : List.of("products?key=nope", "pages?key=nope", "pages?key=limit=50%26cursor=x")) {
            assertThat(one.get("/actuator/readcaches/" + bad).code()).isEqualTo("invalid-request");
            assertThat(one.send("DELETE", "/actuator/readcaches/" + bad, null).status())
                    .isEqualTo(400);
        }
    }

    @Test
    void metersTellOfCaches() {
        prices(one, make());
        assertThat(one.get("/actuator/prometheus").text())
                .contains("holdfast_cache_hits_total{cache=\"products\"}")
                .contains("holdfast_cache_misses_total{cache=\"pages\"}")
                .contains("holdfast_cache_evictions_total{")
                .contains("holdfast_cache_reads_seconds_count{")
                .contains("holdfast_cache_age_seconds_max{")
                .contains("holdfast_cache_changes_total{how=\"missed\"}")
                .contains("holdfast_cache_redis_breaker_open")
                .contains("holdfast_availability_age_seconds_max");
    }
}
