package dev.holdfast.server.order;

import dev.holdfast.server.api.Caller;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened to an order, as it is written to its log.
 *
 * @param number 1 for the first, then gapless
 * @param data what happened, by name; with the state that came of it
 * @param request what it was asked by; null where this server did it on its own
 */
record OrderEvent(
        long number,
        String type,
        Instant at,
        Caller caller,
        Map<String, Object> data,
        @Nullable Request request) {
    static final String PLACED = "PLACED";

    /** Of a request with an idempotency key. */
    record Request(UUID keyId, long hash) {}

    static OrderEvent placed(Order order, Caller caller) {
        Map<String, Object> data = data(order);
        data.put("holdId", order.holdId());
        data.put("buyer", order.buyer());
        if (order.channel() != null) {
            data.put("channel", order.channel());
        }
        data.put("totalMinor", order.totalMinor());
        data.put("currency", order.currency());
        data.put("lines", order.lines().stream().map(OrderEvent::ordered).toList());
        return new OrderEvent(1, PLACED, order.placedAt(), caller, data, null);
    }

    static OrderEvent paid(Order after, Caller caller) {
        Map<String, Object> data = data(after);
        data.put("payment", String.valueOf(after.payment()));
        data.put("amountMinor", after.totalMinor());
        data.put("currency", after.currency());
        return of(Act.PAY, after, caller, data, null);
    }

    static OrderEvent refunded(Order after, Order.Refund refund, Caller caller) {
        Map<String, Object> data = data(after);
        data.put("refund", refund.number());
        data.put("amountMinor", refund.amountMinor());
        data.put("currency", after.currency());
        return of(Act.REFUND, after, caller, data, null);
    }

    static OrderEvent of(Intent intent, Order after) {
        Map<String, Object> data = data(after);
        data.put(
                "lines",
                intent.parts().stream().map(part -> moved(intent.act(), part)).toList());
        return of(intent.act(), after, intent.caller(), data, new Request(intent.keyId(), intent.requestHash()));
    }

    private static OrderEvent of(
            Act act, Order after, Caller caller, Map<String, Object> data, @Nullable Request request) {
        if (after.lastDueMinor() > 0) {
            data.put("refundDueMinor", after.lastDueMinor());
        }
        return new OrderEvent(after.version(), act.event(), after.changedAt(), caller, data, request);
    }

    private static Map<String, Object> data(Order after) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("state", after.state());
        return data;
    }

    private static Map<String, Object> ordered(OrderLine line) {
        Map<String, Object> ordered = line(line.sku(), line.location(), line.quantity());
        ordered.put("unitPriceMinor", line.unitPriceMinor());
        return ordered;
    }

    private static Map<String, Object> moved(Act act, Part part) {
        Map<String, Object> moved = line(part.sku(), part.location(), part.quantity());
        if (act == Act.RETURN) {
            moved.put("restock", part.restock());
        }
        return moved;
    }

    private static Map<String, Object> line(String sku, String location, long quantity) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("sku", sku);
        line.put("location", location);
        line.put("quantity", quantity);
        return line;
    }
}
