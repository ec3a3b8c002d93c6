package dev.holdfast.storm;

import dev.holdfast.storm.FakeServer.Fault;
import dev.holdfast.storm.FakeServer.Response;
import dev.holdfast.storm.FakeServer.Stock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The part of the {@link FakeServer} that takes money: carts, checkouts, payments and orders. Called with its lock held. */
final class FakeCheckouts {

    private static final JsonMapper JSON = new JsonMapper();
    private static final String WAITING = "WAITING_FOR_BUYER";
    private static final int PAGE = 7; // several in a small storm

    /** A checkout with its payment and its order. */
    private static final class Bought {
        final String id;
        final JsonNode lines;
        final String cart;
        final boolean isPayable;
        final boolean isTransfer;
        final Instant heldUntil;
        final Instant dueAt;
        final List<String> backKeys = new ArrayList<>();
        final Map<String, Long> returned = new HashMap<>();
        String state;
        boolean isHeld = true;
        boolean isRevoked;
        long capturedMinor;
        long refundedMinor;
        boolean isCancelled;
        boolean isShipped;
        boolean isStuck;

        Bought(String id, JsonNode lines, String cart, String token, long heldSeconds) {
            var now = Instant.now();
            this.isTransfer = token.startsWith("tok_transfer");
            this.heldUntil = now.plusSeconds(heldSeconds);
            this.dueAt = now.plusMillis(isTransfer ? Long.parseLong(token.replaceAll("\\D", "")) : 0);
            this.state = token.equals("tok_requires_action") ? WAITING : "PENDING";
            this.id = id;
            this.lines = lines;
            this.cart = cart;
            this.isPayable = !token.matches("tok_(decline|insufficient_funds|timeout_then_failure).*");
        }

        boolean isPaid() {
            return state.equals("COMPLETED");
        }

        boolean isOpen() {
            return state.equals("PENDING") || state.equals(WAITING);
        }
    }

    private final Set<Fault> faults;
    private final Function<String, Stock> stock;
    private final ToLongFunction<String> priceMinor;
    private final Map<String, JsonNode> carts = new HashMap<>();
    private final Map<String, Bought> checkouts = new LinkedHashMap<>();
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
            var payment = path.substring("/v1/payments/sandbox/".length());
            return method.equals("GET")
                    ? payment(checkouts.get(payment))
                    : authenticate(known(payment.replace("/authentication", "")));
        }
        var parts = path.split("/", -1);
        var id = parts.length > 3 ? parts[3] : "";
        return switch (method + " " + (id.isEmpty() ? path : path.replace(id, "{id}"))) {
            case "POST /v1/carts" -> new Response(201, JSON.createObjectNode().put("id", key));
            case "PUT /v1/carts/{id}/lines" -> fill(id, body.path("lines"));
            case "POST /v1/checkouts" -> begin(key, body, isHasty);
            case "GET /v1/checkouts/{id}" -> checkout(checkouts.get(id));
            case "POST /v1/checkouts/{id}/cancel" -> cancel(known(id));
            case "GET /v1/orders" -> orders(query);
            case "POST /v1/orders/{id}/cancel" -> cancelOrder(known(id));
            case "POST /v1/orders/{id}/ship" -> ship(known(id));
            case "POST /v1/orders/{id}/return" ->
                sendBack(known(id), key, body.path("lines").path(0));
            case "POST /v1/holds/{id}/release" -> checkouts.containsKey(id) ? release(known(id)) : null;
            default -> null;
        };
    }

    private Bought known(String id) {
        return checkouts.getOrDefault(id, new Bought(id, JSON.createArrayNode(), "", "", 0));
    }

    private Response begin(String key, JsonNode body, boolean isHasty) {
        var earlier = checkouts.get(key);
        if (earlier != null) {
            var state = faults.contains(Fault.OTHER_END) ? "EXPIRED" : earlier.state;
            return new Response(earlier.isOpen() ? 202 : 201, shown(earlier).put("state", state));
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
        var token = body.path("payment").asString();
        var bought = new Bought(key, lines, cart, token, faults.contains(Fault.SHORT_HOLDS) ? 1 : 600);
        checkouts.put(key, bought);
        move("PLACE", bought, 0, 1, 0);
        if (isHasty) {
            return new Response(202, shown(bought));
        }
        bought.isStuck = first(Fault.STUCK);
        end(bought);
        return new Response(bought.isOpen() && !bought.isStuck ? 202 : 201, shown(bought));
    }

    /** A cart that is being paid for is not what is paid for any more; one that is bought is not there. */
    private Response fill(String cart, JsonNode lines) {
        for (var bought : checkouts.values()) {
            if (bought.cart.equals(cart) && bought.isPaid()) {
                return new Response(404, FakeServer.problem(404, "unknown-cart", false));
            }
            if (bought.cart.equals(cart) && bought.isOpen()) {
                giveBack(bought);
            }
        }
        carts.put(cart, lines);
        return new Response(200, JSON.createObjectNode());
    }

    private Response release(Bought bought) {
        expire(bought);
        if (bought.isPaid()) {
            return new Response(409, FakeServer.problem(409, "hold-confirmed", false));
        }
        if (!bought.isHeld && !bought.isRevoked) {
            return new Response(410, FakeServer.problem(410, "hold-expired", false));
        }
        giveBack(bought);
        return new Response(200, JSON.createObjectNode());
    }

    private void giveBack(Bought bought) {
        if (!faults.contains(Fault.PAY_REVOKED)) {
            drop("RELEASE", bought);
            bought.isRevoked = true;
        }
    }

    private void drop(String kind, Bought bought) {
        if (bought.isHeld) {
            move(kind, bought, 0, -1, 0);
            bought.isHeld = false;
        }
    }

    private void expire(Bought bought) {
        if (bought.isOpen() && bought.heldUntil.isBefore(Instant.now())) {
            drop("EXPIRE", bought);
        }
    }

    private Response authenticate(Bought bought) {
        bought.state = bought.state.equals(WAITING) ? "PENDING" : bought.state;
        return new Response(200, JSON.createObjectNode());
    }

    private boolean fits(JsonNode lines) {
        boolean fits = true;
        for (var line : lines) {
            fits &= stock.apply(sku(line)).available() >= line.path("quantity").asLong();
        }
        return fits || faults.contains(Fault.OVERSELL);
    }

    private void end(Bought bought) {
        if (!bought.isOpen() || bought.isStuck || Instant.now().isBefore(bought.dueAt)) {
            return;
        }
        expire(bought);
        if (bought.state.equals(WAITING) && !faults.contains(Fault.PAY_UNASKED)) {
            bought.state = bought.isHeld || bought.isRevoked ? WAITING : "EXPIRED";
        } else if (!bought.isPayable) {
            drop("RELEASE", bought);
            bought.state = "DECLINED";
            bought.capturedMinor = first(Fault.KEEP_MONEY) ? totalMinor(bought) : 0;
        } else if (bought.isHeld || (!bought.isRevoked && isHeldAgain(bought))) {
            move("CONFIRM", bought, 0, -1, 1);
            bought.isHeld = false;
            bought.state = "COMPLETED";
            bought.capturedMinor = totalMinor(bought) + (first(Fault.OTHER_PRICE) ? 1 : 0);
        } else {
            endWithout(bought, bought.isRevoked ? "CANCELLED" : "EXPIRED");
        }
    }

    private boolean isHeldAgain(Bought bought) {
        boolean fits = fits(bought.lines);
        if (fits) {
            move("PLACE", bought, 0, 1, 0);
        }
        return fits;
    }

    /** Money that came by itself goes back. */
    private void endWithout(Bought bought, String state) {
        bought.state = bought.isTransfer || faults.contains(Fault.REFUND_NOTHING) ? "REFUNDED" : state;
        bought.capturedMinor = bought.isTransfer ? totalMinor(bought) : 0;
        bought.refundedMinor = faults.contains(Fault.KEEP_LATE_MONEY) ? 0 : bought.capturedMinor;
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
        if (bought.isOpen()) {
            drop("RELEASE", bought);
            bought.state = "CANCELLED";
        }
        return new Response(200, shown(bought));
    }

    private ObjectNode shown(Bought bought) {
        var shown = JSON.createObjectNode().put("id", bought.id).put("state", bought.state);
        shown.set("total", money(totalMinor(bought)));
        shown.put("heldUntil", bought.isOpen() ? bought.heldUntil.toString() : null);
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
            long returned = bought.returned.getOrDefault(sku(line), 0L);
            lines.addObject()
                    .put("sku", sku(line))
                    .put("quantity", quantity)
                    .put("open", bought.isCancelled || bought.isShipped ? 0 : quantity)
                    .put("packed", 0)
                    .put("shipped", bought.isShipped ? quantity - returned : 0)
                    .put("delivered", 0)
                    .put("cancelled", bought.isCancelled ? quantity : 0)
                    .put("returned", returned)
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
        for (var line : bought.lines) {
            if (stock.apply(sku(line)).onHand < line.path("quantity").asLong()) {
                return new Response(409, FakeServer.problem(409, "insufficient-stock", false));
            }
        }
        if (!bought.isShipped) {
            bought.isShipped = true;
            move("SHIP", bought, -1, 0, -1);
        }
        return new Response(200, JSON.createObjectNode());
    }

    private Response sendBack(Bought bought, String key, JsonNode line) {
        boolean isNew = !bought.backKeys.contains(key);
        if (isNew || faults.contains(Fault.RETURN_TWICE)) {
            long units = line.path("quantity").asLong();
            bought.backKeys.add(key);
            bought.returned.merge(sku(line), units, Long::sum);
            bought.refundedMinor +=
                    faults.contains(Fault.KEEP_RETURNED_MONEY) ? 0 : units * priceMinor.applyAsLong(sku(line));
            if (line.path("restock").asBoolean() || faults.contains(Fault.RESTOCK_ALL)) {
                stock.apply(sku(line)).move("RETURN", key, units, 0, 0);
            }
        }
        return new Response(200, JSON.createObjectNode());
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
