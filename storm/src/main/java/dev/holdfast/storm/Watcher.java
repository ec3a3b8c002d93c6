package dev.holdfast.storm;

import dev.holdfast.storm.Caller.Reply;
import dev.holdfast.storm.Scene.Node;
import dev.holdfast.storm.StockTruth.Sighting;
import dev.holdfast.storm.StockTruth.Wait;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Has a page open on which availability is live: asks for what is newer than what it shows, and waits for it. */
final class Watcher implements Scene.Actor {

    private static final int WAIT_SECONDS_MAX = 3; // less than Connections waits for an answer
    private static final int WAITS_PER_PAGE = 10;

    private final Scene scene;
    private final SplittableRandom random;
    private final List<Wait> waits = new ArrayList<>();
    private final List<Sighting> sightings = new ArrayList<>();

    Watcher(Scene scene, int number) {
        this.scene = scene;
        this.random = scene.random(number);
    }

    @Override
    public void act(long untilNanos) {
        while (System.nanoTime() - untilNanos < 0) {
            var node = scene.node(random);
            var path = "/v1/availability?sku=" + scene.wantedSku(random);
            var shows = ask(node, Request.get(path), null);
            for (int i = 0; i < WAITS_PER_PAGE && shows != null && System.nanoTime() - untilNanos < 0; i++) {
                var newer = Request.get(path + "&since=" + shows.version())
                        .with("Prefer", "wait=" + waitSeconds(untilNanos));
                shows = ask(node, newer, shows);
            }
        }
    }

    /** Not much longer than anybody is there. */
    private static long waitSeconds(long untilNanos) {
        return Math.clamp((untilNanos - System.nanoTime()) / 1_000_000_000L + 1, 1, WAIT_SECONDS_MAX);
    }

    /** What the page shows then; null if that cannot be said. */
    private @Nullable StockSeen ask(Node node, Request request, @Nullable StockSeen shows) {
        return switch (node.caller().call(request)) {
            case Reply.Unanswered u -> trouble("read unanswered", u.why());
            case Reply.Answered a -> {
                var answer = a.answer();
                var where = node.url() + request.path();
                if (shows != null) {
                    waits.add(new Wait(
                            shows.sku(), shows.version(), where, answer.sentMicros(), answer.answeredMicros()));
                    if (answer.status() == 304) {
                        yield shows;
                    }
                }
                yield answer.status() == 200
                        ? newest(answer, where, shows)
                        : trouble("read answered " + answer.brief(), request.path() + ": " + answer.excerpt());
            }
        };
    }

    private @Nullable StockSeen newest(Answer answer, String where, @Nullable StockSeen shows) {
        try {
            var stock = Wire.availability(answer.body()).stock();
            if (stock.size() != 1) {
                return trouble("availability of one SKU shows others", answer.excerpt());
            }
            var seen = stock.getFirst();
            sightings.add(new Sighting(seen, where, answer.sentMicros(), answer.answeredMicros()));
            if (shows != null && seen.version() <= shows.version()) {
                return trouble("who waited was told nothing new", where + ": " + answer.excerpt());
            }
            return seen;
        } catch (Wire.Malformed e) {
            return trouble("read answered with a malformed body", e.why() + ": " + answer.excerpt());
        }
    }

    private @Nullable StockSeen trouble(String kind, String sample) {
        scene.tally().mishap(kind, sample);
        return null;
    }

    List<Wait> waits() {
        return waits;
    }

    List<Sighting> sightings() {
        return sightings;
    }
}
