package dev.holdfast.server;

import dev.holdfast.engine.Level;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.JsonNode;

import static dev.holdfast.server.TestOrders.CHECKOUT;
import static dev.holdfast.server.TestOrders.line;
import static dev.holdfast.server.TestOrders.payment;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Orders from placed to delivered, cancelled or returned, and the stock behind them. */
@ExtendWith(SharedServer.class)
final class OrderContractTest {
    private static final String UNKNOWN = "/v1/orders/01936f3e-7b3c-7d4e-8f5a-0123456789ab";

    private final TestServer server;
    private final TestOrders orders;

    OrderContractTest(TestServer server) {
        this.server = server;
        this.orders = new TestOrders(server);
    }

    private static String lines(String sku, long quantity) {
        return "{\"lines\": [{\"sku\": \"" + sku + "\", \"quantity\": " + quantity + "}]}";
    }

    private Reply done(String path, String body, String... headers) {
        Reply reply = server.postNew(path, body, headers);
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        return reply;
    }

    /** A refund that has not gone back yet. */
    private record Due(long number, long amountMinor) {}

    private List<Due> due(String order) {
        return server.get(order).json().at("/refunds").values().stream()
                .filter(refund -> refund.path("refundedAt").isNull())
                .map(refund -> new Due(
                        refund.path("number").longValue(),
                        refund.path("amount").path("amountMinor").longValue()))
                .toList();
    }

    private void pay(String order, Due due) {
        orders.orders.refunded(TestOrders.id(order), due.number, CHECKOUT);
    }

    private List<String> events(String order) {
        return server.get(order + "/events").json().at("/data").values().stream()
                .map(event -> event.path("number").longValue() + " "
                        + event.path("type").asString())
                .toList();
    }

    private void assertStock(String sku, long onHand, long allocated) {
        Level level = server.level(sku);
        assertThat(level.onHand()).isEqualTo(onHand);
        assertThat(level.allocated()).isEqualTo(allocated);
        assertThat(level.held()).isZero();
    }

    @Test
    void anOrderIsAsItWasPlaced() {
        String sku = server.receive(10);
        String order = orders.placed(line(sku, 3, 250));

        Reply reply = server.get(order);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.header("ETag")).isEqualTo("\"1\"");
        assertThat(reply.json().propertyNames())
                .containsExactly(
                        "id",
                        "version",
                        "state",
                        "placedAt",
                        "changedAt",
                        "holdId",
                        "buyer",
                        "channel",
                        "total",
                        "payment",
                        "lines",
                        "refunds");
        assertThat(reply.at("/state")).isEqualTo("PLACED");
        assertThat(reply.number("/total/amountMinor")).isEqualTo(750);
        assertThat(reply.json().at("/lines/0").toString()).isEqualTo("""
                {"sku":"%s","location":"main","unitPrice":{"amountMinor":250,"currency":"EUR"},"quantity":3,\
                "open":3,"packed":0,"shipped":0,"delivered":0,"cancelled":0,"returned":0}""".formatted(sku));
        assertThat(server.get(order, "If-None-Match", "\"1\"").status()).isEqualTo(304);
        assertStock(sku, 10, 3);
    }

    @Test
    void fromPaidToDelivered() {
        String sku = server.receive(10);
        String order = orders.paid(line(sku, 2, 1_000));
        assertThat(server.get(order).at("/state")).isEqualTo("PAID");

        assertThat(done(order + "/pack", "{}").at("/state")).isEqualTo("PACKED");
        assertStock(sku, 10, 2);
        assertThat(done(order + "/ship", "{}", "Holdfast-Actor", "anna").at("/state"))
                .isEqualTo("SHIPPED");
        assertStock(sku, 8, 0);
        Reply delivered = done(order + "/deliver", "{}");

        assertThat(delivered.at("/state")).isEqualTo("DELIVERED");
        assertThat(delivered.header("ETag")).isEqualTo("\"5\"");
        assertThat(events(order)).containsExactly("1 PLACED", "2 PAID", "3 PACKED", "4 SHIPPED", "5 DELIVERED");
        JsonNode shipped = server.get(order + "/events").json().at("/data/3");
        assertThat(shipped.path("actor").asString()).isEqualTo("anna");
        assertThat(shipped.path("data").toString()).isEqualTo("""
                {"state":"SHIPPED","lines":[{"sku":"%s","location":"main","quantity":2}]}""".formatted(sku));
    }

    @Test
    void aCallWithoutABodyIsAboutAllOfIt() {
        String sku = server.receive(2);
        String order = orders.paid(line(sku, 2, 1));

        Reply reply = server.send("POST", order + "/ship", null, "Idempotency-Key", TestServer.newKey());

        assertThat(reply.at("/state")).as(reply.text()).isEqualTo("SHIPPED");
    }

    @Test
    void partsAreShippedAndDeliveredOneByOne() {
        String first = server.receive(5);
        String second = server.receive(5);
        String order = orders.paid(line(first, 2, 100), line(second, 1, 100));

        Reply part = done(order + "/ship", lines(first, 1));
        assertThat(part.at("/state")).isEqualTo("PAID");
        assertThat(part.number("/lines/0/shipped")).isEqualTo(1);
        assertThat(part.number("/lines/0/open")).isEqualTo(1);
        assertStock(first, 4, 1);
        assertThat(done(order + "/deliver", lines(first, 1)).at("/state")).isEqualTo("PAID");
        assertThat(done(order + "/ship", "{}").at("/state")).isEqualTo("SHIPPED");
        assertThat(done(order + "/deliver", "{}").at("/state")).isEqualTo("DELIVERED");

        assertStock(first, 3, 0);
        assertStock(second, 4, 0);
    }

    @Test
    void whatIsCancelledIsAvailableAtOnceAndThePaidMoneyIsDue() {
        String sku = server.receive(3);
        String order = orders.paid(line(sku, 3, 500));

        Reply part = done(order + "/cancel", lines(sku, 1), "Holdfast-Reason", "too late");
        assertThat(part.at("/state")).isEqualTo("PAID");
        assertStock(sku, 3, 2);
        assertThat(due(order)).extracting(Due::amountMinor).containsExactly(500L);
        Reply rest = done(order + "/cancel", "{}");

        assertThat(rest.at("/state")).isEqualTo("REFUND_PENDING");
        assertStock(sku, 3, 0);
        assertThat(due(order)).extracting(Due::amountMinor).containsExactly(500L, 1_000L);
        assertThat(server.get(order + "/events").at("/data/2/reason")).isEqualTo("too late");

        for (Due refund : due(order)) {
            pay(order, refund);
            pay(order, refund); // said twice, done once
        }
        assertThat(server.get(order).at("/state")).isEqualTo("REFUNDED");
        assertThat(server.get(order).at("/refunds/1/refundedAt")).isNotBlank();
        assertThat(due(order)).isEmpty();
        assertThat(events(order))
                .containsExactly("1 PLACED", "2 PAID", "3 CANCELLED", "4 CANCELLED", "5 REFUNDED", "6 REFUNDED");
    }

    @Test
    void anUnpaidOrderIsCancelledForNothingAndALatePaymentGoesBack() {
        String sku = server.receive(1);
        String order = orders.placed(line(sku, 1, 500));
        assertThat(done(order + "/cancel", "{}").at("/state")).isEqualTo("CANCELLED");
        assertThat(due(order)).isEmpty();
        var late = payment(500);

        assertThat(orders.orders.paid(TestOrders.id(order), late, CHECKOUT)).isFalse();
        assertThat(orders.orders.paid(TestOrders.id(order), late, CHECKOUT)).isFalse();

        assertThat(server.get(order).at("/state")).isEqualTo("REFUND_PENDING");
        assertThat(due(order)).hasSize(1);
        assertThat(server.get(order).at("/payment")).isEqualTo(late.reference());
        assertStock(sku, 1, 0);
    }

    @Test
    void partsComeBackToTheShelfOrAreWrittenOff() {
        String sku = server.receive(4);
        String order = orders.paid(line(sku, 4, 300));
        done(order + "/ship", "{}");
        done(order + "/deliver", "{}");

        Reply part = done(order + "/return", lines(sku, 1));
        assertThat(part.at("/state")).isEqualTo("DELIVERED");
        assertStock(sku, 1, 0);
        Reply broken = done(
                order + "/return", "{\"lines\": [{\"sku\": \"" + sku + "\", \"quantity\": 2, \"restock\": false}]}");

        assertThat(broken.number("/lines/0/returned")).isEqualTo(3);
        assertStock(sku, 1, 0);
        assertThat(due(order)).extracting(Due::amountMinor).containsExactly(300L, 600L);
        assertThat(done(order + "/return", "{}").at("/state")).isEqualTo("REFUND_PENDING");
        assertStock(sku, 2, 0);
        due(order).forEach(refund -> pay(order, refund));
        assertThat(server.get(order).at("/state")).isEqualTo("RETURNED");
        assertThat(server.get("/v1/invariants").at("/ok")).isEqualTo("true");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "pack    | PLACED",
                "ship    | PLACED",
                "deliver | PLACED",
                "return  | PLACED",
                "deliver | PAID",
                "return  | PAID",
                "pack    | SHIPPED",
                "ship    | SHIPPED",
                "cancel  | SHIPPED",
                "pack    | DELIVERED",
                "ship    | DELIVERED",
                "deliver | DELIVERED",
                "cancel  | DELIVERED",
                "pack    | REFUND_PENDING",
                "ship    | REFUND_PENDING",
                "deliver | REFUND_PENDING",
                "cancel  | REFUND_PENDING",
                "return  | REFUND_PENDING",
            })
    void whatAStateDoesNotAllowIsRefusedAndChangesNothing(String act, String state) {
        String sku = server.receive(1);
        String order = state.equals("PLACED") ? orders.placed(line(sku, 1, 100)) : orders.paid(line(sku, 1, 100));
        List<String> way = switch (state) {
            case "SHIPPED" -> List.of("ship");
            case "DELIVERED" -> List.of("ship", "deliver");
            case "REFUND_PENDING" -> List.of("cancel");
            default -> List.of();
        };
        way.forEach(step -> done(order + "/" + step, "{}"));
        Reply before = server.get(order);
        assertThat(before.at("/state")).isEqualTo(state);
        Level level = server.level(sku);

        Reply reply = server.postNew(order + "/" + act, "{}");

        assertThat(reply.status()).as(reply.text()).isEqualTo(409);
        assertThat(reply.code()).isEqualTo("order-state");
        assertThat(reply.at("/state")).isEqualTo(state);
        assertThat(server.get(order).text()).isEqualTo(before.text());
        assertThat(server.level(sku)).isEqualTo(level);
    }

    @Test
    void moreThanThereIsIsRefusedWithTheLines() {
        String sku = server.receive(2);
        String order = orders.paid(line(sku, 2, 100));

        Reply reply = server.postNew(order + "/ship", """
                {"lines": [{"sku": "%s", "quantity": 3}, {"sku": "OTHER", "quantity": 1}]}""".formatted(sku));

        assertThat(reply.code()).isEqualTo("order-state");
        assertThat(reply.json().at("/lines").toString()).isEqualTo("""
                [{"sku":"%s","location":"main","requested":3,"possible":2},\
                {"sku":"OTHER","location":"main","requested":1,"possible":0}]""".formatted(sku));
        assertThat(server.get(order).number("/version")).isEqualTo(2);
    }

    /** A count finds fewer units than were promised: there is nothing to ship, and nothing stays on its way. */
    @Test
    void whatIsNotOnHandIsNotShipped() {
        String sku = server.receive(2);
        String order = orders.paid(line(sku, 2, 100));
        server.post("/v1/stock/counts", "{\"sku\": \"" + sku + "\", \"counted\": 1}");
        String key = TestServer.newKey();

        Reply reply = server.post(order + "/ship", "{}", "Idempotency-Key", key);

        assertThat(reply.code()).as(reply.text()).isEqualTo("insufficient-stock");
        assertThat(server.get(order).at("/state")).isEqualTo("PAID");
        assertThat(done(order + "/ship", lines(sku, 1)).number("/lines/0/shipped"))
                .isEqualTo(1);
        server.receive(sku, "main", 1);
        assertThat(server.post(order + "/ship", "{}", "Idempotency-Key", key).at("/state"))
                .as("a refusal is not remembered")
                .isEqualTo("SHIPPED");
        assertStock(sku, 0, 0);
    }

    @Test
    void aKeySentAgainIsDoneOnce() {
        String sku = server.receive(3);
        String order = orders.paid(line(sku, 3, 100));
        String key = TestServer.newKey();

        Reply first = server.post(order + "/ship", lines(sku, 1), "Idempotency-Key", key, "If-Match", "\"2\"");
        Reply again = server.post(order + "/ship", lines(sku, 1), "Idempotency-Key", key, "If-Match", "\"2\"");
        Reply other = server.post(order + "/ship", lines(sku, 2), "Idempotency-Key", key);

        assertThat(first.status()).as(first.text()).isEqualTo(200);
        assertThat(first.header("Idempotent-Replayed")).isEmpty();
        assertThat(again.text()).isEqualTo(first.text());
        assertThat(again.header("Idempotent-Replayed")).isEqualTo("true");
        assertThat(other.code()).isEqualTo("idempotency-key-reused");
        assertThat(server.postNew(order + "/pack", "{}").status()).isEqualTo(200);
        assertThat(server.post(order + "/pack", "{}").code()).isEqualTo("idempotency-key-required");
        assertStock(sku, 2, 2);
    }

    @Test
    void whoHasSeenAnOlderVersionIsToldSo() {
        String sku = server.receive(2);
        String order = orders.paid(line(sku, 2, 100));
        String seen = server.get(order).header("ETag");
        done(order + "/pack", "{}", "If-Match", seen);

        Reply reply = server.postNew(order + "/ship", "{}", "If-Match", seen);

        assertThat(reply.status()).isEqualTo(412);
        assertThat(reply.code()).isEqualTo("version-changed");
        assertThat(reply.number("/currentVersion")).isEqualTo(3);
        assertThat(reply.header("ETag")).isEqualTo("\"3\"");
        assertStock(sku, 2, 2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"pack", "ship", "deliver", "cancel", "return"})
    void whatIsWrongWithARequestIsSaid(String act) {
        assertThat(server.postNew(UNKNOWN + "/" + act, "{}").code()).isEqualTo("unknown-order");
        String order = orders.paid(line(server.receive(1), 1, 1)) + "/" + act;
        assertThat(server.postNew(order, "{\"lines\": []}").code()).isEqualTo("invalid-request");
        assertThat(server.postNew(order, "{\"lines\": [{\"sku\": \"A\", \"quantity\": 0}]}")
                        .at("/violations/0/field"))
                .isEqualTo("lines[0].quantity");
        assertThat(server.postNew(order, """
                {"lines": [{"sku": "A", "quantity": 1}, {"sku": "A", "location": "main", "quantity": 1}]}""").at("/violations/0/field")).isEqualTo("lines[1]");
        assertThat(server.postNew(order, "{}", "Holdfast-Actor", " ").at("/violations/0/field"))
                .isEqualTo("Holdfast-Actor");
        assertThat(server.postNew(order, "{\"restock\": true}").code()).isEqualTo("invalid-request");
    }

    /** All of it or nothing; and the order is not left with it. */
    @Test
    void whatTheShelfHasNoRoomForDoesNotComeBack() {
        String first = server.receive(5);
        String full = server.receive(5);
        String order = orders.paid(line(first, 2, 100), line(full, 2, 100));
        done(order + "/ship", "{}");
        List<String> before = events(order);
        String both = """
                {"lines": [{"sku": "%s", "quantity": 1, "restock": true}, {"sku": "%s", "quantity": 1, "restock": true}]}""".formatted(first, full);
        fill(full, Level.UNITS_MAX - 3);

        Reply refused = server.postNew(order + "/return", both);

        assertThat(refused.status() + refused.code()).isEqualTo("409stock-limit-exceeded");
        assertThat(refused.at("/sku")).isEqualTo(full);
        assertThat(events(order)).isEqualTo(before);
        assertStock(first, 3, 0);
        fill(full, 3 - Level.UNITS_MAX);
        done(order + "/return", both);
        assertStock(first, 4, 0);
        assertStock(full, 4, 0);
    }

    /** So many units as nobody can receive in a test. */
    private void fill(String sku, long units) {
        server.bean(JdbcTemplate.class)
                .update("UPDATE stock_level SET on_hand = on_hand + ? WHERE sku = ?", units, sku);
    }

    @Test
    void unknownOrdersAreUnknown() {
        assertThat(server.get(UNKNOWN).code()).isEqualTo("unknown-order");
        assertThat(server.get(UNKNOWN + "/events").code()).isEqualTo("unknown-order");
        assertThat(server.get(UNKNOWN + "/events?cursor=1").code()).isEqualTo("unknown-order");
    }

    @Test
    void eventsComeInPages() {
        String order = orders.paid(line(server.receive(1), 1, 1));

        Reply first = server.get(order + "/events?limit=1");
        Reply second = server.get(order + "/events?limit=1&cursor=" + first.at("/nextCursor"));

        assertThat(first.at("/data/0/type")).isEqualTo("PLACED");
        assertThat(second.at("/data/0/type")).isEqualTo("PAID");
        assertThat(second.at("/nextCursor")).isEmpty();
        assertThat(server.get(order + "/events?cursor=2").json().at("/data").isEmpty())
                .isTrue();
    }

    /** What the checkout says can be said again, and never means something else. */
    @Test
    void placingAndPayingAgainChangesNothing() {
        String sku = server.receive(1);
        var order = orders.of(null, line(sku, 1, 100));
        var paid = payment(100);
        UUID id = order.id();

        assertThat(orders.orders.place(order, CHECKOUT)).isTrue();
        assertThat(orders.orders.place(order, CHECKOUT)).isFalse();
        assertThat(orders.orders.paid(id, paid, CHECKOUT)).isTrue();
        assertThat(orders.orders.paid(id, paid, CHECKOUT)).isTrue();
        done("/v1/orders/" + id + "/ship", "{}");
        assertThat(orders.orders.paid(id, paid, CHECKOUT)).isTrue();

        assertThat(events("/v1/orders/" + id)).containsExactly("1 PLACED", "2 PAID", "3 SHIPPED");
        assertThatThrownBy(() -> orders.orders.paid(id, payment(100), CHECKOUT))
                .isInstanceOf(IllegalStateException.class);
        var other = orders.of("somebody else", "web", null, line(server.receive(1), 1, 100));
        assertThatThrownBy(() -> orders.orders.place(
                        new dev.holdfast.server.order.Orders.NewOrder(
                                id, other.holdId(), other.buyer(), null, other.lines(), null),
                        CHECKOUT))
                .isInstanceOf(IllegalArgumentException.class);
        var unpaid = orders.of(null, line(server.receive(1), 1, 100));
        orders.orders.place(unpaid, CHECKOUT);
        assertThatThrownBy(() -> orders.orders.paid(unpaid.id(), payment(99), CHECKOUT))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
