package dev.holdfast.storm;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The bodies of the HTTP contract: written, and read with suspicion. */
final class Wire {

    static final String LOCATION = "main"; // the contract's default

    private static final JsonMapper JSON = new JsonMapper();

    /** The answer is not what the contract promises. */
    static final class Malformed extends RuntimeException {
        private final String why;

        Malformed(String why) {
            super(why);
            this.why = why;
        }

        String why() {
            return why;
        }
    }

    private Wire() {}

    static String receipt(String sku, long units, String reference) {
        return JSON.createObjectNode()
                .put("sku", sku)
                .put("quantity", units)
                .put("reference", reference)
                .toString();
    }

    static String hold(List<String> cart, long ttlSeconds) {
        var body = JSON.createObjectNode();
        var lines = body.putArray("lines");
        cart.forEach(sku -> lines.addObject().put("sku", sku).put("quantity", 1));
        return body.put("ttlSeconds", ttlSeconds).toString();
    }

    static String products(List<Assortment.Item> items) {
        var body = JSON.createObjectNode();
        var products = body.putArray("products");
        for (var item : items) {
            var product = products.addObject().put("id", item.id().toString()).put("lifecycle", "ACTIVE");
            put(product, item, item.pricesMinor());
        }
        return body.toString();
    }

    static String product(Assortment.Item item, Map<String, Long> pricesMinor) {
        var body = JSON.createObjectNode();
        put(body, item, pricesMinor);
        return body.toString();
    }

    private static void put(ObjectNode product, Assortment.Item item, Map<String, Long> pricesMinor) {
        var skus = product.put("name", item.name()).putArray("skus");
        pricesMinor.forEach((sku, price) -> skus.addObject()
                .put("sku", sku)
                .putObject("price")
                .put("amountMinor", price)
                .put("currency", "EUR"));
    }

    static String extension(long ttlSeconds) {
        return JSON.createObjectNode().put("ttlSeconds", ttlSeconds).toString();
    }

    static HoldSeen hold(JsonNode body) {
        var lines = new ArrayList<HoldSeen.Line>();
        for (var line : array(body, "lines")) {
            lines.add(new HoldSeen.Line(
                    text(line, "sku"), line.path("location").asString(LOCATION), whole(line, "quantity")));
        }
        var expiresAt = body.path("expiresAt");
        return new HoldSeen(
                text(body, "id"),
                state(text(body, "state")),
                lines,
                expiresAt.isString() ? instant(expiresAt.asString()) : null);
    }

    /** Of products written together, in the order of the request. */
    static List<Long> versions(JsonNode body) {
        var versions = new ArrayList<Long>();
        for (var result : array(body, "results")) {
            if (!result.path("version").isIntegralNumber()) {
                throw new Malformed("a product was not written: " + result);
            }
            versions.add(whole(result, "version"));
        }
        return versions;
    }

    static Shown page(JsonNode body) {
        return new Shown(List.of(product(body, false)), List.of());
    }

    static Shown list(JsonNode body) {
        var products = new ArrayList<ProductSeen>();
        for (var product : array(body, "data")) {
            products.add(product(product, true));
        }
        long asOf = micros(body, "asOf");
        var stock = products.stream()
                .flatMap(product -> product.available().entrySet().stream())
                .map(sku -> new StockSeen(sku.getKey(), sku.getValue(), StockSeen.UNSTATED, asOf))
                .toList();
        return new Shown(products, stock);
    }

    static Shown availability(JsonNode body) {
        if (!body.isArray()) {
            throw new Malformed("not an array");
        }
        var stock = new ArrayList<StockSeen>();
        for (var sku : body) {
            stock.add(new StockSeen(
                    text(sku, "sku"), whole(sku, "available"), whole(sku, "version"), micros(sku, "asOf")));
        }
        return new Shown(List.of(), stock);
    }

    static ProductSeen product(JsonNode body, boolean isListed) {
        var prices = new HashMap<String, Long>();
        var available = new HashMap<String, Long>();
        for (var sku : array(body, "skus")) {
            var name = text(sku, "sku");
            prices.put(name, whole(sku.path("price"), "amountMinor"));
            if (isListed) {
                available.put(name, whole(sku, "available"));
            }
        }
        return new ProductSeen(text(body, "id"), whole(body, "version"), prices, available);
    }

    static LevelSeen level(JsonNode body) {
        var levels = array(body, "levels");
        if (levels.size() != 1) {
            throw new Malformed("levels: one location was filled, " + levels.size() + " are shown");
        }
        var level = levels.get(0);
        return new LevelSeen(
                whole(level, "onHand"),
                whole(level, "held"),
                whole(level, "allocated"),
                whole(level, "safetyStock"),
                whole(level, "backorderLimit"),
                whole(level, "shortfall"),
                whole(level, "available"),
                whole(body, "available"),
                whole(level, "version"));
    }

    static LedgerSeen.Movement movement(JsonNode body) {
        return new LedgerSeen.Movement(
                whole(body, "version"),
                text(body, "kind"),
                text(body, "cause"),
                whole(body, "onHandDelta"),
                whole(body, "heldDelta"),
                whole(body, "allocatedDelta"),
                whole(body, "shortfallDelta"),
                micros(body, "at"));
    }

    static JsonNode array(JsonNode body, String name) {
        var value = body.path(name);
        if (!value.isArray()) {
            throw new Malformed(name + " is not an array");
        }
        return value;
    }

    static String text(JsonNode body, String name) {
        var value = body.path(name);
        if (!value.isString()) {
            throw new Malformed(name + " is not a string");
        }
        return value.asString();
    }

    private static long micros(JsonNode body, String name) {
        return WallClock.micros(instant(text(body, name)));
    }

    static long whole(JsonNode body, String name) {
        var value = body.path(name);
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw new Malformed(name + " is not a whole number");
        }
        return value.asLong();
    }

    private static HoldSeen.State state(String text) {
        try {
            return HoldSeen.State.valueOf(text);
        } catch (IllegalArgumentException e) {
            throw new Malformed("unknown state " + text);
        }
    }

    static Instant instant(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw new Malformed("not a time: " + text);
        }
    }
}
