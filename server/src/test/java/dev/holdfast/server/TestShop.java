package dev.holdfast.server;

import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.local.LocalPostgres;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Goods with a price, carts and checkouts of them, on a server wherever it runs. */
class TestShop {
    static final long PRICE = 1_250;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final TestClient server;

    TestShop(TestClient server) {
        this.server = server;
    }

    /** A SKU that is for sale, with so many units at main. */
    String goods(long units) {
        String sku = server.receive(units);
        priced(sku);
        return sku;
    }

    /** The path of its product. */
    String priced(String sku) {
        return priced(sku, PRICE);
    }

    String priced(String sku, long amountMinor) {
        Reply product = server.postNew("/v1/products", product(sku, amountMinor));
        assertThat(product.status()).as(product.text()).isEqualTo(201);
        String path = "/v1/products/" + product.at("/id");
        Reply active = server.send("POST", path + "/activate", null);
        assertThat(active.status()).as(active.text()).isEqualTo(200);
        return path;
    }

    static String product(String sku, long amountMinor) {
        return """
                {"name": "Goods", "skus": [{"sku": "%s", "price": {"amountMinor": %d, "currency": "EUR"}}]}""".formatted(sku, amountMinor);
    }

    /** The path of a cart with so many units in it. */
    String cart(String sku, long quantity) {
        String path = "/v1/carts/"
                + server.postNew("/v1/carts", "{\"channel\": \"web\"}").at("/id");
        Reply set = put(path, sku, quantity);
        assertThat(set.status()).as(set.text()).isEqualTo(200);
        return path;
    }

    Reply put(String cart, String sku, long quantity) {
        return server.put(cart + "/lines/" + sku, "{\"quantity\": " + quantity + "}");
    }

    static UUID newId() {
        return IdempotencyKey.randomUuidV7();
    }

    static String body(String sku, long quantity, String token) {
        return """
                {"lines": [{"sku": "%s", "quantity": %d}], "payment": "%s", "buyer": "ada", "channel": "web"}""".formatted(sku, quantity, token);
    }

    static String body(String cart, String token) {
        return """
                {"cartId": "%s", "payment": "%s", "buyer": "ada"}""".formatted(cart.substring("/v1/carts/".length()), token);
    }

    Reply begin(UUID id, String body, String... headers) {
        String[] all = Arrays.copyOf(headers, headers.length + 2);
        all[headers.length] = "Idempotency-Key";
        all[headers.length + 1] = id.toString();
        return server.post("/v1/checkouts", body, all);
    }

    Reply get(UUID id) {
        return server.get("/v1/checkouts/" + id);
    }

    Reply awaitState(UUID id, String... states) {
        await().atMost(PATIENCE).until(() -> List.of(states).contains(get(id).at("/state")));
        return get(id);
    }

    Reply awaitEnd(UUID id) {
        return awaitState(id, "COMPLETED", "DECLINED", "CANCELLED", "EXPIRED", "REFUNDED");
    }

    /** The buyer does what his bank asks for. */
    void authenticate(UUID id) {
        Reply reply = server.post("/v1/payments/sandbox/" + id + "/authentication", "{}");
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
    }

    /** As if the time of its hold were over. */
    void letExpire(UUID id, LocalPostgres postgres, String database) throws SQLException {
        try (var connection =
                        DriverManager.getConnection(postgres.jdbcUrl(database), postgres.user(), postgres.password());
                var update = connection.prepareStatement("UPDATE hold SET expires_at = placed_at + interval '1 ms'"
                        + " WHERE id = (SELECT hold_id FROM checkout WHERE id = ?) RETURNING id")) {
            update.setObject(1, id);
            try (var rows = update.executeQuery()) {
                assertThat(rows.next()).isTrue();
                String hold = "/v1/holds/" + rows.getString(1);
                server.post(hold + "/release", "{}");
                assertThat(server.get(hold).at("/state")).isEqualTo("EXPIRED");
            }
        }
    }

    void assertBooksAreRight() {
        Reply books = server.get("/v1/invariants");
        assertThat(books.at("/ok")).as(books.text()).isEqualTo("true");
    }
}
