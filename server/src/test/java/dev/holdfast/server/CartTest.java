package dev.holdfast.server;

import dev.holdfast.engine.Command.ConfirmHold;
import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.engine.Line;
import dev.holdfast.engine.Outcome;
import dev.holdfast.local.LocalPostgres;
import dev.holdfast.server.CatalogueListTest.Watched;
import dev.holdfast.server.cart.Carts;
import dev.holdfast.server.cart.Carts.NotReady;
import dev.holdfast.server.cart.Carts.Ready;
import dev.holdfast.server.catalog.ForSale;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static dev.holdfast.server.TestServer.newKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Carts on two nodes that hold early, one that holds at checkout, and one whose holds are short. */
@ExtendWith(SharedServer.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CartTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String DATABASE = "carts";

    private final LocalPostgres postgres;
    private final TestServer node;
    private final TestServer other;
    private final TestServer late;
    private final TestServer brief;

    CartTest(LocalPostgres postgres) {
        this.postgres = postgres;
        postgres.createDatabase(DATABASE);
        this.node = TestServer.start(List.of(Watched.class), postgres, DATABASE, "--holdfast.cart.hold=on-add");
        this.other = TestServer.start(postgres, DATABASE, "--holdfast.cart.hold=on-add");
        this.late = TestServer.start(postgres, DATABASE);
        this.brief = TestServer.start(
                postgres,
                DATABASE,
                "--holdfast.cart.hold=on-add",
                "--holdfast.cart.hold-ttl=1s",
                "--holdfast.cart.ttl=1h");
    }

    @AfterEach
    void booksAreRight() {
        assertThat(node.get("/v1/invariants").at("/ok")).isEqualTo("true");
    }

    @AfterAll
    void stop() {
        List.of(brief, late, other, node).forEach(TestServer::close);
    }

    private static String status(Reply reply) {
        return (reply.status() + " " + reply.code()).strip();
    }

    private static Reply ok(Reply reply) {
        assertThat(reply.status()).as(reply.text()).isIn(200, 201);
        return reply;
    }

    private String cart() {
        return "/v1/carts/"
                + ok(node.postNew("/v1/carts", "{\"channel\": \"web\"}")).at("/id");
    }

    private static UUID id(String cart) {
        return UUID.fromString(cart.substring("/v1/carts/".length()));
    }

    private static Reply set(TestServer server, String cart, String sku, long quantity, String... headers) {
        return server.put(cart + "/lines/" + sku, "{\"quantity\": " + quantity + "}", headers);
    }

    private static Reply remove(TestServer server, String cart, String sku) {
        return server.send("DELETE", cart + "/lines/" + sku, null);
    }

    /** A product for sale, and every node knows. */
    private String product(String sku, long amountMinor, String currency) {
        String product = "/v1/products/"
                + ok(node.postNew("/v1/products", body(sku, amountMinor, currency)))
                        .at("/id");
        ok(node.send("POST", product + "/activate", null));
        for (TestServer server : List.of(node, other, late, brief)) {
            await().atMost(PATIENCE)
                    .until(() -> server.bean(ForSale.class).refusal(List.of(Line.of(sku, 1)), null) == null);
        }
        return product;
    }

    private void reprice(String product, String sku, long amountMinor, String currency) {
        ok(node.put(product, body(sku, amountMinor, currency), "If-Match", "*"));
    }

    private static String body(String sku, long amountMinor, String currency) {
        return """
                {"name": "Mug", "skus": [{"sku": "%s", "price": {"amountMinor": %d, "currency": "%s"}}]}""".formatted(sku, amountMinor, currency);
    }

    private Connection connection() throws SQLException {
        return DriverManager.getConnection(postgres.jdbcUrl(DATABASE), postgres.user(), postgres.password());
    }

    private long count(String sql) throws SQLException {
        try (var connection = connection();
                var rows = connection.createStatement().executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private long held(String sku) {
        return node.level(sku).held();
    }

    private Ready ready(TestServer server, String cart) {
        return (Ready) server.bean(Carts.class).forCheckout(id(cart), null);
    }

    private String notReady(TestServer server, String cart) {
        return ((NotReady) server.bean(Carts.class).forCheckout(id(cart), null))
                .problem()
                .code()
                .code();
    }

    private boolean confirm(UUID hold) {
        return node.engine().execute(ConfirmHold.of(hold)) instanceof Outcome.Changed;
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

    @Test
    void aLineShowsThePriceNowAndWhenItWasPutIn() {
        String sku = node.receive(10);
        String product = product(sku, 1299, "EUR");
        String cart = cart();
        Reply put = ok(set(node, cart, sku, 2));
        assertThat(put.at("/lines/0/priceChanged")).isEqualTo("false");
        assertThat(put.header("ETag")).isEqualTo("\"2\"");

        reprice(product, sku, 1499, "EUR");

        Reply moved = ok(other.get(cart));
        assertThat(moved.number("/lines/0/price/amountMinor")).isEqualTo(1499);
        assertThat(moved.number("/lines/0/priceWhenAdded/amountMinor")).isEqualTo(1299);
        assertThat(moved.at("/lines/0/priceChanged")).isEqualTo("true");
        assertThat(ready(node, cart).lines().getFirst().isPriceChanged()).isTrue();
        Reply seen = ok(set(node, cart, sku, 2));
        assertThat(seen.at("/lines/0/priceChanged")).isEqualTo("false");
        assertThat(ready(node, cart).lines().getFirst().isPriceChanged()).isFalse();
    }

    @Test
    void theLastUnitStaysWithItsBuyer() {
        String sku = node.receive(1);
        String more = node.receive(5);
        String cart = cart();
        ok(set(node, cart, sku, 1));

        ok(set(node, cart, sku, 1));
        Reply both = ok(set(other, cart, more, 3));
        Reply tooMany = set(node, cart, sku, 2);

        assertThat(status(tooMany)).isEqualTo("409 insufficient-stock");
        assertThat(tooMany.number("/lines/0/available")).isEqualTo(1);
        assertThat(tooMany.number("/lines/0/heldByOthers")).isZero();
        assertThat(ok(node.get(cart)).at("/heldUntil")).isEqualTo(both.at("/heldUntil"));
        assertThat(held(sku)).isEqualTo(1);
        assertThat(held(more)).isEqualTo(3);

        ok(remove(node, cart, sku));
        assertThat(held(sku)).isZero();
        assertThat(held(more)).isEqualTo(3);
        Reply empty = ok(node.put(cart + "/lines", "{\"lines\": []}"));
        assertThat(empty.at("/heldUntil")).isEmpty();
        assertThat(held(more)).isZero();
    }

    @Test
    void ofTwoTabsThatHaveSeenTheSameOneMayChangeIt() throws Exception {
        String sku = node.receive(100);
        for (int round = 0; round < 5; round++) {
            String cart = cart();
            long before = held(sku);
            List<Callable<Reply>> tabs = new ArrayList<>();
            for (int i = 1; i <= 6; i++) {
                int quantity = i;
                TestServer server = i % 2 == 0 ? node : other;
                tabs.add(() -> set(server, cart, sku, quantity, "If-Match", "\"1\""));
            }

            List<Reply> answers = together(tabs);

            assertThat(answers).filteredOn(reply -> reply.status() == 200).hasSize(1);
            assertThat(answers)
                    .filteredOn(reply -> reply.status() != 200)
                    .allMatch(reply -> status(reply).equals("412 version-changed"));
            Reply seen = ok(node.get(cart));
            assertThat(held(sku) - before).isEqualTo(seen.number("/lines/0/quantity"));
            assertThat(seen.header("ETag")).isEqualTo("\"2\"");
        }
    }

    @Test
    void withoutAVersionTheLaterTabCounts() throws Exception {
        String sku = node.receive(10);
        String cart = cart();
        for (int round = 0; round < 10; round++) {
            List<Reply> answers = together(List.of(
                    () -> set(node, cart, sku, 7), () -> set(other, cart, sku, 9), () -> remove(other, cart, sku)));

            assertThat(answers).allMatch(reply -> reply.status() == 200);
            long quantity = 0;
            for (var line : ok(node.get(cart)).json().at("/lines").values()) {
                quantity += line.path("quantity").longValue();
            }
            assertThat(held(sku)).isEqualTo(quantity);
        }
    }

    /** The engine has decided, and the connection is cut while the row is being written. */
    @ParameterizedTest
    @ValueSource(strings = {"a look", "the same again", "another change", "checkout"})
    void whatNobodyHadTimeToWriteDownIsFound(String next) throws Exception {
        String sku = node.receive(5);
        product(sku, 100, "EUR");
        String cart = cart();
        ok(set(node, cart, sku, 1));
        String key = newKey();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                var lock = connection()) {
            lock.setAutoCommit(false);
            lock.createStatement().execute("SELECT FROM cart WHERE id = '" + id(cart) + "' FOR UPDATE");
            Future<Reply> answer =
                    threads.submit(() -> set(node, cart, sku, 4, "Idempotency-Key", key, "If-Match", "\"2\""));
            await().atMost(PATIENCE)
                    .until(() -> count("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                                    + " WHERE datname = '" + DATABASE + "' AND wait_event_type = 'Lock'"
                                    + " AND query LIKE 'UPDATE cart %'")
                            == 1);
            assertThat(status(answer.get())).isEqualTo("503 unavailable");
            lock.rollback();
        }
        assertThat(held(sku)).isEqualTo(4);

        switch (next) {
            case "a look" -> assertThat(ok(other.get(cart)).at("/heldUntil")).isNotEmpty();
            case "the same again" -> {
                Reply again = ok(set(other, cart, sku, 4, "Idempotency-Key", key, "If-Match", "\"2\""));
                assertThat(again.at("/heldUntil")).isNotEmpty();
            }
            case "another change" -> {
                assertThat(status(set(other, cart, sku, 5, "If-Match", "\"2\"")))
                        .isEqualTo("412 version-changed");
                ok(set(other, cart, sku, 5, "If-Match", "\"3\""));
                ok(set(other, cart, sku, 4));
            }
            default -> assertThat(ready(other, cart).version()).isEqualTo(3);
        }

        Reply seen = ok(node.get(cart));
        assertThat(seen.number("/lines/0/quantity")).isEqualTo(4);
        assertThat(seen.number("/lines/0/priceWhenAdded/amountMinor")).isEqualTo(100);
        assertThat(held(sku)).isEqualTo(4);
        ok(remove(node, cart, sku));
        assertThat(held(sku)).isZero();
    }

    @Test
    void aHoldThatEndedIsPlacedAgain() {
        String sku = node.receive(2);
        product(sku, 100, "EUR");
        String cart = cart();
        ok(set(brief, cart, sku, 2));
        awaitEnd(cart);

        Ready ready = ready(brief, cart);

        assertThat(ready.version()).isEqualTo(2);
        awaitEnd(cart);
        assertThat(ok(set(node, cart, sku, 2)).at("/heldUntil")).isNotEmpty();
        assertThat(held(sku)).isEqualTo(2);
    }

    @Test
    void whatWasLostIsMissingAndMayBeTakenOut() {
        String sku = node.receive(2);
        String more = node.receive(1);
        String cart = cart();
        ok(set(brief, cart, sku, 2));
        ok(set(brief, cart, more, 1));
        awaitEnd(cart);
        node.engine().execute(PlaceHold.of(IdempotencyKey.random(), Line.of(sku, 1)));

        assertThat(node.get(cart).number("/lines/0/missing")).isEqualTo(1);
        assertThat(status(set(node, cart, more, 1))).isEqualTo("409 insufficient-stock");
        Reply less = ok(remove(node, cart, more));
        assertThat(less.json().at("/lines").size()).isEqualTo(1);
        assertThat(less.at("/heldUntil")).isEmpty();
        assertThat(ok(set(node, cart, sku, 1)).at("/heldUntil")).isNotEmpty();
        assertThat(held(sku)).isEqualTo(2);
    }

    private void awaitEnd(String cart) {
        await().atMost(PATIENCE).until(() -> node.get(cart).at("/heldUntil").isEmpty());
    }

    @Test
    void aCartExpires() throws Exception {
        String cart = cart();
        ok(brief.put(cart + "/lines", "{\"lines\": []}"));
        String row = " FROM cart WHERE id = '" + id(cart) + "'";
        assertThat(count("SELECT count(*)" + row + " AND expires_at - now() BETWEEN '59 min' AND '60 min'"))
                .isEqualTo(1);

        try (var connection = connection()) {
            connection.createStatement().execute("UPDATE cart SET expires_at = now() WHERE id = '" + id(cart) + "'");
        }

        assertThat(status(node.get(cart))).isEqualTo("404 unknown-cart");
        assertThat(status(set(node, cart, "ANY", 1))).isEqualTo("404 unknown-cart");
        await().atMost(PATIENCE).until(() -> count("SELECT count(*)" + row) == 0);
    }

    @Test
    void aKeySentAgainChangesNothing() {
        String key = newKey();
        Reply created = ok(node.post("/v1/carts", "{}", "Idempotency-Key", key));
        String cart = created.header("Location");
        Reply again = ok(other.post("/v1/carts", "{}", "Idempotency-Key", key));
        assertThat(again.at("/id") + again.header("Idempotent-Replayed")).isEqualTo(created.at("/id") + "true");
        assertThat(status(node.post("/v1/carts", "{\"channel\": \"app\"}", "Idempotency-Key", key)))
                .isEqualTo("422 idempotency-key-reused");

        String sku = node.receive(5);
        String change = newKey();
        Reply first = ok(set(node, cart, sku, 3, "Idempotency-Key", change, "If-Match", "\"1\""));
        Reply second = ok(set(other, cart, sku, 3, "Idempotency-Key", change, "If-Match", "\"1\""));

        assertThat(second.text()).isEqualTo(first.text());
        assertThat(second.header("Idempotent-Replayed")).isEqualTo("true");
        assertThat(status(set(node, cart, sku, 4, "Idempotency-Key", change))).isEqualTo("422 idempotency-key-reused");
        assertThat(held(sku)).isEqualTo(3);
    }

    /** Prices are read for all who ask at the same time, on no request's own thread. */
    @Test
    void aChangeIsOneStatementBesideWhatIsReadAndTheEngine() {
        String sku = node.receive(50);
        String more = node.receive(50);
        String cart = cart();
        ok(set(node, cart, sku, 1));
        for (Runnable change : List.<Runnable>of(
                () -> ok(set(node, cart, sku, 2)),
                () -> ok(set(node, cart, more, 2)),
                () -> ok(remove(node, cart, more)))) {
            Watched.STATEMENTS.clear();
            change.run();
            assertThat(Watched.STATEMENTS).hasSize(2);
            assertThat(Watched.STATEMENTS)
                    .filteredOn(sql -> sql.startsWith("UPDATE"))
                    .hasSize(1);
        }
        Watched.STATEMENTS.clear();
        ok(node.get(cart));
        assertThat(Watched.STATEMENTS).hasSize(2);
    }

    @Test
    void whatCannotBeBoughtTogetherIsNotPutTogether() {
        String euro = node.receive(5);
        String dollar = node.receive(5);
        String product = product(euro, 100, "EUR");
        product(dollar, 100, "USD");
        String cart = cart();
        ok(set(node, cart, euro, 1));

        assertThat(status(set(node, cart, dollar, 1))).isEqualTo("409 mixed-currencies");
        ok(node.send("POST", product + "/pause", null));
        assertThat(status(set(node, cart, euro, 2))).isEqualTo("409 not-for-sale");
        ok(set(node, cart, euro, 1));
        assertThat(status(set(node, cart, "NEVER-RECEIVED", 1))).isEqualTo("404 unknown-sku");
        assertThat(status(node.put(cart + "/lines", """
                {"lines": [{"sku": "A", "quantity": 1}, {"sku": "A", "quantity": 2}]}"""))).isEqualTo("400 invalid-request");
        assertThat(held(euro)).isEqualTo(1);
        assertThat(held(dollar)).isZero();
    }

    @Test
    void whatHasNoPriceMayLieInACartAndIsNotCheckedOut() {
        String sku = node.receive(5);
        String cart = cart();
        assertThat(notReady(node, cart)).isEqualTo("empty-cart");
        Reply put = ok(set(node, cart, sku, 1));
        assertThat(put.at("/lines/0/price")).isEmpty();
        assertThat(put.at("/lines/0/priceChanged")).isEqualTo("false");

        assertThat(notReady(node, cart)).isEqualTo("no-price");
        product(sku, 100, "EUR");

        assertThat(node.get(cart).at("/lines/0/priceChanged")).isEqualTo("true");
        assertThat(ready(node, cart).lines().getFirst().unitPrice().amountMinor())
                .isEqualTo(100);
        assertThat(notReady(node, "/v1/carts/" + UUID.randomUUID())).isEqualTo("unknown-cart");
    }

    @Test
    void aCartIsHeldAtCheckoutAndAChangeEndsThat() {
        String sku = node.receive(5);
        product(sku, 100, "EUR");
        String cart = cart();
        Reply put = ok(set(late, cart, sku, 9));
        assertThat(put.at("/heldUntil")).isEmpty();
        assertThat(put.number("/lines/0/missing")).isEqualTo(4);
        assertThat(notReady(late, cart)).isEqualTo("insufficient-stock");
        ok(set(late, cart, sku, 4));
        assertThat(held(sku)).isZero();

        Ready ready = ready(late, cart);
        assertThat(ready(late, cart)).as("again").isEqualTo(ready);
        assertThat(ready.channel()).isEqualTo("web");
        assertThat(late.get(cart).header("ETag")).as("no other lines").isEqualTo("\"3\"");
        assertThat(held(sku)).isEqualTo(4);
        ok(set(late, cart, sku, 5));

        assertThat(confirm(ready.holdId())).as("the old lines").isFalse();
        assertThat(held(sku)).isZero();
        assertThat(confirm(ready(late, cart).holdId())).isTrue();
        assertThat(status(set(late, cart, sku, 1))).isEqualTo("409 hold-confirmed");
        assertThat(status(set(node, cart, sku, 1))).isEqualTo("409 hold-confirmed");
        late.bean(Carts.class).done(id(cart));
        late.bean(Carts.class).done(id(cart));
        assertThat(status(late.get(cart))).isEqualTo("404 unknown-cart");
        assertThat(node.level(sku).allocated()).isEqualTo(5);
    }
}
