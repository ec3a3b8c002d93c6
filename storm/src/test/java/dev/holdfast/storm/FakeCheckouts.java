package dev.holdfast.storm;

import dev.holdfast.storm.FakeServer.Fault;
import dev.holdfast.storm.FakeServer.Response;
import dev.holdfast.storm.FakeServer.Stock;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The part of the {@link FakeServer} that takes money: carts, checkouts, payments, orders and sales. Called with its lock held. */
final class FakeCheckouts {

    private static final JsonMapper JSON = new JsonMapper();
    private static final int PAGE = 7; // several in a small storm

    /** A checkout with its payment and its order. */
    private static final class Bought {
        final String id;
        final JsonNode lines;
        final String cart;
        final boolean isPayable;
        String state = "PENDING";
        long capturedMinor;
        long refundedMinor;
        boolean isCancelled;
        boolean isShipped;
        boolean isStuck;

        Bought(String id, JsonNode lines, String cart, String token) {
            this.id = id;
            this.lines = lines;
            this.cart = cart;
            this.isPayable = !token.matches("tok_(decline|insufficient_funds|timeout_then_failure).*");
        }

        boolean isPaid() {
            return state.equals("COMPLETED");
        }
    }

    private final Set<Fault> faults;
    private final Function<String, Stock> stock;
    private final ToLongFunction<String> priceMinor;
    private final Map<String, JsonNode> carts = new HashMap<>();
    private final Map<String, Bought> checkouts = new LinkedHashMap<>();
    private final Set<String> sales = new HashSet<>();
    private final Set<Fault> done = new HashSet<>();

    FakeCheckouts(Set<Fault> faults, Function<String, Stock> stock, ToLongFunction<String> priceMinor) {
        this.faults = faults;
        this.stock = stock;
        this.priceMinor = priceMinor;
    }

    /**
     * Null: not of this part.
     *
     * @param isHasty wants no answer that it has to wait for
     */
    @Nullable
    Response answer(String method, String path, String query, String key, boolean isHasty, JsonNode body) {
        if (path.startsWith("/v1/payments/sandbox/")) {
            return payment(checkouts.get(path.substring("/v1/payments/sandbox/".length())));
        }
        var parts = path.split("/", -1);
        var id = parts.length > 3 ? parts[3] : "";
        return switch (method + " " + (id.isEmpty() ? path : path.replace(id, "{id}"))) {
            case "POST /v1/carts" -> new Response(201, JSON.createObjectNode().put("id", key));
            case "PUT /v1/carts/{id}/lines" -> {
                carts.put(id, body.path("lines"));
                yield new Response(200, JSON.createObjectNode());
            }
            case "POST /v1/checkouts" -> begin(key, body, isHasty);
            case "GET /v1/checkouts/{id}" -> checkout(checkouts.get(id));
            case "POST /v1/checkouts/{id}/cancel" -> cancel(known(id));
            case "GET /v1/orders" -> orders(query);
            case "POST /v1/orders/{id}/cancel" -> cancelOrder(known(id));
            case "POST /v1/orders/{id}/ship" -> ship(known(id));
            case "POST /v1/sales" -> sell(key, body.path("lines"));
            default -> null;
        };
    }

    private Bought known(String id) {
        return checkouts.getOrDefault(id, new Bought(id, JSON.createArrayNode(), "", ""));
    }

    private Response begin(String key, JsonNode body, boolean isHasty) {
        var earlier = checkouts.get(key);
        if (earlier != null) {
            var state = faults.contains(Fault.OTHER_END) ? "EXPIRED" : earlier.state;
            return new Response(
                    state.equals("PENDING") ? 202 : 201, shown(earlier).put("state", state));
        }
        var cart = body.path("cartId").asString("");
        boolean isBought = checkouts.values().stream()
                .anyMatch(other -> !cart.isEmpty() && other.cart.equals(cart) && other.isPaid());
        if (isBought && !faults.contains(Fault.PAID_TWICE)) {
            return new Response(409, FakeServer.problem(409, "checkout-completed", false));
        }
        var lines = cart.isEmpty() ? body.path("lines") : carts.getOrDefault(cart, JSON.createArrayNode());
        if (!fits(lines)) {
            return new Response(409, FakeServer.problem(409, "insufficient-stock", false));
        }
        var bought = new Bought(key, lines, cart, body.path("payment").asString());
        checkouts.put(key, bought);
        move("PLACE", bought, 0, 1, 0);
        if (isHasty) {
            return new Response(202, shown(bought));
        }
        bought.isStuck = first(Fault.STUCK);
        end(bought);
        return new Response(201, shown(bought));
    }

    private boolean fits(JsonNode lines) {
        boolean fits = true;
        for (var line : lines) {
            fits &= stock.apply(sku(line)).available() >= line.path("quantity").asLong();
        }
        return fits || faults.contains(Fault.OVERSELL);
    }

    private void end(Bought bought) {
        if (!bought.state.equals("PENDING") || bought.isStuck) {
            return;
        }
        if (bought.isPayable) {
            move("CONFIRM", bought, 0, -1, 1);
            bought.state = "COMPLETED";
            bought.capturedMinor = totalMinor(bought) + (first(Fault.OTHER_PRICE) ? 1 : 0);
        } else {
            move("RELEASE", bought, 0, -1, 0);
            bought.state = "DECLINED";
            bought.capturedMinor = first(Fault.KEEP_MONEY) ? totalMinor(bought) : 0;
        }
    }

    /** With all that nobody waits for any more. */
    void goOn() {
        checkouts.values().forEach(this::end);
    }

    private Response checkout(@Nullable Bought bought) {
        if (bought == null) {
            return new Response(404, FakeServer.problem(404, "unknown-checkout", false));
        }
        end(bought);
        return new Response(200, shown(bought));
    }

    private Response cancel(Bought bought) {
        if (bought.isPaid()) {
            return new Response(409, FakeServer.problem(409, "checkout-completed", false));
        }
        if (bought.state.equals("PENDING")) {
            move("RELEASE", bought, 0, -1, 0);
            bought.state = "CANCELLED";
        }
        return new Response(200, shown(bought));
    }

    private ObjectNode shown(Bought bought) {
        var shown = JSON.createObjectNode().put("id", bought.id).put("state", bought.state);
        shown.set("total", money(totalMinor(bought)));
        return shown;
    }

    private Response payment(@Nullable Bought bought) {
        if (bought == null) {
            return new Response(404, FakeServer.problem(404, "unknown-payment", false));
        }
        var shown = JSON.createObjectNode()
                .put("state", bought.refundedMinor > 0 ? "refunded" : bought.capturedMinor > 0 ? "captured" : "voided");
        if (bought.capturedMinor > 0) {
            shown.set("captured", money(bought.capturedMinor));
        }
        if (bought.refundedMinor > 0) {
            shown.set("refunded", money(bought.refundedMinor));
        }
        return new Response(200, shown);
    }

    private Response orders(String query) {
        var sku = query.replaceAll(".*sku=([^&]*).*", "$1");
        int from = query.contains("cursor=") ? Integer.parseInt(query.replaceAll(".*cursor=(\\d+).*", "$1")) : 0;
        var all = checkouts.values().stream()
                .filter(Bought::isPaid)
                .filter(bought -> bought.lines.toString().contains("\"" + sku + "\""))
                .filter(bought -> !faults.contains(Fault.FORGET_ORDER) || !isFirst(bought))
                .toList();
        var page = JSON.createObjectNode();
        var data = page.putArray("data");
        all.stream().skip(from).limit(PAGE).map(this::order).forEach(data::add);
        page.put("nextCursor", from + PAGE < all.size() ? Integer.toString(from + PAGE) : null);
        return new Response(200, page);
    }

    private ObjectNode order(Bought bought) {
        var shown = JSON.createObjectNode()
                .put("id", bought.id)
                .put("state", bought.isCancelled ? "REFUNDED" : bought.isShipped ? "SHIPPED" : "PAID")
                .put("payment", bought.id);
        shown.putArray("refunds");
        var lines = shown.putArray("lines");
        for (var line : bought.lines) {
            long quantity = line.path("quantity").asLong();
            lines.addObject()
                    .put("sku", sku(line))
                    .put("quantity", quantity)
                    .put("open", bought.isCancelled || bought.isShipped ? 0 : quantity)
                    .put("packed", 0)
                    .put("shipped", bought.isShipped ? quantity : 0)
                    .put("delivered", 0)
                    .put("cancelled", bought.isCancelled ? quantity : 0)
                    .put("returned", 0)
                    .set("unitPrice", money(priceMinor.applyAsLong(sku(line))));
        }
        return shown;
    }

    private Response cancelOrder(Bought bought) {
        if (!bought.isCancelled && !first(Fault.FORGET_CANCEL)) {
            bought.isCancelled = true;
            bought.refundedMinor = bought.capturedMinor;
            move("DEALLOCATE", bought, 0, 0, -1);
        }
        return new Response(200, JSON.createObjectNode());
    }

    private Response ship(Bought bought) {
        if (!bought.isShipped) {
            bought.isShipped = true;
            move("SHIP", bought, -1, 0, -1);
        }
        return new Response(200, JSON.createObjectNode());
    }

    private Response sell(String key, JsonNode lines) {
        if (!sales.contains(key)) {
            if (!fits(lines)) {
                return new Response(409, FakeServer.problem(409, "insufficient-stock", false));
            }
            sales.add(key);
            if (!first(Fault.FORGET_SALE)) {
                move("SELL", new Bought(key, lines, "", ""), -1, 0, 0);
            }
        }
        return new Response(201, JSON.createObjectNode());
    }

    /** What a till sold of its lease; of each unit told once. */
    Response settle(String lease, Map<String, Long> left, JsonNode body) {
        var answer = JSON.createObjectNode();
        var results = answer.putArray("results");
        for (var sale : body.path("sales")) {
            var saleId = sale.path("saleId").asString();
            var line = sale.path("lines").path(0);
            if (sales.add(saleId)) {
                stock.apply(sku(line)).move("SETTLE", saleId, -1, -1, 0);
                left.merge(sku(line), -1L, Long::sum);
            }
            var settled =
                    results.addObject().put("saleId", saleId).put("status", 201).putObject("sale");
            settled.putArray("lines")
                    .addObject()
                    .put("leased", first(Fault.NOT_LEASED) ? 0 : 1)
                    .put("found", 0)
                    .put("shortfall", 0);
        }
        if (body.path("close").asBoolean()) {
            left.forEach((sku, units) -> stock.apply(sku).move("RELEASE", lease, 0, -units, 0));
            left.clear();
        }
        return new Response(200, answer);
    }

    private void move(String kind, Bought bought, int onHandSign, int heldSign, int allocatedSign) {
        for (var line : bought.lines) {
            long quantity = line.path("quantity").asLong();
            stock.apply(sku(line))
                    .move(kind, bought.id, onHandSign * quantity, heldSign * quantity, allocatedSign * quantity);
        }
    }

    private long totalMinor(Bought bought) {
        long total = 0;
        for (var line : bought.lines) {
            total += line.path("quantity").asLong() * priceMinor.applyAsLong(sku(line));
        }
        return total;
    }

    private static String sku(JsonNode line) {
        return line.path("sku").asString();
    }

    private static ObjectNode money(long minor) {
        return JSON.createObjectNode().put("amountMinor", minor).put("currency", "EUR");
    }

    private boolean isFirst(Bought bought) {
        return checkouts.values().stream().filter(Bought::isPaid).findFirst().orElseThrow() == bought;
    }

    /** Whether this fault is to happen now: each once. */
    private boolean first(Fault fault) {
        return faults.contains(fault) && done.add(fault);
    }
}
