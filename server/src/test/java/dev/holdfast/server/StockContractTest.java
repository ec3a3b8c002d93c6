package dev.holdfast.server;

import dev.holdfast.engine.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static dev.holdfast.server.TestServer.newKey;
import static dev.holdfast.server.TestServer.newSku;
import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(SharedServer.class)
final class StockContractTest {
    private final TestServer server;

    StockContractTest(TestServer server) {
        this.server = server;
    }

    private Reply adjust(String sku, long delta, String... headers) {
        return server.post("/v1/stock/adjustments", """
                {"sku": "%s", "delta": %d, "reason": "found"}""".formatted(sku, delta), headers);
    }

    private void hold(String sku, long quantity) {
        Reply reply = server.postNew("/v1/holds", """
                {"lines": [{"sku": "%s", "quantity": %d}]}""".formatted(sku, quantity));
        assertThat(reply.status()).isEqualTo(201);
    }

    @Test
    void aSkuBeginsWithItsFirstReceipt() {
        String sku = newSku();
        assertThat(server.get("/v1/stock/" + sku).code()).isEqualTo("unknown-sku");

        Reply reply = server.postNew("/v1/stock/receipts", """
                {"sku": "%s", "quantity": 7, "reference": "PO-1"}""".formatted(sku));

        assertThat(reply.status()).isEqualTo(201);
        assertThat(reply.header("ETag")).isEqualTo("\"1\"");
        assertThat(reply.json().propertyNames())
                .containsExactly(
                        "sku",
                        "location",
                        "version",
                        "kind",
                        "onHandDelta",
                        "heldDelta",
                        "allocatedDelta",
                        "shortfallDelta",
                        "cause",
                        "reference",
                        "at");
        assertThat(reply.at("/location")).isEqualTo("main");
        assertThat(reply.at("/kind")).isEqualTo("RECEIVE");
        assertThat(reply.number("/onHandDelta")).isEqualTo(7);
        assertThat(reply.at("/reference")).isEqualTo("PO-1");
        Reply stock = server.get("/v1/stock/" + sku);
        assertThat(stock.json().propertyNames()).containsExactly("sku", "levels", "available");
        assertThat(stock.json().at("/levels/0").toString())
                .isEqualTo("{\"location\":\"main\",\"onHand\":7,\"held\":0,\"allocated\":0,\"safetyStock\":0,"
                        + "\"backorderLimit\":0,\"shortfall\":0,\"available\":7,\"version\":1}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "POST | /v1/stock/receipts    | {'sku': '$', 'quantity': 2}                          | 201",
                "POST | /v1/stock/adjustments | {'sku': '$', 'delta': 2, 'reason': 'found'}          | 201",
                "POST | /v1/stock/counts      | {'sku': '$', 'counted': 2}                           | 201",
                "POST | /v1/stock/transfers   | {'sku': '$', 'from': 'main', 'to': 'b', 'quantity': 2} | 201",
                "PUT  | /v1/stock/$/limits    | {'safetyStock': 2, 'backorderLimit': 0}              | 200",
            })
    void aRetryGetsTheFirstAnswerAndAnotherRequestWithItsKeyNone(
            String method, String path, String template, int status) {
        String sku = server.receive(10);
        String body = template.replace('\'', '"').replace("$", sku);
        String key = newKey();
        Reply first = server.send(method, path.replace("$", sku), body, "Idempotency-Key", key);
        Level after = server.level(sku);

        Reply second = server.send(method, path.replace("$", sku), body, "Idempotency-Key", key);
        Reply other = server.send(method, path.replace("$", sku), body.replace(": 2", ": 3"), "Idempotency-Key", key);

        assertThat(first.status()).as(first.text()).isEqualTo(status);
        assertThat(first.headers().firstValue("Idempotent-Replayed")).isEmpty();
        assertThat(second.status()).isEqualTo(status);
        assertThat(second.header("Idempotent-Replayed")).isEqualTo("true");
        assertThat(second.text()).isEqualTo(first.text());
        assertThat(second.header("ETag")).isEqualTo(first.header("ETag"));
        assertThat(other.status()).isEqualTo(422);
        assertThat(other.code()).isEqualTo("idempotency-key-reused");
        assertThat(server.level(sku)).isEqualTo(after);
        assertThat(after.version()).isEqualTo(2);
    }

    @Test
    void anAdjustmentNeverGoesBelowWhatIsPromised() {
        String sku = server.receive(10);
        hold(sku, 8);

        Reply refused = adjust(sku, -3);
        Reply done = adjust(sku, -2);

        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.code()).isEqualTo("promised-stock");
        assertThat(refused.number("/level/held")).isEqualTo(8);
        assertThat(done.status()).isEqualTo(201);
        assertThat(done.at("/kind")).isEqualTo("ADJUST");
        assertThat(done.at("/reason")).isEqualTo("found");
        assertThat(done.json().has("reference")).isFalse();
        assertThat(server.level(sku).onHand()).isEqualTo(8);
    }

    @Test
    void aStaleVersionIsRefusedFromTheHeaderAndFromTheBody() {
        String sku = server.receive(10);
        String seen = server.get("/v1/stock/" + sku).header("ETag");
        assertThat(seen).isEqualTo("\"1\"");

        Reply done = adjust(sku, 1, "If-Match", seen);
        Reply stale = adjust(sku, 1, "If-Match", seen);
        Reply staleBody = server.post("/v1/stock/adjustments", """
                {"sku": "%s", "delta": 1, "reason": "found", "expectedVersion": 1}""".formatted(sku));
        Reply any = adjust(sku, 1, "If-Match", "*");
        Reply current = server.post("/v1/stock/adjustments", """
                {"sku": "%s", "delta": 1, "reason": "found", "expectedVersion": 3}""".formatted(sku));

        assertThat(done.status()).isEqualTo(201);
        assertThat(done.header("ETag")).isEqualTo("\"2\"");
        for (Reply reply : List.of(stale, staleBody)) {
            assertThat(reply.status()).isEqualTo(412);
            assertThat(reply.code()).isEqualTo("version-changed");
            assertThat(reply.number("/currentVersion")).isEqualTo(2);
            assertThat(reply.header("ETag")).isEqualTo("\"2\"");
        }
        assertThat(any.status()).isEqualTo(201);
        assertThat(current.status()).isEqualTo(201);
        assertThat(server.level(sku).onHand()).isEqualTo(13);
    }

    @Test
    void aCountOrATransferOfAStockThatHasMovedIsRefused() {
        String sku = server.receive(10);
        String count = "{\"sku\": \"%s\", \"counted\": 9}".formatted(sku);
        String transfer = "{\"sku\": \"%s\", \"from\": \"main\", \"to\": \"b\", \"quantity\": 1}".formatted(sku);

        Reply counted = server.post("/v1/stock/counts", count, "If-Match", "\"1\"");
        Reply staleCount = server.post("/v1/stock/counts", count, "If-Match", "\"1\"");
        Reply staleTransfer = server.post("/v1/stock/transfers", transfer, "If-Match", "\"1\"");
        Reply transferred = server.post("/v1/stock/transfers", transfer, "If-Match", "\"2\"");

        assertThat(counted.status()).as(counted.text()).isEqualTo(201);
        for (Reply stale : List.of(staleCount, staleTransfer)) {
            assertThat(stale.status()).isEqualTo(412);
            assertThat(stale.code()).isEqualTo("version-changed");
            assertThat(stale.number("/currentVersion")).isEqualTo(2);
            assertThat(stale.header("ETag")).isEqualTo("\"2\"");
        }
        assertThat(transferred.status()).as(transferred.text()).isEqualTo(201);
    }

    /** The request line has room for 8 KB; the cursor once had 40 bytes for each location. */
    @Test
    void theLedgerOfManyLocationsIsReadInPagesToo() {
        String sku = newSku();
        IntStream.range(0, 450).forEach(i -> server.receive(sku, "location-" + i, 1));
        String path = "/v1/stock/" + sku + "/movements?limit=400";

        Reply first = server.get(path);
        Reply second = server.get(path + "&cursor=" + first.at("/nextCursor"));

        assertThat(first.at("/nextCursor")).hasSizeBetween(1, 200);
        assertThat(second.status()).as(second.text()).isEqualTo(200);
        assertThat(second.json().at("/data").size()).isEqualTo(50);
        assertThat(second.at("/nextCursor")).isEmpty();
        assertThat(server.get("/v1/stock/" + server.receive(1) + "/movements?cursor=" + first.at("/nextCursor"))
                        .code())
                .isEqualTo("invalid-request");
    }

    @Test
    void aCountMayFindLessThanWasPromised() {
        String sku = server.receive(10);
        hold(sku, 8);

        Reply counted = server.post("/v1/stock/counts", """
                {"sku": "%s", "counted": 5, "reason": "yearly"}""".formatted(sku));

        assertThat(counted.status()).isEqualTo(201);
        assertThat(counted.at("/kind")).isEqualTo("COUNT");
        assertThat(counted.number("/onHandDelta")).isEqualTo(-5);
        assertThat(counted.number("/shortfallDelta")).isEqualTo(3);
        assertThat(counted.at("/reason")).isEqualTo("yearly");
        assertThat(server.get("/v1/stock/" + sku).number("/levels/0/shortfall")).isEqualTo(3);
    }

    @Test
    void aTransferIsTwoMovements() {
        String sku = server.receive(10);
        hold(sku, 7);
        String transfer = """
                {"sku": "%s", "from": "main", "to": "outlet", "quantity": %d}""";

        Reply refused = server.post("/v1/stock/transfers", transfer.formatted(sku, 4));
        Reply done = server.post("/v1/stock/transfers", transfer.formatted(sku, 3));

        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.code()).isEqualTo("insufficient-stock");
        assertThat(done.status()).isEqualTo(201);
        assertThat(done.json().propertyNames()).containsExactly("movements");
        assertThat(done.at("/movements/0/kind")).isEqualTo("TRANSFER_OUT");
        assertThat(done.number("/movements/0/onHandDelta")).isEqualTo(-3);
        assertThat(done.at("/movements/1/kind")).isEqualTo("TRANSFER_IN");
        assertThat(done.at("/movements/1/location")).isEqualTo("outlet");
        assertThat(done.at("/movements/1/cause")).isEqualTo(done.at("/movements/0/cause"));
        Reply stock = server.get("/v1/stock/" + sku);
        assertThat(stock.number("/available")).isEqualTo(3);
        assertThat(stock.header("ETag")).isEqualTo("\"3.1\"");
    }

    @Test
    void limitsKeepUnitsBackAndLetPromisesRunAhead() {
        String sku = server.receive(10);
        String path = "/v1/stock/" + sku + "/limits";

        Reply kept = server.send("PUT", path, "{\"safetyStock\": 4, \"backorderLimit\": 0}", "If-Match", "\"1\"");
        Reply stale = server.send("PUT", path, "{\"safetyStock\": 0, \"backorderLimit\": 0}", "If-Match", "\"1\"");
        Reply ahead = server.send("PUT", path, "{\"safetyStock\": 0, \"backorderLimit\": 5}");

        assertThat(kept.status()).as(kept.text()).isEqualTo(200);
        assertThat(kept.at("/kind")).isEqualTo("SET_LIMITS");
        assertThat(kept.header("ETag")).isEqualTo("\"2\"");
        assertThat(stale.status()).isEqualTo(412);
        assertThat(ahead.status()).isEqualTo(200);
        assertThat(server.get("/v1/stock/" + sku).number("/available")).isEqualTo(15);
    }

    @Test
    void unitsAreKeptForAChannel() {
        String sku = server.receive(5);
        String path = "/v1/stock/" + sku + "/limits";
        String limits = "{\"safetyStock\": 0, \"backorderLimit\": 0, \"buffers\": %s}";

        Reply kept =
                server.send("PUT", path, limits.formatted("[{\"channel\": \"till\", \"units\": 2, \"priority\": 10}]"));

        assertThat(kept.status()).as(kept.text()).isEqualTo(200);
        Reply stock = server.get("/v1/stock/" + sku);
        assertThat(stock.json().at("/levels/0/buffers").toString())
                .isEqualTo("[{\"channel\":\"till\",\"units\":2,\"priority\":10}]");
        assertThat(stock.number("/available")).isEqualTo(3);
        String hold = "{\"lines\": [{\"sku\": \"%s\", \"quantity\": 4}], \"channel\": \"%s\"}";
        Reply web = server.postNew("/v1/holds", hold.formatted(sku, "web"));
        assertThat(web.at("/code")).isEqualTo("insufficient-stock");
        assertThat(web.number("/lines/0/available")).isEqualTo(3);
        assertThat(server.postNew("/v1/holds", hold.formatted(sku, "till")).status())
                .isEqualTo(201);
        assertThat(server.send("PUT", path, limits.formatted("[]")).status()).isEqualTo(200);
        assertThat(server.get("/v1/stock/" + sku).json().at("/levels/0/buffers").isMissingNode())
                .isTrue();
    }

    @Test
    void nothingIsSentTwiceWhileNothingMoves() {
        String sku = server.receive(10);
        Reply first = server.get("/v1/stock/" + sku);

        Reply same = server.get("/v1/stock/" + sku, "If-None-Match", first.header("ETag"));
        Reply weak = server.get("/v1/stock/" + sku, "If-None-Match", "\"99\", W/" + first.header("ETag"));
        hold(sku, 1);
        Reply moved = server.get("/v1/stock/" + sku, "If-None-Match", first.header("ETag"));

        assertThat(same.status()).isEqualTo(304);
        assertThat(same.text()).isEmpty();
        assertThat(same.header("ETag")).isEqualTo(first.header("ETag"));
        assertThat(weak.status()).isEqualTo(304);
        assertThat(moved.status()).isEqualTo(200);
        assertThat(moved.header("ETag")).isEqualTo("\"2\"");
    }

    @Test
    void theLedgerIsReadInPagesNewestFirst() {
        String sku = newSku();
        for (int i = 0; i < 5; i++) {
            server.receive(sku, "main", 1);
            server.receive(sku, "outlet", 1);
        }
        List<Long> versions = new ArrayList<>();
        String next = "/v1/stock/" + sku + "/movements?location=main&limit=2";
        int pages = 0;
        while (!next.isEmpty()) {
            Reply page = server.get(next);
            assertThat(page.status()).isEqualTo(200);
            assertThat(page.json().propertyNames()).containsExactly("data", "nextCursor");
            page.json()
                    .at("/data")
                    .forEach(movement -> versions.add(movement.path("version").longValue()));
            String cursor = page.at("/nextCursor");
            next = cursor.isEmpty() ? "" : "/v1/stock/" + sku + "/movements?location=main&limit=2&cursor=" + cursor;
            pages++;
        }
        assertThat(versions).isEqualTo(LongStream.of(5, 4, 3, 2, 1).boxed().toList());
        assertThat(pages).isEqualTo(3);
        assertThat(server.get("/v1/stock/" + sku + "/movements")
                        .json()
                        .at("/data")
                        .size())
                .isEqualTo(10);
        assertThat(server.get("/v1/stock/" + sku + "/movements?location=nowhere")
                        .code())
                .isEqualTo("unknown-sku");
    }

    @Test
    void availabilityAnswersForAllInTheOrderAsked() {
        String a = server.receive(3);
        String b = server.receive(4);
        hold(b, 1);

        Reply reply = server.get("/v1/availability?sku=" + b + "&sku=nobody-knows&sku=" + a);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.text().replaceAll("\"asOf\":\"[^\"]+Z\"", "\"asOf\":…"))
                .isEqualTo("""
                        [{"sku":"%s","available":3,"version":2,"asOf":…},{"sku":"nobody-knows","available":0,"version":0,"asOf":…},\
                        {"sku":"%s","available":3,"version":1,"asOf":…}]""".formatted(b, a));
    }

    @Test
    void aSkuMayHaveASlashAndOtherLetters() {
        String sku = newSku() + "/\\Größe 3; ü?";
        assertThat(server.postNew(
                                "/v1/stock/receipts",
                                "{\"sku\": \"" + sku.replace("\\", "\\\\") + "\", \"quantity\": 3}")
                        .status())
                .isEqualTo(201);

        String path = "/v1/stock/"
                + java.net.URLEncoder.encode(sku, java.nio.charset.StandardCharsets.UTF_8)
                        .replace("+", "%20");

        assertThat(server.get(path).at("/sku")).isEqualTo(sku);
        assertThat(server.get(path + "/movements").at("/data/0/sku")).isEqualTo(sku);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "POST | /v1/holds             | {'lines': [{'sku': 'nobody-knows', 'location': 'x', 'quantity': 1}]} | x",
                "POST | /v1/sales             | {'lines': [{'sku': 'nobody-knows', 'quantity': 1}]}                  | main",
                "POST | /v1/stock/adjustments | {'sku': 'nobody-knows', 'delta': 1, 'reason': 'found'}               | main",
                "POST | /v1/stock/counts      | {'sku': 'nobody-knows', 'counted': 1}                                | main",
                "POST | /v1/stock/transfers   | {'sku': 'nobody-knows', 'from': 'a', 'to': 'b', 'quantity': 1}       | a",
                "PUT  | /v1/stock/nobody-knows/limits    | {'safetyStock': 0, 'backorderLimit': 0}                   | main",
                "GET  | /v1/stock/nobody-knows           |                                                           | main",
                "GET  | /v1/stock/nobody-knows/movements |                                                           | main",
            })
    void anUnknownSkuIsUnknownToEveryCall(
            String method, String path, @org.jspecify.annotations.Nullable String body, String location) {
        Reply reply =
                server.send(method, path, body == null ? null : body.replace('\'', '"'), "Idempotency-Key", newKey());

        assertThat(reply.status()).as(reply.text()).isEqualTo(404);
        assertThat(reply.code()).isEqualTo("unknown-sku");
        assertThat(reply.json().at("/lines").toString())
                .isEqualTo("[{\"sku\":\"nobody-knows\",\"location\":\"%s\"}]".formatted(location));
    }
}
