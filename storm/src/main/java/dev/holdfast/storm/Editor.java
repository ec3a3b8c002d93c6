package dev.holdfast.storm;

import dev.holdfast.storm.Assortment.Item;
import dev.holdfast.storm.Caller.Reply;
import dev.holdfast.storm.Scene.Node;
import dev.holdfast.storm.Traffic.Kind;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;

/** Changes prices, and looks at once whether his own node shows it; now and then receives goods. */
final class Editor implements Scene.Actor {

    private static final double RECEIPTS = 0.2;
    private static final int UNITS_MAX = 5;

    private final Scene scene;
    private final Pace pace;
    private final SplittableRandom random;
    private final ConcurrentHashMap<String, Long> received;

    /** @param received units by SKU, to be added to */
    Editor(Scene scene, Pace pace, int number, ConcurrentHashMap<String, Long> received) {
        this.scene = scene;
        this.pace = pace;
        this.random = scene.random(number);
        this.received = received;
    }

    @Override
    public void act(long untilNanos) throws InterruptedException {
        while (true) {
            long begunNanos = pace.turn();
            if (begunNanos - untilNanos >= 0 || System.nanoTime() - untilNanos >= 0) {
                return;
            }
            if (random.nextDouble() < RECEIPTS) {
                receive(begunNanos);
            } else {
                changePrice(scene.item(random), begunNanos);
            }
        }
    }

    private void changePrice(Item item, long begunNanos) {
        var id = item.id().toString();
        var base = scene.prices().begin(id);
        if (base == null) {
            return;
        }
        var node = scene.node(random);
        long written;
        try {
            var prices = new LinkedHashMap<>(base.pricesMinor());
            prices.put(item.skus().get(random.nextInt(item.skus().size())), newPrice());
            scene.prices().sent(id, prices);
            written = write(item, base.version(), prices, node, begunNanos);
        } finally {
            scene.prices().end(id);
        }
        if (written >= 0) {
            lookAtOwn(item, written, node);
        }
    }

    private long newPrice() {
        return random.nextLong(1, Assortment.PRICE_MINOR_MAX);
    }

    /** The version it has now; -1 if it was not written, or nobody knows. */
    private long write(Item item, long version, Map<String, Long> prices, Node node, long begunNanos) {
        var id = item.id().toString();
        var request =
                Request.put("/v1/products/" + id, Wire.product(item, prices)).with("If-Match", "\"" + version + "\"");
        switch (node.caller().call(request)) {
            case Reply.Unanswered u -> scene.tally().mishap("price change unanswered", u.why());
            case Reply.Answered a -> {
                var answer = a.answer();
                try {
                    // It met itself: an earlier sending was written, and nobody else writes here.
                    boolean isOwn = a.uncertain() && answer.is(412, "version-changed");
                    if (answer.status() == 200 || isOwn) {
                        long now = Wire.whole(answer.body(), isOwn ? "currentVersion" : "version");
                        scene.prices().acknowledged(id, now, answer.answeredMicros());
                        scene.traffic().answered(Kind.PRICE_CHANGE, System.nanoTime() - begunNanos);
                        return now;
                    }
                    if (!a.uncertain() && answer.status() < 500) {
                        scene.prices().refused(id);
                    }
                    scene.tally().mishap("price change answered " + answer.brief(), answer.excerpt());
                } catch (Wire.Malformed e) {
                    scene.tally().mishap("price change answered with a malformed body", e.why());
                }
            }
        }
        return -1;
    }

    private void lookAtOwn(Item item, long written, Node node) {
        var path = "/v1/products/" + item.id();
        switch (node.caller().call(Request.get(path))) {
            case Reply.Unanswered u -> scene.tally().mishap("read unanswered", u.why());
            case Reply.Answered a -> {
                try {
                    var seen = Wire.product(a.answer().body(), false);
                    scene.prices()
                            .judge(
                                    seen,
                                    node.url() + path,
                                    a.answer().sentMicros(),
                                    a.answer().copy());
                    if (seen.version() < written) {
                        scene.ownEditsMissed()
                                .add("%s%s shows version %d to who has just written %d there"
                                        .formatted(node.url(), path, seen.version(), written));
                    }
                } catch (Wire.Malformed e) {
                    scene.tally().mishap("read answered " + a.answer().brief(), e.why());
                }
            }
        }
    }

    private void receive(long begunNanos) {
        var sku = scene.sku(random);
        long units = random.nextLong(1, UNITS_MAX + 1);
        var key = Uuid7.of(System.currentTimeMillis(), random.nextLong(), random.nextLong())
                .toString();
        long sentMicros = WallClock.micros();
        var request = Request.post("/v1/stock/receipts", key, Wire.receipt(sku, units, "storm browse"));
        switch (scene.node(random).caller().call(request)) {
            case Reply.Unanswered u -> scene.tally().mishap("receipt unanswered", u.why());
            case Reply.Answered a -> {
                if (a.answer().status() != 201) {
                    scene.tally()
                            .mishap(
                                    "receipt answered " + a.answer().brief(),
                                    a.answer().excerpt());
                    return;
                }
                scene.acts()
                        .add("RECEIVE", key, new Acts.Act(sentMicros, a.answer().answeredMicros()));
                scene.traffic().answered(Kind.RECEIPT, System.nanoTime() - begunNanos);
                received.merge(sku, units, Long::sum);
            }
        }
    }
}
