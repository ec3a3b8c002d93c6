package dev.holdfast.storm;

import dev.holdfast.storm.Caller.Reply;
import dev.holdfast.storm.Deal.Ended;
import dev.holdfast.storm.Scene.Node;
import dev.holdfast.storm.StockTruth.Sighting;
import dev.holdfast.storm.Traffic.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Looks at products, lists and availability, now here and now there, half of the time at what it has seen before, and buys
 * something now and then. Remembers what it has seen as a browser does, and that no node may show it something older later.
 */
final class Visitor implements Scene.Actor {

    private static final double BUYS = 0.1;
    private static final int REMEMBERED_MAX = 32;
    private static final int LIST_LIMIT = 50;
    /** 2,000,000 × ~70 bytes = 140 MB over all visitors; what comes after them is not judged. */
    private static final int SIGHTINGS_MAX = 2_000_000;
    /** Of a list all prices are judged, and the stock of so many products. */
    private static final int STOCK_JUDGED_MAX = 3;

    /**
     * Something to look at.
     *
     * @param exactly the products, or the SKUs of availability, that have to be there and no others; null: whichever
     */
    private record Sight(Kind kind, String path, @Nullable Set<String> exactly) {}

    private record Remembered(Sight sight, String etag, Shown shown) {}

    private final Scene scene;
    private final Pace pace;
    private final SplittableRandom random;
    private final int sightingsMax;
    private final List<Remembered> remembered = new ArrayList<>();
    private final Map<String, Map<String, Long>> versions = new HashMap<>();
    private final List<Sighting> sightings = new ArrayList<>();
    private final List<Deal> deals = new ArrayList<>();
    private long sightingsDropped;

    Visitor(Scene scene, Pace pace, int number) {
        this.scene = scene;
        this.pace = pace;
        this.random = scene.random(number);
        this.sightingsMax = SIGHTINGS_MAX / scene.scenario().readers();
    }

    @Override
    public void act(long untilNanos) throws InterruptedException {
        for (int i = 0; System.nanoTime() - untilNanos < 0; i++) {
            long begunNanos = pace.turn();
            if (begunNanos - untilNanos >= 0) {
                return;
            }
            if (random.nextDouble() < BUYS) {
                buy(i);
            } else if (remembered.isEmpty() || random.nextBoolean()) {
                look(sight(), null, begunNanos);
            } else {
                var known = remembered.get(random.nextInt(remembered.size()));
                look(known.sight, known, begunNanos);
            }
        }
    }

    private Sight sight() {
        var item = scene.item(random);
        return switch (random.nextInt(8)) {
            case 0, 1, 2 ->
                new Sight(
                        Kind.PRODUCT,
                        "/v1/products/" + item.id(),
                        Set.of(item.id().toString()));
            case 3 -> new Sight(Kind.LIST, "/v1/products?lifecycle=ACTIVE&limit=" + LIST_LIMIT, null);
            case 4 -> new Sight(Kind.LIST, "/v1/products?q=%22" + item.word() + "%22&limit=" + LIST_LIMIT, shelf(item));
            case 5 ->
                new Sight(
                        Kind.LIST,
                        "/v1/products?sku=" + item.skus().getFirst(),
                        Set.of(item.id().toString()));
            default ->
                new Sight(
                        Kind.AVAILABILITY,
                        item.skus().stream()
                                .map(sku -> "sku=" + sku)
                                .collect(Collectors.joining("&", "/v1/availability?", "")),
                        Set.copyOf(item.skus()));
        };
    }

    private Set<String> shelf(Assortment.Item item) {
        return scene.assortment().shelf(item.shelf()).stream()
                .map(other -> other.id().toString())
                .collect(Collectors.toSet());
    }

    private void look(Sight sight, @Nullable Remembered known, long begunNanos) {
        var node = scene.node(random);
        var request = Request.get(sight.path);
        if (known != null) {
            request = request.with("If-None-Match", known.etag);
        }
        switch (node.caller().call(request)) {
            case Reply.Unanswered u -> scene.tally().mishap("read unanswered", u.why());
            case Reply.Answered a -> {
                scene.traffic().answered(sight.kind, System.nanoTime() - begunNanos);
                if (known != null) {
                    scene.traffic().conditional(a.answer().status() == 304);
                }
                see(sight, known, node, a.answer());
            }
        }
    }

    private void see(Sight sight, @Nullable Remembered known, Node node, Answer answer) {
        if (answer.status() == 304 && known != null) {
            judge(known.shown.products(), sight, node, answer); // of stock it says nothing new: asOf is in the body
            return;
        }
        if (answer.status() != 200) {
            scene.tally().mishap("read answered " + answer.brief(), sight.path + ": " + answer.excerpt());
            return;
        }
        try {
            var shown = shown(sight, answer);
            remember(sight, answer.copy().etag(), shown);
            judge(shown.products(), sight, node, answer);
            judge(shown, sight, node, answer);
        } catch (Wire.Malformed e) {
            scene.tally().mishap("read answered with a malformed body", e.why() + ": " + answer.excerpt());
        }
    }

    private Shown shown(Sight sight, Answer answer) {
        return switch (sight.kind) {
            case PRODUCT -> asked(Wire.page(answer.body()), sight, answer);
            case LIST -> ours(asked(Wire.list(answer.body()), sight, answer));
            case AVAILABILITY -> asked(Wire.availability(answer.body()), sight, answer);
            case PRICE_CHANGE, RECEIPT -> throw new IllegalStateException("nothing to look at: " + sight.kind);
        };
    }

    private Shown asked(Shown shown, Sight sight, Answer answer) {
        var exactly = sight.exactly;
        var names = sight.kind == Kind.AVAILABILITY
                ? shown.stock().stream().map(StockSeen::sku).toList()
                : shown.products().stream().map(ProductSeen::id).toList();
        if (exactly != null && (names.size() != exactly.size() || !exactly.equals(new HashSet<>(names)))) {
            scene.prices()
                    .notWritten("%s shows %,d, %,d fit: %s"
                            .formatted(sight.path, names.size(), exactly.size(), answer.excerpt()));
        }
        return shown;
    }

    /** A list may show what others have put there. */
    private Shown ours(Shown list) {
        var products = list.products();
        var judged = products.stream()
                .filter(product -> scene.prices().knows(product.id()))
                .toList();
        var offset = random.nextInt(Math.max(0, judged.size() - STOCK_JUDGED_MAX) + 1);
        var skus = judged.stream()
                .skip(offset)
                .limit(STOCK_JUDGED_MAX)
                .flatMap(product -> product.available().keySet().stream())
                .collect(Collectors.toSet());
        return new Shown(
                judged,
                list.stock().stream().filter(seen -> skus.contains(seen.sku())).toList());
    }

    private void judge(List<ProductSeen> products, Sight sight, Node node, Answer answer) {
        var where = node.url() + sight.path;
        for (var seen : products) {
            if (!scene.prices().knows(seen.id())) {
                scene.prices().notWritten(where + " shows product " + seen.id());
                continue;
            }
            scene.prices().judge(seen, where, answer.sentMicros(), answer.copy());
            forward(where, seen.id(), seen.version());
        }
    }

    private void judge(Shown shown, Sight sight, Node node, Answer answer) {
        var where = node.url() + sight.path;
        for (var seen : shown.stock()) {
            if (sightings.size() < sightingsMax) {
                sightings.add(new Sighting(seen, where, answer.sentMicros(), answer.answeredMicros()));
            } else {
                sightingsDropped++;
            }
            if (seen.version() != StockSeen.UNSTATED) {
                forward(node.url() + "/v1/availability", seen.sku(), seen.version());
            }
        }
    }

    /** The same thing at the same place is never older than it was: lists and pages are copies of their own. */
    private void forward(String where, String what, long version) {
        var seen = versions.computeIfAbsent(where, _ -> new HashMap<>()).merge(what, version, Math::max);
        if (seen > version) {
            scene.backwards().add("%s: %s at version %d, before it was at %d".formatted(where, what, version, seen));
        }
    }

    private void remember(Sight sight, @Nullable String etag, Shown shown) {
        remembered.removeIf(old -> old.sight.path.equals(sight.path));
        if (etag != null) {
            if (remembered.size() == REMEMBERED_MAX) {
                remembered.removeFirst();
            }
            remembered.add(new Remembered(sight, etag, shown));
        }
    }

    private void buy(int number) {
        var cart = new LinkedHashSet<String>();
        for (int line = random.nextInt(2); line >= 0; line--) {
            cart.add(scene.sku(random));
        }
        var repeat = random.nextInt(10) == 0 ? Intent.Repeat.AFTER : Intent.Repeat.ONCE;
        var ending = switch (random.nextInt(4)) {
            case 0 -> Intent.Ending.CONFIRM;
            case 1 -> Intent.Ending.ABANDON;
            default -> Intent.Ending.RELEASE;
        };
        var intent = new Intent(number, List.copyOf(cart), repeat, ending, random.nextLong(), random.nextLong());
        long sentMicros = WallClock.micros();
        var deal = scene.node(random).buyer().buy(intent);
        // Of both its movements: the hold was answered somewhere in between.
        var act = new Acts.Act(sentMicros, WallClock.micros());
        deal.hold().ifPresent(hold -> {
            scene.acts().add("PLACE", hold.id(), act);
            if (deal.ended() instanceof Ended.Confirmed) {
                scene.acts().add("CONFIRM", hold.id(), act);
            }
            if (deal.ended() instanceof Ended.Released) {
                scene.acts().add("RELEASE", hold.id(), act);
            }
        });
        deals.add(deal);
    }

    List<Sighting> sightings() {
        return sightings;
    }

    long sightingsDropped() {
        return sightingsDropped;
    }

    List<Deal> deals() {
        return deals;
    }
}
