package dev.holdfast.storm;

import java.time.Duration;

/**
 * What was asked for on the command line of {@code storm browse}.
 *
 * @param skus of each product
 * @param units of each SKU at the begin
 * @param readers who look and buy, each one thing after the other
 * @param ratePerSecond what all readers do together; 0: as much as they can
 * @param editsPerSecond price changes and receipts together
 * @param clocksApart how far a server's clock may be from ours
 * @param timeout how long one request is repeated before it counts as unanswered
 */
record BrowseScenario(
        int products,
        int skus,
        int units,
        int readers,
        double ratePerSecond,
        double editsPerSecond,
        double seconds,
        Duration clocksApart,
        Duration timeout,
        long seed) {

    static final int PRODUCTS_MAX = 10_000;
    static final int SKUS_MAX = 20;
    static final int UNITS_MAX = 1_000_000;
    static final int READERS_MAX = 1_024; // with a connection to each node
    static final int RATE_MAX = 100_000;
    static final int SECONDS_MAX = 3_600;

    BrowseScenario {
        require(products >= 1 && products <= PRODUCTS_MAX, "--products lies between 1 and 10,000");
        require(skus >= 1 && skus <= SKUS_MAX, "--skus lies between 1 and 20");
        require(units >= 1 && units <= UNITS_MAX, "--units lies between 1 and 1,000,000");
        require(readers >= 1 && readers <= READERS_MAX, "--readers lies between 1 and 1,024");
        require(ratePerSecond >= 0 && ratePerSecond <= RATE_MAX, "--rate lies between 0 and 100,000");
        require(editsPerSecond > 0 && editsPerSecond <= RATE_MAX, "--edits lies above 0, up to 100,000");
        require(seconds > 0 && seconds <= SECONDS_MAX, "--seconds lies above 0, up to 3,600");
        require(clocksApart.toSeconds() <= SECONDS_MAX, "--clocks-apart is at most 1h");
        require(timeout.toMillis() >= 1 && timeout.toHours() <= 24, "--timeout lies between 1ms and 24h");
    }

    /** Longer than any run, so that no hold of it lapses while it is judged. */
    Duration ttl() {
        return Duration.ofHours(2);
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
