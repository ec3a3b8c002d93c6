package dev.holdfast.server;

import dev.holdfast.engine.Hold;
import dev.holdfast.engine.StockEngine;
import dev.holdfast.local.LocalPostgres;
import java.io.UncheckedIOException;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.postgresql.ds.PGSimpleDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** Things end: the database, the server. On a database server of its own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class OutageTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private LocalPostgres postgres;

    @BeforeAll
    void start() {
        postgres = LocalPostgres.startTemporary();
    }

    @AfterAll
    void stop() {
        postgres.close();
    }

    private TestServer server(String database, String... more) {
        postgres.createDatabase(database);
        return TestServer.start(postgres, database, more);
    }

    private static String hold(String sku) {
        return "{\"lines\": [{\"sku\": \"" + sku + "\", \"quantity\": 1}]}";
    }

    @Test
    void withoutItsDatabaseTheServerSaysLaterAndComesBackByItself() {
        try (TestServer server = server(
                "outage", "--holdfast.engine.database-wait=500ms", "--holdfast.database.connection-wait=500ms")) {
            String sku = server.receive(10);
            String before = server.postNew("/v1/holds", hold(sku)).at("/id");
            String key = TestServer.newKey();

            postgres.kill();
            try {
                assertSaysLater(server, sku, key);
            } finally {
                postgres.startAgain();
            }
            await().atMost(PATIENCE)
                    .until(() -> server.get("/actuator/health/readiness").status() == 200);
            await().atMost(PATIENCE)
                    .until(() -> server.post("/v1/holds", hold(sku), "Idempotency-Key", key)
                                    .status()
                            == 201);
            assertThat(server.get("/v1/holds/" + before).at("/state")).isEqualTo("ACTIVE");
            assertThat(server.level(sku).held()).isEqualTo(2);
            assertThat(server.get("/v1/invariants").at("/ok")).isEqualTo("true");
        }
    }

    /** What is known is shown, with the time of that; what is not is not made up. */
    @Test
    void withoutItsDatabaseTheServerShowsWhatItKnowsAndSaysSinceWhen() {
        try (TestServer server = server(
                "stale",
                "--holdfast.database.connection-wait=300ms",
                "--holdfast.cache.products.ttl=10m",
                "--holdfast.cache.pages.ttl=10m")) {
            String sku = server.receive(10);
            String product = "/v1/products/"
                    + server.postNew("/v1/products", "{\"name\": \"Mug\", \"skus\": [{\"sku\": \"" + sku + "\"}]}")
                            .at("/id");
            String availability = "/v1/availability?sku=" + sku;
            server.get(product);
            server.get("/v1/products");
            assertThat(server.get(availability).number("/0/available")).isEqualTo(10);

            Instant killed = Instant.now();
            postgres.kill();
            try {
                await().until(() -> server.get("/actuator/readcaches")
                                .at("/availability/databaseAnswers")
                                .equals("false")
                        || server.get(availability).status() != 200);
                Reply reply = server.get(availability);
                assertThat(reply.number("/0/available")).isEqualTo(10);
                assertThat(Instant.parse(reply.at("/0/asOf"))).isBeforeOrEqualTo(killed);
                assertThat(Instant.parse(server.get("/v1/products").at("/asOf")))
                        .isBeforeOrEqualTo(killed);
                assertThat(server.get(product).status()).isEqualTo(200);
                assertThat(server.get("/v1/availability?sku=NEVER-ASKED").code())
                        .isEqualTo("unavailable");
                assertThat(server.get("/v1/products/" + UUID.randomUUID()).code())
                        .isEqualTo("unavailable");
            } finally {
                postgres.startAgain();
            }
            await().atMost(PATIENCE)
                    .until(() -> Instant.parse(server.get(availability).at("/0/asOf"))
                            .isAfter(killed));
        }
    }

    /** The pool has three connections: the lane's, one for the check, and one for everybody else. */
    @Test
    void manyChecksAtOnceTakeOneConnection() throws Exception {
        try (TestServer server = server("checks", "--holdfast.database.pool-max=3");
                var threads = Executors.newVirtualThreadPerTaskExecutor();
                var connection =
                        DriverManager.getConnection(postgres.jdbcUrl("checks"), postgres.user(), postgres.password());
                var lock = connection.createStatement()) {
            connection.setAutoCommit(false);
            lock.execute("LOCK TABLE idempotency_entry, hold");
            List<Future<Reply>> checks = new ArrayList<>();
            for (int i = 0; i < 15; i++) {
                checks.add(threads.submit(() -> server.get("/v1/invariants")));
            }
            for (int i = 0; i < 20; i++) {
                assertThat(server.get("/v1/availability?sku=A").status()).isEqualTo(200);
            }
            connection.rollback();
            for (Future<Reply> check : checks) {
                assertThat(check.get().at("/ok")).isEqualTo("true");
            }
        }
    }

    private static void assertSaysLater(TestServer server, String sku, String key) {
        Reply write = server.post("/v1/holds", hold(sku), "Idempotency-Key", key);
        Reply batch = server.post(
                "/v1/holds/batch",
                "{\"holds\": [{\"idempotencyKey\": \"a\", \"lines\": [{\"sku\": \"" + sku + "\", \"quantity\": 1}]}]}");
        Reply read = server.get("/v1/stock/" + sku);

        for (Reply reply : List.of(write, batch, read)) {
            assertThat(reply.status()).as(reply.text()).isEqualTo(503);
            assertThat(reply.code()).isEqualTo("unavailable");
            assertThat(reply.at("/retryable")).isEqualTo("true");
            assertThat(reply.header("Retry-After")).isEqualTo("1");
        }
        assertThat(server.get("/actuator/health/readiness").status()).isEqualTo(503);
        assertThat(server.get("/actuator/health/liveness").status()).isEqualTo(200);
    }

    @Test
    void stoppingFinishesWhatWasAskedAndLosesNothing() throws Exception {
        TestServer server = server("stop");
        String sku = server.receive(1_000);
        var underWay = new CountDownLatch(50);
        List<Callable<String>> buyers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            buyers.add(() -> {
                var answers = new StringBuilder();
                try {
                    while (true) {
                        Reply reply = server.postNew("/v1/holds", hold(sku));
                        if (reply.status() != 201) {
                            return answers + " " + reply.status() + reply.code();
                        }
                        answers.append(' ').append(reply.at("/id"));
                        underWay.countDown();
                    }
                } catch (UncheckedIOException e) {
                    return answers + " gone";
                }
            });
        }
        List<UUID> acknowledged = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> running = buyers.stream().map(threads::submit).toList();
            underWay.await();
            server.closeContext();
            for (Future<String> buyer : running) {
                for (String answer : buyer.get().strip().split(" ", -1)) {
                    if (answer.length() == 36) {
                        acknowledged.add(UUID.fromString(answer));
                    } else {
                        assertThat(answer).isIn("gone", "503shutting-down", "409insufficient-stock");
                    }
                }
            }
        }

        var dataSource = new PGSimpleDataSource();
        dataSource.setUrl(postgres.jdbcUrl("stop"));
        dataSource.setUser(postgres.user());
        dataSource.setPassword(postgres.password());
        try (var engine = StockEngine.open(dataSource)) {
            assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(50);
            assertThat(acknowledged)
                    .allMatch(id -> engine.hold(id).map(Hold::state).equals(java.util.Optional.of(Hold.State.ACTIVE)));
            assertThat(engine.levels(new dev.holdfast.engine.Sku(sku))
                            .getFirst()
                            .held())
                    .as("every hold there is was answered")
                    .isEqualTo(acknowledged.size());
            assertThat(engine.invariants()).allMatch(invariant -> invariant.ok());
        }
    }

    @Test
    void oneStockCannotCountMoreThanItsLimit() throws SQLException {
        try (TestServer server = server("limit")) {
            String sku = server.receive(1);
            // A million receipts would do it; one statement does it faster.
            try (var connection = DriverManager.getConnection(
                            postgres.jdbcUrl("limit"), postgres.user(), postgres.password());
                    var statement = connection.createStatement()) {
                statement.execute("UPDATE stock_level SET on_hand = 1000000000000000");
            }

            Reply receipt = server.postNew("/v1/stock/receipts", "{\"sku\": \"" + sku + "\", \"quantity\": 1}");
            Reply adjustment = server.post(
                    "/v1/stock/adjustments", "{\"sku\": \"" + sku + "\", \"delta\": 1, \"reason\": \"found\"}");

            for (Reply reply : List.of(receipt, adjustment)) {
                assertThat(reply.status()).as(reply.text()).isEqualTo(409);
                assertThat(reply.code()).isEqualTo("stock-limit-exceeded");
            }
            Reply books = server.get("/v1/invariants");
            assertThat(books.status()).isEqualTo(200);
            assertThat(books.at("/ok")).isEqualTo("false");
            assertThat(books.json().at("/checks").values().stream()
                            .filter(check -> !check.path("ok").booleanValue())
                            .findAny()
                            .orElseThrow()
                            .path("violations")
                            .isEmpty())
                    .isFalse();
        }
    }

    @Test
    void aFullQueueIsOverload() throws Exception {
        try (TestServer server = server("overload", "--holdfast.engine.queue-max=1")) {
            String sku = server.receive(1_000);
            List<Callable<Reply>> buyers = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                buyers.add(() -> server.postNew("/v1/holds", hold(sku)));
            }
            List<Reply> answers = new ArrayList<>();
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (Future<Reply> answer : threads.invokeAll(buyers)) {
                    answers.add(answer.get());
                }
            }

            List<Reply> refused =
                    answers.stream().filter(answer -> answer.status() != 201).toList();
            assertThat(refused).isNotEmpty().allSatisfy(reply -> {
                assertThat(reply.status()).isEqualTo(503);
                assertThat(reply.code()).isEqualTo("overloaded");
                assertThat(reply.header("Retry-After")).isEqualTo("1");
            });
            assertThat(server.level(sku).held()).isEqualTo(200 - refused.size());
        }
    }

    @Test
    void aServerWithoutItsDatabaseWaitsAndThenGivesUp() {
        assertThatThrownBy(() -> HoldfastServer.application()
                        .run(
                                "--server.port=0",
                                "--logging.structured.format.console=",
                                "--holdfast.database.url=jdbc:postgresql://127.0.0.1:9/none",
                                "--holdfast.database.connection-wait=300ms",
                                "--holdfast.database.start-wait=1s"))
                .hasRootCauseInstanceOf(java.net.ConnectException.class)
                .hasStackTraceContaining("did not answer within 1 s");
    }

    @Test
    void aWrongPasswordIsNotWaitedFor() {
        assertThatThrownBy(() -> HoldfastServer.application()
                        .run(
                                "--server.port=0",
                                "--logging.structured.format.console=",
                                "--holdfast.database.url=" + postgres.jdbcUrl(),
                                "--holdfast.database.user=" + postgres.user(),
                                "--holdfast.database.password=wrong",
                                "--holdfast.database.connection-wait=300ms"))
                .hasStackTraceContaining("refuses this server");
    }

    @Test
    void aServerWithoutAnyDatabaseSaysWhatToSet() {
        assertThatThrownBy(() ->
                        HoldfastServer.application().run("--server.port=0", "--logging.structured.format.console="))
                .hasStackTraceContaining("No database is configured");
    }
}
