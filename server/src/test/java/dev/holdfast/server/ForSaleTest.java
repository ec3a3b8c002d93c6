package dev.holdfast.server;

import dev.holdfast.local.LocalPostgres;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static dev.holdfast.server.TestServer.newKey;
import static dev.holdfast.server.TestServer.newSku;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What the catalogue lets be promised, and when the other servers know. */
@ExtendWith(SharedServer.class)
final class ForSaleTest {
    private final TestServer server;
    private final LocalPostgres postgres;

    ForSaleTest(TestServer server, LocalPostgres postgres) {
        this.server = server;
        this.postgres = postgres;
    }

    private static String lines(String... skus) {
        return Stream.of(skus)
                .map(sku -> "{\"sku\": \"" + sku + "\", \"quantity\": 1}")
                .collect(Collectors.joining(", ", "{\"lines\": [", "]}"));
    }

    private static String status(Reply reply) {
        return (reply.status() + " " + reply.code()).strip();
    }

    private static String create(TestServer server, String sku) {
        Reply reply = server.postNew("/v1/products", "{\"name\": \"Mug\", \"skus\": [{\"sku\": \"" + sku + "\"}]}");
        assertThat(reply.status()).as(reply.text()).isEqualTo(201);
        return reply.at("/id");
    }

    private static void become(TestServer server, String product, String transition) {
        Reply reply = server.send("POST", "/v1/products/" + product + "/" + transition, null);
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
    }

    private static String hold(TestServer server, String... skus) {
        return status(server.postNew("/v1/holds", lines(skus)));
    }

    private static String sell(TestServer server, String... skus) {
        return status(server.postNew("/v1/sales", lines(skus)));
    }

    @Test
    void onlyWhatIsActiveIsPromisedToAnybodyNew() {
        String sku = server.receive(100);
        assertThat(hold(server, sku)).isEqualTo("201"); // not in the catalogue

        String product = create(server, sku);
        assertThat(hold(server, sku)).isEqualTo("409 not-for-sale");
        become(server, product, "activate");
        assertThat(hold(server, sku)).isEqualTo("201");
        assertThat(sell(server, sku)).isEqualTo("201");
        become(server, product, "pause");
        assertThat(hold(server, sku)).isEqualTo("409 not-for-sale");
        assertThat(sell(server, sku)).isEqualTo("409 not-for-sale");
        become(server, product, "activate");
        assertThat(hold(server, sku)).isEqualTo("201");
        become(server, product, "discontinue");
        assertThat(hold(server, sku)).isEqualTo("409 not-for-sale");
        assertThat(server.level(sku).held()).isEqualTo(3);
    }

    @Test
    void whatIsPromisedStaysPromised() {
        String sku = server.receive(10);
        String product = create(server, sku);
        become(server, product, "activate");
        String hold = server.postNew("/v1/holds", lines(sku)).at("/id");
        become(server, product, "pause");

        assertThat(server.post("/v1/holds/" + hold + "/extend", "{\"ttlSeconds\": 900}")
                        .status())
                .isEqualTo(200);
        assertThat(server.send("POST", "/v1/holds/" + hold + "/confirm", null).status())
                .isEqualTo(200);
    }

    @Test
    void anEarlierKeyGetsItsFirstAnswer() {
        String sku = server.receive(10);
        String product = create(server, sku);
        become(server, product, "activate");
        String held = newKey();
        String sold = newKey();
        String batched = newKey();
        String batch = "{\"holds\": [" + lines(sku).replaceFirst("\\{", "{\"idempotencyKey\": \"" + batched + "\", ")
                + ", " + lines(sku).replaceFirst("\\{", "{\"idempotencyKey\": \"%s\", ") + "]}";
        Reply hold = server.post("/v1/holds", lines(sku), "Idempotency-Key", held);
        Reply sale = server.post("/v1/sales", lines(sku), "Idempotency-Key", sold);
        server.post("/v1/holds/batch", batch.formatted(newKey()));
        become(server, product, "pause");

        Reply holdAgain = server.post("/v1/holds", lines(sku), "Idempotency-Key", held);
        Reply saleAgain = server.post("/v1/sales", lines(sku), "Idempotency-Key", sold);
        Reply batchAgain = server.post("/v1/holds/batch", batch.formatted(newKey()));

        assertThat(holdAgain.status() + holdAgain.at("/id")).isEqualTo("201" + hold.at("/id"));
        assertThat(saleAgain.status() + saleAgain.at("/id")).isEqualTo("201" + sale.at("/id"));
        assertThat(holdAgain.header("Idempotent-Replayed")).isEqualTo("true");
        assertThat(batchAgain.number("/results/0/status")).isEqualTo(201);
        assertThat(batchAgain.number("/results/1/status")).isEqualTo(409);
        assertThat(batchAgain.at("/results/1/problem/code")).isEqualTo("not-for-sale");
        assertThat(status(server.post("/v1/holds", lines(sku, sku), "Idempotency-Key", held)))
                .isEqualTo("422 idempotency-key-reused");
        assertThat(server.level(sku).held()).isEqualTo(3);
    }

    @Test
    void everyLineThatIsNotForSaleIsNamed() {
        String paused = server.receive(10);
        String draft = server.receive(10);
        String free = server.receive(10);
        String product = create(server, paused);
        become(server, product, "activate");
        become(server, product, "pause");
        create(server, draft);

        Reply reply = server.postNew("/v1/holds", lines(paused, free, draft));

        assertThat(status(reply)).isEqualTo("409 not-for-sale");
        assertThat(reply.json().at("/lines").toString()).isEqualTo("""
                [{"sku":"%s","location":"main","lifecycle":"PAUSED"},{"sku":"%s","location":"main","lifecycle":"DRAFT"}]""".formatted(paused, draft));
        assertThat(server.level(free).held()).isZero();
    }

    @Test
    void aSkuThatLeavesTheCatalogueIsFree() {
        String sku = server.receive(10);
        String product = create(server, sku);
        assertThat(hold(server, sku)).isEqualTo("409 not-for-sale");

        server.send("DELETE", "/v1/products/" + product, null, "If-Match", "*");

        assertThat(hold(server, sku)).isEqualTo("201");
    }

    @Test
    void otherServersKnowWithinASecond() {
        try (TestServer other = TestServer.start(postgres, "shared")) {
            String sku = server.receive(1_000);
            String product = create(server, sku);
            for (int i = 0; i < 3; i++) {
                become(server, product, "activate");
                await().atMost(Duration.ofSeconds(1))
                        .pollInterval(Duration.ofMillis(10))
                        .untilAsserted(() -> assertThat(hold(other, sku)).isEqualTo("201"));
                become(other, product, "pause");
                assertThat(hold(other, sku)).isEqualTo("409 not-for-sale");
                await().atMost(Duration.ofSeconds(1))
                        .pollInterval(Duration.ofMillis(10))
                        .untilAsserted(() -> assertThat(hold(server, sku)).isEqualTo("409 not-for-sale"));
            }
        }
    }

    @Test
    void whereTheCatalogueIsRequiredOnlyWhatItKnowsIsReceivedAndSold() {
        postgres.createDatabase("required");
        try (TestServer strict = TestServer.start(postgres, "required", "--holdfast.catalog.required=true")) {
            String sku = newSku();
            String receipt = "{\"sku\": \"" + sku + "\", \"quantity\": 10}";
            assertThat(status(strict.postNew("/v1/stock/receipts", receipt))).isEqualTo("404 unknown-product");
            assertThat(hold(strict, sku)).isEqualTo("409 not-for-sale");

            String product = create(strict, sku);
            String key = newKey();
            assertThat(strict.post("/v1/stock/receipts", receipt, "Idempotency-Key", key)
                            .status())
                    .isEqualTo(201);
            assertThat(hold(strict, sku)).isEqualTo("409 not-for-sale");
            become(strict, product, "activate");
            assertThat(hold(strict, sku)).isEqualTo("201");
            assertThat(sell(strict, sku)).isEqualTo("201");
            Reply unknown = strict.postNew("/v1/holds", lines("nobody-knows"));
            assertThat(unknown.json().at("/lines").toString())
                    .isEqualTo("[{\"sku\":\"nobody-knows\",\"location\":\"main\",\"lifecycle\":null}]");
        }
    }

    /** Somebody's database, where the server may make tables and nothing else. */
    @Test
    void withoutTheRightToMakeExtensionsSearchKnowsWholeWords() throws SQLException {
        postgres.createDatabase("plain");
        try (var connection =
                        DriverManager.getConnection(postgres.jdbcUrl("plain"), postgres.user(), postgres.password());
                var statement = connection.createStatement()) {
            statement.execute("CREATE ROLE plain");
            statement.execute("GRANT CREATE ON SCHEMA public TO plain");
            statement.execute("ALTER DATABASE plain SET role = plain");
        }
        try (TestServer plain = TestServer.start(postgres, "plain")) {
            create(plain, "BOTTLE-1");

            assertThat(names(plain, "mug")).containsExactly("Mug");
            assertThat(names(plain, "bottle-1")).containsExactly("Mug");
            assertThat(names(plain, "mgu")).isEmpty();
        }
    }

    private static List<String> names(TestServer server, String words) {
        return server.get("/v1/products?q=" + words).json().at("/data").values().stream()
                .map(product -> product.path("name").asString())
                .toList();
    }
}
