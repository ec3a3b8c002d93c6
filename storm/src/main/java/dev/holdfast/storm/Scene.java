package dev.holdfast.storm;

import dev.holdfast.storm.Check.Findings;
import java.util.List;
import java.util.SplittableRandom;

/** What all who take part in {@code storm browse} share. */
record Scene(
        BrowseScenario scenario,
        Assortment assortment,
        List<String> skus,
        List<Node> nodes,
        PriceBook prices,
        Acts acts,
        Traffic traffic,
        Tally tally,
        Findings ownEditsMissed,
        Findings backwards) {

    private static final int WANTED = 8; // what half of all actions are about

    /** One server, and how to ask it. */
    record Node(String url, Caller caller, Buyer buyer) {}

    /** Somebody who does one thing after the other until it is over. */
    interface Actor {
        void act(long untilNanos) throws InterruptedException;
    }

    /** One generator for each: what one does depends on the seed alone, not on how many others there are. */
    SplittableRandom random(int actor) {
        return new SplittableRandom(scenario.seed() * 0x9E37_79B9_7F4A_7C15L + actor);
    }

    Node node(SplittableRandom random) {
        return nodes.get(random.nextInt(nodes.size()));
    }

    /** Half of the time one of the few that everybody wants. */
    static int wanted(int bound, SplittableRandom random) {
        return random.nextInt(random.nextBoolean() ? Math.min(WANTED, bound) : bound);
    }

    Assortment.Item item(SplittableRandom random) {
        return assortment.items().get(wanted(assortment.items().size(), random));
    }

    String sku(SplittableRandom random) {
        return skus.get(wanted(skus.size(), random));
    }

    /** One of those that move all the time. */
    String wantedSku(SplittableRandom random) {
        return skus.get(random.nextInt(Math.min(WANTED, skus.size())));
    }
}
