package dev.holdfast.server;

import dev.holdfast.engine.Command.Ship;
import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.engine.Level;
import dev.holdfast.engine.Line;
import dev.holdfast.engine.Outcome;
import dev.holdfast.local.LocalPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static dev.holdfast.server.TestOrders.line;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** Several nodes at one order, and one that is killed between stock and order. */
@ExtendWith(SharedServer.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class OrderNodesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String DATABASE = "order_nodes";

    private final LocalPostgres postgres;
    private final TestServer node;
    private final TestServer other;
    private final TestOrders orders;

    private final List<Process> started = new ArrayList<>();

    @TempDir
    private Path directory;

    OrderNodesTest(LocalPostgres postgres) {
        this.postgres = postgres;
        postgres.createDatabase(DATABASE);
        this.node = TestServer.start(postgres, DATABASE);
        this.other = TestServer.start(postgres, DATABASE);
        this.orders = new TestOrders(node);
    }

    @AfterAll
    void stop() {
        started.forEach(Process::destroyForcibly);
        other.close();
        node.close();
    }

    private static String lines(String sku, long quantity) {
        return "{\"lines\": [{\"sku\": \"" + sku + "\", \"quantity\": " + quantity + "}]}";
    }

    private static <T> List<T> together(List<Callable<T>> calls) throws Exception {
        List<T> answers = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<T> answer : threads.invokeAll(calls)) {
                answers.add(answer.get());
            }
        }
        return answers;
    }

    private Connection connection() throws SQLException {
        return DriverManager.getConnection(postgres.jdbcUrl(DATABASE), postgres.user(), postgres.password());
    }

    private long count(String sql) {
        try (var connection = connection();
                var rows = connection.createStatement().executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private long onItsWay() {
        return count("SELECT count(*) FROM customer_order WHERE intent IS NOT NULL");
    }

    private void assertBooksAreRight() {
        assertThat(node.get("/v1/invariants").at("/ok")).isEqualTo("true");
        assertThat(onItsWay()).isZero();
        assertThat(count("SELECT count(*) FROM (SELECT order_id FROM order_event GROUP BY order_id"
                        + " HAVING count(*) <> max(number)) gaps"))
                .isZero();
    }

    /** Of 20 units 40 requests would ship one and 40 would cancel one: 20 of them do. */
    @Test
    void twoNodesDoEachUnitOnce() throws Exception {
        String sku = node.receive(20);
        String order = orders.paid(line(sku, 20, 100));
        List<Callable<Reply>> calls = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            TestServer server = i % 2 == 0 ? node : other;
            calls.add(() -> server.postNew(order + "/ship", lines(sku, 1)));
            calls.add(() -> server.postNew(order + "/cancel", lines(sku, 1)));
        }

        List<Reply> answers = together(calls);

        assertThat(answers).filteredOn(answer -> answer.status() == 200).hasSize(20);
        assertThat(answers)
                .filteredOn(answer -> answer.status() == 409)
                .hasSize(60)
                .allMatch(answer -> answer.code().equals("order-state"));
        Reply seen = node.get(order);
        long shipped = seen.number("/lines/0/shipped");
        assertThat(shipped + seen.number("/lines/0/cancelled")).isEqualTo(20);
        assertThat(seen.number("/version")).isEqualTo(22);
        Level level = node.level(sku);
        assertThat(level.onHand()).isEqualTo(20 - shipped);
        assertThat(level.allocated()).isZero();
        assertBooksAreRight();
    }

    /** A unit comes at a time; ten parcels, each asked for on both nodes with one key until it is sent. */
    @Test
    void whatIsRefusedHereAndDoneThereIsDoneOnce() throws Exception {
        String sku = node.receive(10);
        String order = orders.paid(line(sku, 10, 100));
        node.post("/v1/stock/counts", "{\"sku\": \"" + sku + "\", \"counted\": 0}");
        List<Callable<Boolean>> calls = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            String key = TestServer.newKey();
            for (TestServer server : List.of(node, other)) {
                calls.add(() -> {
                    Reply reply;
                    do {
                        reply = server.post(order + "/ship", lines(sku, 1), "Idempotency-Key", key);
                    } while (reply.code().equals("insufficient-stock"));
                    return reply.status() == 200;
                });
            }
            calls.add(() -> {
                node.receive(sku, "main", 1);
                return true;
            });
        }

        assertThat(together(calls)).containsOnly(true);

        assertThat(node.get(order).at("/state")).isEqualTo("SHIPPED");
        assertThat(node.get(order).number("/version")).as("ten parcels").isEqualTo(12);
        assertThat(node.level(sku).onHand()).isZero();
        assertThat(node.level(sku).allocated()).isZero();
        assertBooksAreRight();
    }

    /** Somebody who was carrying it out, and wakes up when there is stock again, moves nothing. */
    @Test
    void whatWasTakenBackIsCarriedOutByNobody() throws Exception {
        String sku = node.receive(1);
        var placed = orders.of(TestOrders.payment(100), line(sku, 1, 100));
        String order = orders.placed(placed);
        node.post("/v1/stock/counts", "{\"sku\": \"" + sku + "\", \"counted\": 0}");
        String intent;
        Reply reply;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                var lock = lock("stock_level", "sku = '" + sku + "'")) {
            Future<Reply> answer = threads.submit(() -> node.postNew(order + "/ship", "{}"));
            await().atMost(PATIENCE).until(() -> onItsWay() == 1);
            intent = text("SELECT intent ->> 'id' FROM customer_order WHERE id = '" + placed.id() + "'");
            lock.rollback();
            reply = answer.get();
        }
        assertThat(reply.code()).isEqualTo("insufficient-stock");
        node.receive(sku, "main", 1);

        var late = new Ship(IdempotencyKey.of("order", intent + "/0"), placed.holdId(), List.of(Line.of(sku, 1)));

        assertThat(node.engine().execute(late)).isInstanceOf(Outcome.KeyReused.class);
        assertThat(node.level(sku).allocated()).isEqualTo(1);
        assertThat(node.postNew(order + "/ship", "{}").at("/state")).isEqualTo("SHIPPED");
        assertBooksAreRight();
    }

    /** What is written to an order is done, also if the engine has no place for it now; nobody is told that nothing was done. */
    @Test
    void whatTheEngineHasNoPlaceForIsDoneLater() throws Exception {
        String sku = node.receive(10);
        String order = orders.paid(line(sku, 1, 100));
        String key = TestServer.newKey();
        try (var full = TestServer.start(postgres, DATABASE, "--holdfast.engine.queue-max=1")) {
            List<Future<Reply>> waiting = new ArrayList<>();
            try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                    var lock = lock("stock_level", "sku = '" + sku + "'")) {
                for (int i = 0; i < 20; i++) {
                    waiting.add(threads.submit(() -> full.postNew("/v1/holds", lines(sku, 1))));
                }
                await().atMost(PATIENCE).until(() -> waiting.stream().anyMatch(Future::isDone)); // refused: it is full

                Reply reply = full.post(order + "/ship", "{}", "Idempotency-Key", key);

                assertThat(reply.code()).as(reply.text()).isEqualTo("unavailable");
                lock.rollback();
            }
            await().atMost(PATIENCE).until(() -> node.get(order).at("/state").equals("SHIPPED"));
            Reply again = full.post(order + "/ship", "{}", "Idempotency-Key", key);
            assertThat(again.status()).as(again.text()).isEqualTo(200);
            assertThat(again.number("/lines/0/shipped")).isEqualTo(1);
            assertBooksAreRight();
        }
    }

    private String text(String sql) throws SQLException {
        try (var connection = connection();
                var rows = connection.createStatement().executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    /** Rows locked until the connection's transaction ends. */
    private Connection lock(String table, String where) throws SQLException {
        Connection connection = connection();
        connection.setAutoCommit(false);
        connection.createStatement().execute("SELECT FROM " + table + " WHERE " + where + " FOR UPDATE");
        return connection;
    }

    /** Two of five units, on their way to what they are after it. */
    private record Sent(String act, String sku, String order, String state, long onHand) {}

    private Sent sent(String act, String state, long onHand) {
        String sku = node.receive(5);
        return new Sent(act, sku, orders.paid(line(sku, 2, 100)), state, onHand);
    }

    /** A node of its own process is killed with a parcel, a cancellation and a return on their way; the others finish them. */
    @ParameterizedTest
    @ValueSource(strings = {"before stock is moved", "between stock and order"})
    void whatAKilledNodeBeganIsFinishedOnce(String moment) throws Exception {
        var parcel = sent("ship", "SHIPPED", 3);
        var cancellation = sent("cancel", "REFUND_PENDING", 5);
        var comingBack = sent("return", "REFUND_PENDING", 5);
        node.postNew(comingBack.order + "/ship", "{}");
        List<Sent> all = List.of(parcel, cancellation, comingBack);
        String skus = String.join("', '", parcel.sku, cancellation.sku, comingBack.sku);
        String key = TestServer.newKey();
        int port = freePort();
        Process killed = start(port);
        List<Future<?>> unanswered = new ArrayList<>();
        try (var client = HttpClient.newHttpClient();
                var stocks = lock("stock_level", "sku IN ('" + skus + "')")) {
            for (Sent sent : all) {
                var request =
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + sent.order + "/" + sent.act));
                request.header("Idempotency-Key", key).header("Holdfast-Actor", "the killed one");
                request.POST(BodyPublishers.noBody());
                unanswered.add(client.sendAsync(request.build(), BodyHandlers.ofString()));
            }
            await().atMost(PATIENCE).until(() -> onItsWay() == 3);
            try (var rows = lock("customer_order", "intent IS NOT NULL")) {
                if (moment.equals("between stock and order")) {
                    stocks.rollback();
                    await().atMost(PATIENCE).until(() -> isMoved(all));
                }
                assertThat(onItsWay()).isEqualTo(3);
                killed.destroyForcibly().waitFor(); // SIGKILL
                rows.rollback();
            }
            stocks.rollback();
            for (Future<?> answer : unanswered) {
                assertThatThrownBy(answer::get).hasCauseInstanceOf(IOException.class);
            }
        }

        await().atMost(PATIENCE).until(() -> onItsWay() == 0);

        assertThat(isMoved(all)).isTrue();
        for (Sent sent : all) {
            assertThat(node.get(sent.order).at("/state")).isEqualTo(sent.state);
            assertThat(node.get(sent.order + "/events").text()).contains("\"actor\":\"the killed one\"");
            Reply again = other.post(sent.order + "/" + sent.act, "{}", "Idempotency-Key", key);
            assertThat(again.status()).as(again.text()).isEqualTo(200);
            assertThat(again.header("Idempotent-Replayed")).isEqualTo("true");
        }
        assertThat(isMoved(all)).isTrue();
        assertBooksAreRight();
    }

    private boolean isMoved(List<Sent> all) {
        return all.stream()
                .allMatch(sent -> node.level(sent.sku).onHand() == sent.onHand
                        && node.level(sent.sku).allocated() == 0);
    }

    private static int freePort() throws IOException {
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private Process start(int port) throws IOException {
        var builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        HoldfastServer.class.getName(),
                        "--server.port=" + port,
                        "--server.address=127.0.0.1",
                        "--holdfast.database.url=" + postgres.jdbcUrl(DATABASE),
                        "--holdfast.database.user=" + postgres.user(),
                        "--holdfast.database.password=" + postgres.password())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("killed.out").toFile());
        builder.environment().keySet().removeIf(variable -> variable.startsWith("HOLDFAST_"));
        Process process = builder.start();
        started.add(process);
        await().atMost(PATIENCE).until(() -> isReady(port) || !process.isAlive());
        return process;
    }

    private static boolean isReady(int port) throws InterruptedException {
        try (var client = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/actuator/health/readiness"));
            return client.send(request.build(), BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }
}
