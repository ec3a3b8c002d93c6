package dev.holdfast.storm;

import dev.holdfast.storm.FakeServer.Fault;
import dev.holdfast.storm.FakeServer.Response;
import dev.holdfast.storm.FakeServer.Stock;
import dev.holdfast.storm.Trip.SaleTold;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The part of the {@link FakeServer} that sells at tills, at once or told afterwards. Called with its lock held. */
final class FakeTills {

    private static final JsonMapper JSON = new JsonMapper();

    private final Set<Fault> faults;
    private final Function<String, Stock> stock;
    private final Set<String> sales = new HashSet<>();
    private final Map<String, SaleTold.Sold> settled = new HashMap<>();
    private final Set<Fault> done = new HashSet<>();

    FakeTills(Set<Fault> faults, Function<String, Stock> stock) {
        this.faults = faults;
        this.stock = stock;
    }

    Response sell(String key, JsonNode lines) {
        if (!sales.contains(key)) {
            for (var line : lines) {
                boolean fits = of(line).available() >= quantity(line);
                if (!fits && !faults.contains(Fault.OVERSELL)) {
                    return new Response(409, FakeServer.problem(409, "insufficient-stock", false));
                }
            }
            sales.add(key);
            if (!first(Fault.FORGET_SALE)) {
                lines.forEach(line -> of(line).move("SELL", key, -quantity(line), 0, 0));
            }
        }
        return new Response(201, JSON.createObjectNode());
    }

    /** What a till sold, each of one unit and told once; of its lease as long as that has some left. */
    Response settle(String lease, Map<String, Long> left, JsonNode body) {
        var answer = JSON.createObjectNode();
        var results = answer.putArray("results");
        for (var sale : body.path("sales")) {
            var saleId = sale.path("saleId").asString();
            var line = sale.path("lines").path(0);
            var told = settled.computeIfAbsent(saleId, _ -> settle(of(line), saleId, taken(left, line)));
            if (told.leased() == 0 && first(Fault.SILENT_SHORTFALL)) {
                of(line).settle(
                                saleId,
                                of(line).available() + 1,
                                0); // all that is free, and one of those that are promised
            }
            var shown =
                    results.addObject().put("saleId", saleId).put("status", 201).putObject("sale");
            shown.putArray("lines")
                    .addObject()
                    .put("leased", first(Fault.NOT_LEASED) ? 0 : told.leased())
                    .put("found", first(Fault.FIND_NOTHING) ? 1 : told.found())
                    .put("shortfall", faults.contains(Fault.SILENT_SHORTFALL) ? 0 : told.shortfall());
        }
        if (body.path("close").asBoolean()) {
            left.forEach((sku, units) -> stock.apply(sku).move("RELEASE", lease, 0, -units, 0));
            left.clear();
        }
        return new Response(200, answer);
    }

    /** How many of a lease that one unit is: 1 or 0. */
    private static long taken(Map<String, Long> left, JsonNode line) {
        long units = Math.min(1, left.getOrDefault(sku(line), 0L));
        left.computeIfPresent(sku(line), (_, before) -> before - units);
        return units;
    }

    private static SaleTold.Sold settle(Stock stock, String saleId, long leased) {
        long shortfallBefore = stock.shortfall;
        long found = Math.max(0, 1 - stock.onHand);
        if (found > 0) {
            stock.move("ADJUST", saleId, found, 0, 0);
        }
        stock.settle(saleId, 1, leased);
        return new SaleTold.Sold(leased, found, Math.max(0, stock.shortfall - shortfallBefore));
    }

    private Stock of(JsonNode line) {
        return stock.apply(sku(line));
    }

    private static String sku(JsonNode line) {
        return line.path("sku").asString();
    }

    private static long quantity(JsonNode line) {
        return line.path("quantity").asLong();
    }

    /** Whether this fault is to happen now: each once. */
    private boolean first(Fault fault) {
        return faults.contains(fault) && done.add(fault);
    }
}
