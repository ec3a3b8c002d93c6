package dev.holdfast.storm;

import dev.holdfast.storm.FakeServer.Fault;
import dev.holdfast.storm.FakeServer.Movement;
import dev.holdfast.storm.FakeServer.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The part of the {@link FakeServer} that people look at: products, lists, availability. Called with its lock held. */
final class FakeShop {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration COPY_AGE = Duration.ofMillis(300);
    private static final long LOOK_MILLIS = 20; // a copy may change when nobody asks

    /** What a product said from then on. */
    private record Version(JsonNode content, Instant at) {}

    private final Set<Fault> faults;
    private final Function<String, List<Movement>> ledger;
    private final Map<String, List<Version>> products = new LinkedHashMap<>();
    private final Map<String, Integer> looks = new HashMap<>();

    /** @param ledger the movements of a SKU, oldest first */
    FakeShop(Set<Fault> faults, Function<String, List<Movement>> ledger) {
        this.faults = faults;
        this.ledger = ledger;
    }

    /** Null: not of this part. */
    @Nullable
    Response answer(
            String method,
            String path,
            String query,
            UnaryOperator<@Nullable String> headers,
            JsonNode body,
            Object lock) {
        var id = path.startsWith("/v1/products/") ? path.substring("/v1/products/".length()) : "";
        if (!id.isEmpty() && !id.equals("batch") && !products.containsKey(id)) {
            return new Response(404, FakeServer.problem(404, "unknown-product", false));
        }
        return switch (method + " " + (id.isEmpty() || id.equals("batch") ? path : "/v1/products/{id}")) {
            case "PUT /v1/products/batch" -> create(body.path("products"));
            case "PUT /v1/products/{id}" -> replace(id, body, headers.apply("If-Match"));
            case "GET /v1/products/{id}" -> tagged(page(id), headers, age(Fault.FORGOTTEN_EDIT));
            case "GET /v1/products" ->
                tagged(list(query), headers, age(Fault.BACKWARDS, Fault.EXPIRED_LIST, Fault.COPIES));
            case "GET /v1/availability" -> availability(parameters(query), headers, lock);
            default -> null;
        };
    }

    /** Of the product's first version. */
    long priceMinor(String wanted) {
        for (var versions : products.values()) {
            for (var sku : versions.getFirst().content().path("skus")) {
                if (sku.path("sku").asString().equals(wanted)) {
                    return sku.path("price").path("amountMinor").asLong();
                }
            }
        }
        return 0;
    }

    private Response create(JsonNode all) {
        var answer = JSON.createObjectNode();
        var results = answer.putArray("results");
        for (var product : all) {
            var id = product.path("id").asString();
            products.put(id, new ArrayList<>(List.of(new Version(product, Instant.now()))));
            results.addObject().put("id", id).put("status", 201).put("version", 0);
        }
        return new Response(200, answer);
    }

    private Response replace(String id, JsonNode body, @Nullable String ifMatch) {
        if (faults.contains(Fault.REFUSE_EDITS)) {
            return new Response(409, FakeServer.problem(409, "illegal-transition", false));
        }
        var versions = versions(id);
        if (!("\"" + (versions.size() - 1) + "\"").equals(ifMatch)) {
            return new Response(
                    412, FakeServer.problem(412, "version-changed", false).put("currentVersion", versions.size() - 1));
        }
        versions.add(new Version(body, Instant.now()));
        return new Response(200, shown(id, versions.size() - 1));
    }

    private List<Version> versions(String id) {
        return products.getOrDefault(id, new ArrayList<>());
    }

    private ObjectNode shown(String id, int version) {
        var content = versions(id).get(version).content();
        var shown =
                JSON.createObjectNode().put("id", id).put("version", version).put("lifecycle", "ACTIVE");
        shown.set("name", content.path("name"));
        shown.set("skus", content.path("skus").deepCopy());
        return shown;
    }

    private JsonNode page(String asked) {
        var id =
                faults.contains(Fault.OTHER_PAGE) ? products.keySet().iterator().next() : asked;
        int newest = versions(id).size() - 1;
        if (faults.contains(Fault.WRONG_PRICE)) {
            return shown(id, 0).put("version", newest);
        }
        return shown(
                id,
                faults.contains(Fault.STALE_PAGE)
                        ? 0
                        : faults.contains(Fault.FORGOTTEN_EDIT) ? Math.max(0, newest - 1) : newest);
    }

    private JsonNode list(String query) {
        var parameters = parameters(query);
        var word = parameters.getOrDefault("q", List.of("")).getFirst().replace("\"", "");
        var wanted = parameters.getOrDefault("sku", List.of("")).getFirst();
        int look = looks.merge(query, 1, Integer::sum);
        var asOf = asOf(Fault.COPIES);
        var list = JSON.createObjectNode().put("asOf", asOf.toString());
        var data = list.putArray("data");
        products.forEach((id, versions) -> {
            var shown = shown(id, listed(versions, asOf, look));
            boolean fits = shown.path("name").asString().contains(word)
                    && (wanted.isEmpty() || shown.path("skus").toString().contains("\"" + wanted + "\""));
            if (fits) {
                for (var sku : shown.path("skus")) {
                    var stock = at(sku.path("sku").asString(), asOf, faults.contains(Fault.STALE_LIST_STOCK));
                    ((ObjectNode) sku).put("available", stock.available());
                }
                data.add(shown);
            }
        });
        if (faults.contains(Fault.SHORT_LIST)) {
            data.remove(0);
        }
        return list;
    }

    private int listed(List<Version> versions, Instant asOf, int look) {
        int newest = versions.size() - 1;
        if (faults.contains(Fault.STALE_LIST) || faults.contains(Fault.EXPIRED_LIST)) {
            return 0;
        }
        if (faults.contains(Fault.BACKWARDS)) {
            return look % 2 == 0 ? 0 : newest;
        }
        while (newest > 0 && versions.get(newest).at().isAfter(asOf)) {
            newest--;
        }
        return newest;
    }

    /** @param version how many movements there had been */
    private record Stock(long available, long version) {}

    private Stock at(String sku, Instant asOf, boolean isBehind) {
        var movements = ledger.apply(sku);
        int version = movements.size();
        while (version > 0 && movements.get(version - 1).at().isAfter(asOf)) {
            version--;
        }
        version -= isBehind && version > 1 ? 1 : 0;
        return new Stock(version == 0 ? 0 : movements.get(version - 1).available(), version);
    }

    private Response availability(
            Map<String, List<String>> parameters, UnaryOperator<@Nullable String> headers, Object lock) {
        var skus = parameters.getOrDefault("sku", List.of());
        var since = parameters.get("since");
        var answer = stock(skus);
        if (since != null) {
            long seen = Long.parseLong(since.getFirst());
            var prefer = headers.apply("Prefer");
            long wait = prefer == null ? 25 : Long.parseLong(prefer.replaceAll("\\D", ""));
            var end = Instant.now().plusSeconds(wait);
            while ((sum(answer) <= seen || faults.contains(Fault.ASLEEP))
                    && Instant.now().isBefore(end)) {
                try {
                    lock.wait(LOOK_MILLIS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    break;
                }
                answer = stock(skus);
            }
            if (sum(answer) <= seen) {
                return new Response(304, "", Map.of());
            }
        }
        return tagged(answer, headers, Map.of("ETag", "\"" + sum(answer) + "\""));
    }

    private ArrayNode stock(List<String> skus) {
        var asOf = asOf(Fault.COPIES);
        var all = JSON.createArrayNode();
        for (var asked : skus) {
            var sku = faults.contains(Fault.OTHER_STOCK) ? skus.getFirst() : asked;
            var stock = at(sku, asOf, faults.contains(Fault.STALE_STOCK));
            all.addObject()
                    .put("sku", sku)
                    .put("available", stock.available() + (faults.contains(Fault.WRONG_STOCK) ? 1 : 0))
                    .put("version", stock.version())
                    .put("asOf", (faults.contains(Fault.FUTURE_STOCK) ? asOf.plusSeconds(3_600) : asOf).toString());
        }
        return all;
    }

    private static long sum(ArrayNode stock) {
        long sum = 0;
        for (var sku : stock) {
            sum += sku.path("version").asLong();
        }
        return sum;
    }

    private Instant asOf(Fault copies) {
        return faults.contains(copies) ? Instant.now().minus(COPY_AGE) : Instant.now();
    }

    /** Says that it is a copy, for these; and for how long it may be kept. */
    private Map<String, String> age(Fault... copies) {
        var headers = new TreeMap<String, String>();
        if (List.of(copies).stream().anyMatch(faults::contains)) {
            headers.put("Age", faults.contains(Fault.COPIES) ? "0" : "3600");
        }
        if (faults.contains(Fault.EXPIRED_LIST) || faults.contains(Fault.COPIES)) {
            headers.put("Cache-Control", "private, max-age=" + (faults.contains(Fault.COPIES) ? 1 : 0));
        }
        return headers;
    }

    private static Response tagged(JsonNode body, UnaryOperator<@Nullable String> headers, Map<String, String> age) {
        var all = new TreeMap<>(age);
        all.putIfAbsent("ETag", "\"" + body.hashCode() + "\"");
        return all.get("ETag").equals(headers.apply("If-None-Match"))
                ? new Response(304, "", all)
                : new Response(200, body.toString(), all);
    }

    private static Map<String, List<String>> parameters(String query) {
        var parameters = new HashMap<String, List<String>>();
        for (var parameter : query.split("&", -1)) {
            int at = parameter.indexOf('=');
            if (at > 0) {
                parameters
                        .computeIfAbsent(parameter.substring(0, at), _ -> new ArrayList<>())
                        .add(parameter.substring(at + 1));
            }
        }
        return parameters;
    }
}
