package dev.holdfast.storm;

import dev.holdfast.storm.Evidence.Invariants;
import dev.holdfast.storm.Evidence.Shelf;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** Reads back over HTTP what the server has after a storm. */
final class Audit {

    static final int LOOKUPS_MAX = 20_000; // of each kind; 40,000 × ~0.15 ms on two cores = 6 s
    private static final int LEDGER_READ_MAX = 500_000; // movements over all SKUs; × ~200 bytes = 100 MB
    private static final int PAGE = 100;

    private final Caller caller;
    private final Supply supply;
    private final Tally tally;
    private final AtomicInteger ledgerLeft = new AtomicInteger(LEDGER_READ_MAX);

    Audit(Caller caller, Supply supply, Tally tally) {
        this.caller = caller;
        this.supply = supply;
        this.tally = tally;
    }

    Evidence read(List<Deal> deals) throws InterruptedException {
        // Holds before levels: one that lapses in between is known to be due, not the other way round.
        var holds = holds(deals);
        return new Evidence(supply, deals, holds, stock(), invariants(), Instant.now());
    }

    /** By SKU. */
    Map<String, Shelf> stock() throws InterruptedException {
        var shelves = Crowd.each(supply.skus(), this::shelf).results();
        var stock = new LinkedHashMap<String, Shelf>();
        for (int i = 0; i < shelves.size(); i++) {
            stock.put(supply.skus().get(i), shelves.get(i));
        }
        return stock;
    }

    private Map<String, Look<HoldSeen>> holds(List<Deal> deals) throws InterruptedException {
        var acknowledged = deals.stream().filter(d -> d.hold().isPresent()).limit(LOOKUPS_MAX);
        var refused = deals.stream().filter(Deal::refused).limit(LOOKUPS_MAX);
        var uncertain = deals.stream().filter(d -> d.uncertain() || d.ended() instanceof Deal.Ended.Failed);
        Set<String> ids = Stream.of(acknowledged, refused, uncertain)
                .flatMap(some -> some)
                .map(Evidence::lookupId)
                .collect(Collectors.toSet());
        var all = List.copyOf(ids);
        var lookups = Crowd.each(all, this::hold).results();
        var holds = new HashMap<String, Look<HoldSeen>>();
        for (int i = 0; i < all.size(); i++) {
            holds.put(all.get(i), lookups.get(i));
        }
        return holds;
    }

    private Look<HoldSeen> hold(String id) {
        return look("/v1/holds/" + encoded(id), "unknown-hold", Wire::hold);
    }

    /** @param unknown the code that says that there is none */
    <T> Look<T> look(String path, String unknown, Function<JsonNode, T> read) {
        try {
            var answer = answer(path);
            tally.buyerDone();
            if (answer.is(404, unknown)) {
                return new Look.Missing<>();
            }
            return answer.status() == 200
                    ? new Look.Found<>(read.apply(answer.body()))
                    : new Look.Unreadable<>("answered " + answer.brief());
        } catch (Wire.Malformed e) {
            return new Look.Unreadable<>(e.why());
        }
    }

    private Shelf shelf(String sku) {
        try {
            var level = level(sku);
            var ledger = ledger(sku);
            // A hold that lapses while we read adds a movement: then read again.
            for (int i = 0; i < 3 && !ledger.newestFirst().isEmpty() && newest(ledger) != level.version(); i++) {
                level = level(sku);
                ledger = ledger(sku);
            }
            return new Shelf(level, ledger, null);
        } catch (Wire.Malformed e) {
            return new Shelf(null, null, e.why());
        }
    }

    private static long newest(LedgerSeen ledger) {
        return ledger.newestFirst().getFirst().version();
    }

    LevelSeen level(String sku) {
        return Wire.level(found("/v1/stock/" + encoded(sku)));
    }

    private LedgerSeen ledger(String sku) {
        var movements = new ArrayList<LedgerSeen.Movement>();
        var path = "/v1/stock/" + encoded(sku) + "/movements?location=" + Wire.LOCATION + "&limit=" + PAGE;
        var cursor = "";
        do {
            var page = found(path + cursor);
            for (var movement : Wire.array(page, "data")) {
                movements.add(Wire.movement(movement));
            }
            var next = page.path("nextCursor");
            if (!next.isString()) {
                return new LedgerSeen(movements, true);
            }
            cursor = "&cursor=" + encoded(next.asString());
        } while (ledgerLeft.addAndGet(-PAGE) > 0);
        return new LedgerSeen(movements, false);
    }

    Invariants invariants() {
        try {
            var body = found("/v1/invariants");
            var violations = new ArrayList<String>();
            for (var check : Wire.array(body, "checks")) {
                if (!check.path("ok").asBoolean(false)) {
                    violations.add(Wire.text(check, "name") + ": " + Wire.array(check, "violations"));
                }
            }
            return new Invariants(body.path("ok").asBoolean(false), violations);
        } catch (Wire.Malformed e) {
            return new Invariants(false, List.of(e.why()));
        }
    }

    JsonNode found(String path) {
        var answer = answer(path);
        if (answer.status() != 200) {
            throw new Wire.Malformed("GET " + path + " answered " + answer.brief());
        }
        return answer.body();
    }

    private Answer answer(String path) {
        return switch (caller.call(Request.get(path))) {
            case Caller.Reply.Answered a -> a.answer();
            case Caller.Reply.Unanswered u -> throw new Wire.Malformed("GET " + path + ": " + u.why());
        };
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
