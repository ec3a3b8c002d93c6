package dev.holdfast.storm;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The HTTP contract in memory, behind one lock: the storm's counterpart. Right by default; each {@link Fault} breaks one
 * promise, so that every check of the storm can be seen to fail.
 */
final class FakeServer implements AutoCloseable {

    enum Fault {
        /** Takes one unit more than there is. */
        OVERSELL,
        /** Refuses although all is there. */
        FALSE_NO,
        /** Forgets an acknowledged hold. */
        LOSE_HOLD,
        /** Shows another quantity than was acknowledged. */
        CHANGE_HOLD,
        /** Loses a confirmation: the hold is shown as active. */
        FORGET_CONFIRMATION,
        /** Keeps a hold that it refused. */
        INVENT_HOLD,
        /** Ids of its own, so that refused keys cannot be looked up. */
        OTHER_IDS,
        /** A second hold for the same key. */
        DOUBLE_DUPLICATE,
        /** The same hold again, not marked as a replay. */
        UNMARKED_REPLAY,
        /** A movement is missing. */
        LEDGER_GAP,
        /** The oldest movements are missing. */
        LEDGER_SHORT,
        /** Movements that do not add up to the level. */
        LEDGER_SUM,
        /** Holds more than it promised. */
        LEVEL_HELD,
        /** Shows more available than the formula gives. */
        LEVEL_AVAILABLE,
        /** Says itself that something is wrong. */
        INVARIANTS_RED,
        /** Breaks with 500 now and then. */
        ANSWER_500,
        /** Answers 201 with half a body. */
        MALFORMED,
        /** Acknowledges other lines than were asked for. */
        OTHER_LINES,
        /** Confirms nothing. */
        REFUSE_CONFIRM,
        /** Not a fault of the server: drops connections before or after it decided. */
        DROP_CONNECTIONS,
        /** Not a fault: full now and then. */
        OVERLOAD,
        /** Not a fault: the same key is still being decided. */
        IN_PROGRESS,
        /** Not a fault: lets holds expire at once when it may. */
        EXPIRE_ABANDONED,
        /** Not a fault: dies once in mid-storm and comes back, on the same port, with what it had decided. */
        RESTART,
        /** Never answers a hold. */
        SILENT,
        /** Never becomes ready. */
        NOT_READY,
        /** Not a fault: lists and availability are copies, and say so. */
        COPIES,
        /** Pages stay as they were at first, and do not say that they are copies. */
        STALE_PAGE,
        /** So do lists. */
        STALE_LIST,
        /** Lists stay as they were at first, say so, and also that they may be kept for no time at all. */
        EXPIRED_LIST,
        /** Pages show the version before the newest, and say that they are old. */
        FORGOTTEN_EDIT,
        /** Lists show the newest version and an old one in turns, and say that they are old. */
        BACKWARDS,
        /** Pages have the newest version with the first prices. */
        WRONG_PRICE,
        /** Shows another product than was asked for. */
        OTHER_PAGE,
        /** Shows another SKU's availability. */
        OTHER_STOCK,
        /** Lets nobody change a price. */
        REFUSE_EDITS,
        /** Lists leave one product out. */
        SHORT_LIST,
        /** What was available before the last movement is said to be so now. */
        STALE_STOCK,
        /** So it is in lists. */
        STALE_LIST_STOCK,
        /** More is available than there is. */
        WRONG_STOCK,
        /** What is available is said to be so in an hour. */
        FUTURE_STOCK,
        /** Who waits for a movement is told when his time is up. */
        ASLEEP,
        /** Keeps the money of a buyer who was declined. */
        KEEP_MONEY,
        /** Takes a cent more than it costs. */
        OTHER_PRICE,
        /** Lets a cart be paid in each tab. */
        PAID_TWICE,
        /** Shows no order for one that is paid. */
        FORGET_ORDER,
        /** Acknowledges that an order is cancelled, and leaves it. */
        FORGET_CANCEL,
        /** Tells a key another end than the first time. */
        OTHER_END,
        /** Leaves what is sold at a till on the shelf. */
        FORGET_SALE,
        /** Settles a sale beside its lease. */
        NOT_LEASED,
        /** Leaves a checkout on its way. */
        STUCK,
        /** Not a fault: units of a checkout are held for a second. */
        SHORT_HOLDS,
        /** Lets a checkout be paid whose units were given back, or whose cart is another by now. */
        PAY_REVOKED,
        /** Takes the money without the buyer. */
        PAY_UNASKED,
        /** Keeps money that came too late. */
        KEEP_LATE_MONEY,
        /** Says that money went back of which there was none. */
        REFUND_NOTHING,
        /** Takes units back as often as it is told. */
        RETURN_TWICE,
        /** Keeps the money of what came back. */
        KEEP_RETURNED_MONEY,
        /** Puts on the shelf what is written off. */
        RESTOCK_ALL,
        /** Takes what was promised, and does not tell the till. */
        SILENT_SHORTFALL,
        /** Tells the till of units that it found, and did not. */
        FIND_NOTHING
    }

    private record Hold(UUID id, JsonNode lines, String request, Instant expiresAt) {}

    /** @param available after it */
    record Movement(
            String kind,
            String cause,
            long onHandDelta,
            long heldDelta,
            long allocatedDelta,
            long shortfallDelta,
            long available,
            Instant at) {}

    static final class Stock {
        long onHand;
        long held;
        long allocated;
        long shortfall;
        final List<Movement> movements = new ArrayList<>(); // oldest first

        void move(String kind, String cause, long onHandDelta, long heldDelta, long allocatedDelta) {
            onHand += onHandDelta;
            held += heldDelta;
            allocated += allocatedDelta;
            long shortfallBefore = shortfall;
            shortfall = Math.min(shortfall, uncovered());
            add(kind, cause, onHandDelta, heldDelta, allocatedDelta, shortfall - shortfallBefore);
        }

        /** Out of what is on hand, be it promised to others: what is promised then and not there is the shortfall. */
        void settle(String saleId, long units, long leased) {
            onHand -= units;
            held -= leased;
            long shortfallBefore = shortfall;
            shortfall = uncovered();
            add("SELL", saleId, -units, -leased, 0, shortfall - shortfallBefore);
        }

        private void add(
                String kind, String cause, long onHandDelta, long heldDelta, long allocatedDelta, long shortfallDelta) {
            movements.add(new Movement(
                    kind, cause, onHandDelta, heldDelta, allocatedDelta, shortfallDelta, available(), Instant.now()));
        }

        private long uncovered() {
            return Math.max(0, held + allocated - onHand);
        }

        long available() {
            return onHand + shortfall - held - allocated;
        }
    }

    private static final JsonMapper JSON = new JsonMapper();

    private final Set<Fault> faults;
    private final int port;
    private volatile HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong places = new AtomicLong();
    private final Set<String> once = new HashSet<>();
    private final Map<String, Stock> stock = new LinkedHashMap<>();
    private final Map<String, Hold> byKey = new HashMap<>();
    private final Map<UUID, Hold> byId = new HashMap<>();
    private final Map<UUID, String> states = new HashMap<>();
    private final Map<UUID, Map<String, Long>> leases = new HashMap<>();
    private final FakeShop shop;
    private final FakeCheckouts checkouts;
    private final FakeTills tills;

    FakeServer(Fault... faults) throws IOException {
        this(0, faults);
    }

    private FakeServer(int port, Fault... faults) throws IOException {
        this.faults = Set.of(faults);
        this.shop = new FakeShop(this.faults, this::movements);
        this.checkouts = new FakeCheckouts(this.faults, sku -> stock.getOrDefault(sku, new Stock()), shop::priceMinor);
        this.tills = new FakeTills(this.faults, sku -> stock.getOrDefault(sku, new Stock()));
        this.server = listen(port);
        this.port = server.getAddress().getPort();
        server.start();
    }

    private HttpServer listen(int port) throws IOException {
        var listening = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_024);
        listening.setExecutor(threads);
        listening.createContext("/", this::serve);
        return listening;
    }

    private void restart() {
        try {
            server.stop(0); // cuts every connection; until the next line the port refuses
            server = listen(port);
            server.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Stands alone, for a look at the screen: port, then faults. */
    public static void main(String[] args) throws IOException {
        var faults = new ArrayList<Fault>();
        for (int i = 1; i < args.length; i++) {
            faults.add(Fault.valueOf(args[i]));
        }
        System.out.println(new FakeServer(Integer.parseInt(args[0]), faults.toArray(Fault[]::new)).url());
    }

    String url() {
        return "http://127.0.0.1:" + port;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.close();
    }

    private void serve(HttpExchange exchange) throws IOException {
        long number = requests.incrementAndGet();
        var method = exchange.getRequestMethod();
        var path = exchange.getRequestURI().getPath();
        var key = exchange.getRequestHeaders().getFirst("Idempotency-Key");
        var bytes = exchange.getRequestBody().readAllBytes();
        var body = bytes.length == 0 ? JSON.createObjectNode() : JSON.readTree(bytes);
        boolean place = method.equals("POST") && path.equals("/v1/holds");
        if ((has(Fault.DROP_CONNECTIONS) && number % 7 == 0) || (has(Fault.SILENT) && place)) {
            exchange.close(); // before it decided
            return;
        }
        if (place && has(Fault.ANSWER_500) && places.incrementAndGet() % 50 == 0) {
            send(exchange, new Response(500, problem(500, "internal", false)));
            return;
        }
        if (place && has(Fault.OVERLOAD) && number % 5 == 0) {
            exchange.getResponseHeaders().set("Retry-After", "0");
            send(exchange, new Response(503, problem(503, "overloaded", true)));
            return;
        }
        Response response;
        synchronized (this) {
            var query = exchange.getRequestURI().getQuery();
            var headers = exchange.getRequestHeaders();
            var shown = shop.answer(method, path, query == null ? "" : query, headers::getFirst, body, this);
            var named = key == null ? "" : key;
            var bought = shown != null
                    ? shown
                    : checkouts.answer(
                            method,
                            path,
                            query == null ? "" : query,
                            named,
                            "wait=0".equals(headers.getFirst("Prefer")),
                            body);
            response = bought == null ? answer(method, path, named, body, query) : bought;
            notifyAll(); // those who wait for a movement
        }
        if (has(Fault.RESTART) && number == 100) {
            restart();
        }
        if (has(Fault.DROP_CONNECTIONS) && number % 5 == 0) {
            exchange.close(); // after it decided
            return;
        }
        send(exchange, response);
    }

    record Response(int status, String body, Map<String, String> headers) {
        Response(int status, JsonNode body) {
            this(status, body.toString(), Map.of());
        }

        Response(int status, String body, boolean replayed) {
            this(status, body, replayed ? Map.of("Idempotent-Replayed", "true") : Map.of());
        }
    }

    private static void send(HttpExchange exchange, Response response) throws IOException {
        var bytes = response.body().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        response.headers().forEach(exchange.getResponseHeaders()::set);
        boolean hasBody = response.status() != 304;
        exchange.sendResponseHeaders(response.status(), hasBody ? bytes.length : -1);
        if (hasBody) {
            exchange.getResponseBody().write(bytes);
        }
        exchange.close();
    }

    private Response answer(String method, String path, String key, JsonNode body, @Nullable String query) {
        var parts = path.split("/", -1);
        return switch (method + " /" + String.join("/", List.of(parts).subList(1, Math.min(3, parts.length)))) {
            case "GET /actuator/health" ->
                new Response(
                        has(Fault.NOT_READY) ? 503 : 200,
                        JSON.createObjectNode().put("status", "?"));
            case "POST /v1/stock" -> receive(key, body);
            case "GET /v1/stock" -> parts.length == 4 ? level(parts[3]) : ledger(parts[3], query == null ? "" : query);
            case "POST /v1/holds" ->
                parts.length == 3 ? place(key, body) : end(UUID.fromString(parts[3]), parts[4], body);
            case "GET /v1/holds" -> read(UUID.fromString(parts[3]));
            case "POST /v1/sales" -> tills.sell(key, body.path("lines"));
            case "GET /v1/invariants" -> invariants();
            default -> new Response(404, problem(404, "not-found", false));
        };
    }

    private Response receive(String key, JsonNode body) {
        if (first("receipt " + key)) {
            stock.computeIfAbsent(body.path("sku").asString(), sku -> new Stock())
                    .move("RECEIVE", key, body.path("quantity").asLong(), 0, 0);
        }
        return new Response(201, JSON.createObjectNode());
    }

    private List<Movement> movements(String sku) {
        return stock.getOrDefault(sku, new Stock()).movements;
    }

    private Response place(String key, JsonNode body) {
        var earlier = byKey.get(key);
        if (earlier != null) {
            if (has(Fault.DOUBLE_DUPLICATE)) {
                return taken(
                        new Hold(UUID.randomUUID(), body.path("lines"), body.toString(), earlier.expiresAt()), key);
            }
            return earlier.request().equals(body.toString())
                    ? new Response(201, shown(earlier).toString(), !has(Fault.UNMARKED_REPLAY))
                    : new Response(422, problem(422, "idempotency-key-reused", false));
        }
        if (has(Fault.IN_PROGRESS) && first(key)) {
            return new Response(409, problem(409, "idempotency-in-progress", true));
        }
        expire();
        boolean fits = true;
        for (var line : body.path("lines")) {
            fits &= of(line).available() >= line.path("quantity").asLong();
        }
        if (fits ? has(Fault.FALSE_NO) && first("no") : !(has(Fault.OVERSELL) && first("oversell"))) {
            if (has(Fault.INVENT_HOLD) && first("invent")) {
                remember(hold(key, body));
            }
            return new Response(409, problem(409, "insufficient-stock", false));
        }
        return taken(hold(key, body), key);
    }

    private Hold hold(String key, JsonNode body) {
        var id = has(Fault.OTHER_IDS) ? UUID.randomUUID() : UUID.fromString(key);
        return new Hold(id, body.path("lines"), body.toString(), expiry(body));
    }

    private static Instant expiry(JsonNode body) {
        return Instant.now().plusSeconds(body.path("ttlSeconds").asLong()).truncatedTo(ChronoUnit.MICROS);
    }

    private Response taken(Hold hold, String key) {
        move("PLACE", hold, 1, 0);
        byKey.putIfAbsent(key, hold);
        if (!(has(Fault.LOSE_HOLD) && first("lose"))) {
            remember(hold);
        }
        if (has(Fault.MALFORMED) && first("malformed")) {
            return new Response(201, "{\"id\": \"" + hold.id(), false);
        }
        var shown = shown(hold);
        if (has(Fault.OTHER_LINES) && first("lines")) {
            shown.withArray("lines").removeAll();
        }
        return new Response(201, shown);
    }

    private void remember(Hold hold) {
        byId.put(hold.id(), hold);
        states.put(hold.id(), "ACTIVE");
    }

    private void move(String kind, Hold hold, int heldSign, int allocatedSign) {
        for (var line : hold.lines()) {
            long quantity = line.path("quantity").asLong();
            of(line).move(kind, hold.id().toString(), 0, heldSign * quantity, allocatedSign * quantity);
        }
    }

    private Stock of(JsonNode line) {
        return stock.getOrDefault(line.path("sku").asString(), new Stock());
    }

    private void expire() {
        if (!has(Fault.EXPIRE_ABANDONED)) {
            return;
        }
        for (var hold : List.copyOf(byId.values())) {
            if (state(hold).equals("ACTIVE")
                    && hold.expiresAt().isBefore(Instant.now().plusSeconds(1))) {
                states.put(hold.id(), "EXPIRED");
                move("EXPIRE", hold, -1, 0);
            }
        }
    }

    private Response end(UUID id, String verb, JsonNode body) {
        var hold = byId.get(id);
        if (hold == null) {
            return new Response(404, problem(404, "unknown-hold", false));
        }
        if (verb.equals("settlements")) {
            expire();
            var left = state(hold).equals("EXPIRED") ? new HashMap<String, Long>() : units(hold);
            states.put(id, "RELEASED");
            return tills.settle(id.toString(), leases.computeIfAbsent(id, _ -> left), body);
        }
        if (state(hold).equals("EXPIRED")) {
            return new Response(410, problem(410, "hold-expired", false));
        }
        var end = switch (verb) {
            case "confirm" -> "CONFIRMED";
            case "release" -> "RELEASED";
            default -> "ACTIVE";
        };
        if (has(Fault.REFUSE_CONFIRM) && verb.equals("confirm")) {
            return new Response(409, problem(409, "insufficient-stock", false));
        }
        if (verb.equals("extend")) {
            byId.put(id, new Hold(id, hold.lines(), hold.request(), expiry(body)));
        } else if (state(hold).equals("ACTIVE")) {
            states.put(id, end);
            boolean confirm = end.equals("CONFIRMED");
            move(confirm ? "CONFIRM" : "RELEASE", hold, -1, confirm ? 1 : 0);
        }
        return new Response(200, shown(byId.getOrDefault(id, hold)));
    }

    private Response read(UUID id) {
        expire();
        var hold = byId.get(id);
        if (hold == null) {
            return new Response(404, problem(404, "unknown-hold", false));
        }
        var shown = shown(hold);
        if (has(Fault.CHANGE_HOLD) && first("change")) {
            ((ObjectNode) shown.path("lines").path(0)).put("quantity", 2);
        }
        if (has(Fault.FORGET_CONFIRMATION)) {
            shown.put("state", "ACTIVE");
        }
        return new Response(200, shown);
    }

    private static Map<String, Long> units(Hold hold) {
        var units = new HashMap<String, Long>();
        hold.lines()
                .forEach(line -> units.put(
                        line.path("sku").asString(), line.path("quantity").asLong()));
        return units;
    }

    private ObjectNode shown(Hold hold) {
        var shown = JSON.createObjectNode().put("id", hold.id().toString()).put("state", state(hold));
        var lines = shown.putArray("lines");
        for (var line : hold.lines()) {
            lines.addObject()
                    .put("sku", line.path("sku").asString())
                    .put("location", "main")
                    .put("quantity", line.path("quantity").asLong());
        }
        return shown.put("expiresAt", hold.expiresAt().toString());
    }

    private String state(Hold hold) {
        return states.getOrDefault(hold.id(), "ACTIVE");
    }

    private Response level(String sku) {
        expire();
        checkouts.goOn();
        var row = stock.getOrDefault(sku, new Stock());
        var shown = JSON.createObjectNode().put("sku", sku);
        long available = row.available() + (has(Fault.LEVEL_AVAILABLE) ? 1 : 0);
        shown.putArray("levels")
                .addObject()
                .put("location", "main")
                .put("onHand", row.onHand)
                .put("held", row.held + (has(Fault.LEVEL_HELD) ? 1 : 0))
                .put("allocated", row.allocated)
                .put("safetyStock", 0)
                .put("backorderLimit", 0)
                .put("shortfall", row.shortfall)
                .put("available", available)
                .put("version", row.movements.size());
        return new Response(200, shown.put("available", available));
    }

    private Response ledger(String sku, String query) {
        var movements = stock.getOrDefault(sku, new Stock()).movements;
        int next = movements.size();
        int limit = 100;
        for (var parameter : query.split("&", -1)) {
            if (parameter.startsWith("cursor=")) {
                next = Integer.parseInt(parameter.substring("cursor=".length()));
            }
        }
        var page = JSON.createObjectNode();
        var data = page.putArray("data");
        int last = has(Fault.LEDGER_SHORT) ? 1 : 0;
        for (; next > last && limit > 0; next--, limit--) {
            if (has(Fault.LEDGER_GAP) && next == 2) {
                continue;
            }
            var movement = movements.get(next - 1);
            data.addObject()
                    .put("version", next)
                    .put("kind", movement.kind())
                    .put("cause", movement.cause())
                    .put("onHandDelta", movement.onHandDelta())
                    .put("heldDelta", movement.heldDelta() + (has(Fault.LEDGER_SUM) && next == 2 ? -1 : 0))
                    .put("allocatedDelta", movement.allocatedDelta())
                    .put("shortfallDelta", movement.shortfallDelta())
                    .put("at", movement.at().toString());
        }
        if (next > last) {
            page.put("nextCursor", Integer.toString(next));
        } else {
            page.putNull("nextCursor");
        }
        return new Response(200, page);
    }

    private Response invariants() {
        var shown = JSON.createObjectNode().put("ok", !has(Fault.INVARIANTS_RED));
        var check =
                shown.putArray("checks").addObject().put("name", "ledger-sums").put("ok", !has(Fault.INVARIANTS_RED));
        var violations = check.putArray("violations");
        if (has(Fault.INVARIANTS_RED)) {
            violations.add("a row is wrong");
        }
        return new Response(200, shown);
    }

    static ObjectNode problem(int status, String code, boolean retryable) {
        return JSON.createObjectNode()
                .put("type", "about:blank")
                .put("title", code)
                .put("status", status)
                .put("code", code)
                .put("retryable", retryable);
    }

    private boolean has(Fault fault) {
        return faults.contains(fault);
    }

    /** True the first time it is asked for this. */
    private boolean first(String what) {
        return once.add(what);
    }
}
