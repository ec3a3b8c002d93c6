package dev.holdfast.storm;

import dev.holdfast.storm.Trip.SaleTold;
import dev.holdfast.storm.Wire.Malformed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The bodies of carts, checkouts, orders and tills: written, and read with suspicion. */
final class CheckoutWire {

    private static final JsonMapper JSON = new JsonMapper();

    private CheckoutWire() {}

    static String cart(String channel) {
        return JSON.createObjectNode().put("channel", channel).toString();
    }

    static String lines(Map<String, Long> units) {
        return withLines(JSON.createObjectNode(), units).toString();
    }

    static String checkout(String cartId, String token, String buyer) {
        return JSON.createObjectNode()
                .put("cartId", cartId)
                .put("payment", token)
                .put("buyer", buyer)
                .toString();
    }

    static String checkout(Errand errand, String buyer) {
        var body = JSON.createObjectNode()
                .put("payment", errand.token())
                .put("buyer", buyer)
                .put("channel", errand.channel());
        return withLines(body, errand.units()).toString();
    }

    static String hold(Map<String, Long> units, long ttlSeconds, String channel) {
        var body = JSON.createObjectNode().put("ttlSeconds", ttlSeconds).put("channel", channel);
        return withLines(body, units).toString();
    }

    static String sale(Errand errand) {
        return withLines(JSON.createObjectNode().put("channel", errand.channel()), errand.units())
                .toString();
    }

    /** @param close release what is left of the lease */
    static String settlement(List<Trip.Sale> sales, boolean close) {
        var body = JSON.createObjectNode().put("close", close);
        var all = body.putArray("sales");
        sales.forEach(sale -> withLines(all.addObject().put("saleId", sale.id().toString()), sale.units()));
        return body.toString();
    }

    /** @param restock to the shelf; else written off */
    static String sentBack(String sku, long quantity, boolean restock) {
        var body = JSON.createObjectNode();
        body.putArray("lines")
                .addObject()
                .put("sku", sku)
                .put("quantity", quantity)
                .put("restock", restock);
        return body.toString();
    }

    private static ObjectNode withLines(ObjectNode body, Map<String, Long> units) {
        var lines = body.putArray("lines");
        units.forEach((sku, quantity) -> lines.addObject().put("sku", sku).put("quantity", quantity));
        return body;
    }

    static CheckoutSeen checkout(JsonNode body) {
        return new CheckoutSeen(
                Wire.text(body, "id"), Wire.text(body, "state"), Wire.whole(body.path("total"), "amountMinor"));
    }

    static boolean isEnd(JsonNode body) {
        return CheckoutSeen.isEnd(body.path("state").asString(""));
    }

    /** Whether the buyer is to act. */
    static boolean isBuyersTurn(JsonNode body) {
        return body.path("state").asString("").equals("WAITING_FOR_BUYER");
    }

    /** Until when units are held for a checkout; empty: not any more. */
    static Optional<Instant> heldUntil(JsonNode body) {
        var until = body.path("heldUntil");
        return until.isString() ? Optional.of(Wire.instant(until.asString())) : Optional.empty();
    }

    static OrderSeen order(JsonNode body) {
        var lines = new ArrayList<OrderSeen.Line>();
        for (var line : Wire.array(body, "lines")) {
            lines.add(new OrderSeen.Line(
                    Wire.text(line, "sku"),
                    Wire.whole(line.path("unitPrice"), "amountMinor"),
                    Wire.whole(line, "quantity"),
                    Wire.whole(line, "open") + Wire.whole(line, "packed"),
                    Wire.whole(line, "shipped") + Wire.whole(line, "delivered"),
                    Wire.whole(line, "cancelled"),
                    Wire.whole(line, "returned")));
        }
        long due = 0;
        for (var refund : Wire.array(body, "refunds")) {
            due += refund.path("refundedAt").isString() ? 0 : 1;
        }
        return new OrderSeen(
                Wire.text(body, "id"),
                Wire.text(body, "state"),
                body.path("payment").isString() ? body.path("payment").asString() : null,
                lines,
                due);
    }

    static PaymentSeen payment(JsonNode body) {
        return new PaymentSeen(Wire.text(body, "state"), minor(body, "captured"), minor(body, "refunded"));
    }

    private static long minor(JsonNode body, String name) {
        return body.has(name) ? Wire.whole(body.path(name), "amountMinor") : 0;
    }

    /** What was settled, in the order of the request. */
    static List<SaleTold> settled(JsonNode body, List<Trip.Sale> sales) {
        var results = Wire.array(body, "results");
        if (results.size() != sales.size()) {
            throw new Malformed("%d sales were told, %d are answered".formatted(sales.size(), results.size()));
        }
        var told = new ArrayList<SaleTold>();
        for (int i = 0; i < sales.size(); i++) {
            var result = results.get(i);
            if (!Wire.text(result, "saleId").equals(sales.get(i).id().toString())) {
                throw new Malformed("the results are in another order");
            }
            told.add(
                    Wire.whole(result, "status") == 201
                            ? sold(Wire.array(result.path("sale"), "lines"))
                            : new SaleTold.Unknown("refused: " + result.path("problem")));
        }
        return told;
    }

    private static SaleTold sold(JsonNode lines) {
        long leased = 0;
        long found = 0;
        long shortfall = 0;
        for (var line : lines) {
            leased += Wire.whole(line, "leased");
            found += Wire.whole(line, "found");
            shortfall += Wire.whole(line, "shortfall");
        }
        return new SaleTold.Sold(leased, found, shortfall);
    }
}
