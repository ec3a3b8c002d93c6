package dev.holdfast.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

import static dev.holdfast.server.TestOrders.line;
import static org.assertj.core.api.Assertions.assertThat;

/** Who changed what, and why. */
@ExtendWith(SharedServer.class)
final class AuditTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

    private final TestServer server;
    private final String actor = "actor-" + UUID.randomUUID();

    AuditTest(TestServer server) {
        this.server = server;
    }

    private static String mug(String sku, long amountMinor) {
        return """
                {"name": "Mug", "skus": [{"sku": "%s", "price": {"amountMinor": %d, "currency": "EUR"}}]}""".formatted(sku, amountMinor);
    }

    private List<JsonNode> found(String query) {
        Reply reply = server.get("/v1/audit?" + query);
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        return reply.json().at("/data").values().stream().toList();
    }

    private static List<String> actions(List<JsonNode> entries) {
        return entries.stream()
                .map(entry -> entry.path("action").asString() + " "
                        + entry.path("subject").asString())
                .toList();
    }

    @Test
    void anEditOfAProductSaysWhoWhatAndWhy() {
        String sku = TestServer.newSku();
        String id = server.postNew("/v1/products", mug(sku, 500), "Holdfast-Actor", actor)
                .at("/id");
        Reply edit = server.put(
                "/v1/products/" + id,
                mug(sku, 600),
                "If-Match",
                "*",
                "Holdfast-Actor",
                actor,
                "Holdfast-Reason",
                "new season",
                "traceparent",
                "00-" + TRACE + "-00f067aa0ba902b7-01");
        assertThat(edit.status()).as(edit.text()).isEqualTo(200);

        List<JsonNode> entries = found("subject=product/" + id);

        assertThat(actions(entries)).containsExactly("update product/" + id, "create product/" + id);
        JsonNode update = entries.getFirst();
        assertThat(update.path("actor").asString()).isEqualTo(actor);
        assertThat(update.path("reason").asString()).isEqualTo("new season");
        assertThat(update.path("traceId").asString()).isEqualTo(TRACE);
        assertThat(Instant.parse(update.path("at").asString())).isBefore(Instant.now());
        assertThat(update.path("before").toString()).isEqualTo("""
                {"skus[%s].price":{"amountMinor":500,"currency":"EUR"}}""".formatted(sku));
        assertThat(update.path("after").toString()).isEqualTo("""
                {"skus[%s].price":{"amountMinor":600,"currency":"EUR"}}""".formatted(sku));
        assertThat(entries.get(1).path("before").isNull()).isTrue();
        assertThat(entries.get(1).at("/after/name").asString()).isEqualTo("Mug");
        assertThat(entries.get(1).path("reason").isNull()).isTrue();
    }

    /** Clients send header fields as UTF-8, or would if they could. */
    @Test
    void peopleWriteInTheirLanguage() throws IOException {
        String location = "/v1/locations/" + TestServer.newSku();
        String body = "{\"name\": \"Shop\", \"kind\": \"STORE\", \"priority\": 1}";
        String request = "PUT " + location + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                + "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n"
                + "Holdfast-Reason: Größe geändert\r\n\r\n" + body;
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 201");
        }

        assertThat(found("subject=" + location.replace("/v1/locations", "location"))
                        .getFirst()
                        .path("reason")
                        .asString())
                .isEqualTo("Größe geändert");
        assertThat(server.put(location, body, "If-Match", "*", "Holdfast-Reason", "x".repeat(256))
                        .at("/violations/0/field"))
                .isEqualTo("Holdfast-Reason");
    }

    @Test
    void whatPeopleDoToStockSaysWhoWhatAndWhy() {
        String sku = TestServer.newSku();
        String stock = "stock/" + sku + "@main";
        String[] who = {"Holdfast-Actor", actor, "traceparent", "00-" + TRACE + "-00f067aa0ba902b7-01"};
        server.postNew("/v1/stock/receipts", "{\"sku\": \"%s\", \"quantity\": 9}".formatted(sku), who);
        server.postNew(
                "/v1/stock/adjustments",
                "{\"sku\": \"%s\", \"delta\": -2, \"reason\": \"broken\"}".formatted(sku),
                who);
        server.postNew("/v1/stock/counts", "{\"sku\": \"%s\", \"counted\": 6}".formatted(sku), who);
        server.postNew(
                "/v1/stock/transfers",
                "{\"sku\": \"%s\", \"from\": \"main\", \"to\": \"store\", \"quantity\": 1}".formatted(sku),
                who);
        server.put("/v1/stock/" + sku + "/limits", "{\"safetyStock\": 2, \"backorderLimit\": 0}", who);
        server.post("/v1/stock/adjustments", "{\"sku\": \"%s\", \"delta\": -99, \"reason\": \"no\"}".formatted(sku));

        assertThat(actions(found("actor=" + actor)))
                .containsExactly(
                        "set-limits " + stock,
                        "transfer-in stock/" + sku + "@store",
                        "transfer-out " + stock,
                        "count " + stock,
                        "adjust " + stock,
                        "receive " + stock);
        JsonNode adjust = found("subject=" + stock).get(3);
        assertThat(adjust.path("before").toString()).isEqualTo("{\"onHand\":9}");
        assertThat(adjust.path("after").toString()).isEqualTo("{\"onHand\":7}");
        assertThat(adjust.path("reason").asString()).isEqualTo("broken");
        assertThat(adjust.path("traceId").asString()).isEqualTo(TRACE);
    }

    /** Who names himself is in it, with a hold as with a cart; those many who do not are in the ledger. */
    @Test
    void whoeverSaysWhoHeIsIsSeenInHoldsSalesCartsAndCheckouts() {
        String sku = new TestShop(server).goods(9);
        String lines = "{\"lines\": [{\"sku\": \"%s\", \"quantity\": 1}]}".formatted(sku);
        String[] who = {"Holdfast-Actor", actor, "Holdfast-Reason", "by telephone"};
        String hold = server.postNew("/v1/holds", lines, who).at("/id");
        server.send("POST", "/v1/holds/" + hold + "/extend", "{\"ttlSeconds\": 3600}", who);
        server.send("POST", "/v1/holds/" + hold + "/release", null, who);
        server.postNew("/v1/sales", lines, who);
        server.send(
                "POST",
                "/v1/holds/batch",
                "{\"holds\": [{\"idempotencyKey\": \"%s\", %s]}".formatted(UUID.randomUUID(), lines.substring(1)),
                who);
        String cart =
                server.postNew("/v1/carts", "{\"channel\": \"phone\"}", who).at("/id");
        server.put("/v1/carts/" + cart + "/lines/" + sku, "{\"quantity\": 2}", who);
        String checkout = server.postNew("/v1/checkouts", TestShop.body("/v1/carts/" + cart, "tok_approve"), who)
                .at("/id");
        String quiet = server.postNew("/v1/holds", lines).at("/id");

        List<JsonNode> entries = found("actor=" + actor);
        String stock = " stock/" + sku + "@main";
        assertThat(actions(entries))
                .contains("begin checkout/" + checkout, "update cart/" + cart, "create cart/" + cart, "sell" + stock)
                .containsSubsequence("release hold/" + hold, "extend hold/" + hold, "place hold/" + hold)
                .hasSize(11);
        assertThat(entries)
                .allSatisfy(entry -> assertThat(entry.path("reason").asString()).isEqualTo("by telephone"));
        assertThat(found("subject=hold/" + hold).getFirst().path("after").toString())
                .contains("\"state\":\"RELEASED\"", "\"lines[%s@main].held\":0".formatted(sku));
        assertThat(found("subject=cart/" + cart).getFirst().path("after").toString())
                .isEqualTo("{\"lines[%s@main].quantity\":2}".formatted(sku));
        assertThat(found("subject=checkout/" + checkout)
                        .getFirst()
                        .path("after")
                        .toString())
                .contains("\"cartId\":\"" + cart + "\"", "\"amountMinor\":" + 2 * TestShop.PRICE);
        assertThat(found("subject=hold/" + quiet)).isEmpty();
    }

    /** Entries of people and of the engine are in two tables. */
    @Test
    void pagesGoThroughAllInTheOrderOfTime() {
        String sku = TestServer.newSku();
        for (int i = 0; i < 3; i++) {
            server.postNew(
                    "/v1/stock/receipts", "{\"sku\": \"%s\", \"quantity\": 1}".formatted(sku), "Holdfast-Actor", actor);
            server.postNew("/v1/products", mug(TestServer.newSku(), 1), "Holdfast-Actor", actor);
        }
        List<String> times = new ArrayList<>();
        List<String> kinds = new ArrayList<>();
        String cursor = "";
        while (cursor != null) {
            Reply page = server.get("/v1/audit?limit=2&actor=" + actor + cursor);
            page.json().at("/data").values().forEach(entry -> {
                times.add(entry.path("at").asString());
                kinds.add(entry.path("action").asString());
            });
            JsonNode next = page.json().path("nextCursor");
            cursor = next.isNull() ? null : "&cursor=" + next.asString();
        }

        assertThat(kinds).containsExactly("create", "receive", "create", "receive", "create", "receive");
        assertThat(times).isSortedAccordingTo((a, b) -> Instant.parse(b).compareTo(Instant.parse(a)));
    }

    @Test
    void whatIsRefusedOrChangesNothingIsNoChange() {
        String sku = TestServer.newSku();
        String id = server.postNew("/v1/products", mug(sku, 500)).at("/id");
        assertThat(server.put("/v1/products/" + id, mug(sku, 500), "If-Match", "*")
                        .status())
                .isEqualTo(200);
        assertThat(server.put("/v1/products/" + id, mug(sku, 600), "If-Match", "\"7\"")
                        .status())
                .isEqualTo(412);

        String location = "/v1/locations/" + TestServer.newSku();
        String shop = "{\"name\": \"Shop\", \"kind\": \"STORE\", \"priority\": 1}";
        server.put(location, shop);
        assertThat(server.put(location, shop, "If-Match", "*").status()).isEqualTo(200);

        assertThat(found("subject=" + location.replace("/v1/locations", "location")))
                .hasSize(1);
        assertThat(actions(found("subject=product/" + id))).containsExactly("create product/" + id);
        assertThat(found("subject=product/" + id).getFirst().path("actor").asString())
                .isEqualTo("anonymous");
    }

    @Test
    void everyWayToEditTheCatalogueIsSeen() {
        String sku = TestServer.newSku();
        String id = server.postNew("/v1/products", mug(sku, 500), "Holdfast-Actor", actor)
                .at("/id");
        server.send("POST", "/v1/products/" + id + "/activate", null, "Holdfast-Actor", actor);
        String batched = UUID.randomUUID().toString();
        server.put(
                "/v1/products/batch",
                "{\"products\": ["
                        + mug(TestServer.newSku(), 1).replace("{\"name\"", "{\"id\": \"" + batched + "\", \"name\"")
                        + "]}",
                "Holdfast-Actor",
                actor);
        server.send("DELETE", "/v1/products/" + batched, null, "If-Match", "*", "Holdfast-Actor", actor);
        String location = "/v1/locations/" + TestServer.newSku();
        server.put(location, "{\"name\": \"Shop\", \"kind\": \"STORE\", \"priority\": 1}", "Holdfast-Actor", actor);
        server.put(
                location,
                "{\"name\": \"Shop\", \"kind\": \"STORE\", \"priority\": 2}",
                "If-Match",
                "*",
                "Holdfast-Actor",
                actor);
        server.send("DELETE", location, null, "If-Match", "*", "Holdfast-Actor", actor);

        List<JsonNode> entries = found("actor=" + actor);

        String code = location.substring("/v1/locations/".length());
        assertThat(actions(entries))
                .containsExactly(
                        "delete location/" + code,
                        "update location/" + code,
                        "create location/" + code,
                        "delete product/" + batched,
                        "create product/" + batched,
                        "update product/" + id,
                        "create product/" + id);
        assertThat(entries.get(0).path("after").isNull()).isTrue();
        assertThat(entries.get(1).path("before").toString()).isEqualTo("{\"priority\":1}");
        assertThat(entries.get(1).path("after").toString()).isEqualTo("{\"priority\":2}");
        assertThat(entries.get(5).path("after").toString()).isEqualTo("{\"lifecycle\":\"ACTIVE\"}");
    }

    @Test
    void whatIsDoneToAnOrderIsSeenWithWhatItChanged() {
        String sku = server.receive(2);
        String order = new TestOrders(server).paid(line(sku, 2, 100));
        server.postNew(
                order + "/ship", "{\"lines\": [{\"sku\": \"" + sku + "\", \"quantity\": 1}]}", "Holdfast-Actor", actor);

        JsonNode entry = found("actor=" + actor).getFirst();

        assertThat(entry.path("action").asString()).isEqualTo("ship");
        assertThat(entry.path("subject").asString()).isEqualTo(order.replace("/v1/orders", "order"));
        assertThat(entry.path("before").toString()).isEqualTo("""
                {"lines[%1$s@main].open":2,"lines[%1$s@main].shipped":0}""".formatted(sku));
        assertThat(entry.path("after").toString()).isEqualTo("""
                {"lines[%1$s@main].open":1,"lines[%1$s@main].shipped":1}""".formatted(sku));
    }

    @Test
    void entriesAreFoundByTimeAndComeInPages() {
        String location = "/v1/locations/" + TestServer.newSku();
        String subject = "subject=" + location.replace("/v1/locations", "location");
        for (int i = 0; i < 5; i++) {
            server.put(
                    location,
                    "{\"name\": \"Shop\", \"kind\": \"STORE\", \"priority\": " + i + "}",
                    i == 0 ? "X-First" : "If-Match",
                    "*");
        }
        List<String> seen = new ArrayList<>();
        String cursor = "";
        do {
            Reply page = server.get("/v1/audit?limit=2&" + subject + (cursor.isEmpty() ? "" : "&cursor=" + cursor));
            page.json()
                    .at("/data")
                    .values()
                    .forEach(entry -> seen.add(entry.at("/after/priority").asString()));
            cursor = page.at("/nextCursor");
        } while (!cursor.isEmpty());
        String third = found(subject).get(2).path("at").asString();

        assertThat(seen).containsExactly("4", "3", "2", "1", "0");
        assertThat(found(subject + "&from=" + third)).hasSize(3);
        assertThat(found(subject + "&to=" + third)).hasSize(2);
        String other = server.get("/v1/audit?limit=1&" + subject).at("/nextCursor");
        assertThat(server.get("/v1/audit?limit=1&actor=x&cursor=" + other).status())
                .isEqualTo(400);
        assertThat(server.get("/v1/audit?from=yesterday").at("/violations/0/field"))
                .isEqualTo("from");
    }
}
