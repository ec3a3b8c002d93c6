package dev.holdfast.storm;

import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What was asked for on the command line.
 *
 * @param units over all SKUs together; spread evenly, the remainder one each to the first
 * @param lines distinct SKUs in a cart, one unit each
 * @param requests how often a buyer asks, each time with another key, as long as it is refused
 * @param release share of the buyers with a hold who give it back; what confirm, abandon and release leave extend it
 * @param connections open at once, at most
 * @param gate what the server was started with; null: whatever runs
 * @param timeout how long one request is repeated before it counts as unanswered
 */
record Scenario(
        int buyers,
        long units,
        int skus,
        int lines,
        int requests,
        Share duplicates,
        Share confirm,
        Share abandon,
        Share release,
        int connections,
        @Nullable Gate gate,
        Duration ttl,
        Duration timeout,
        long seed) {

    /** Whether a server refuses what is sold out before the queue. */
    enum Gate {
        ON,
        OFF;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static final int BUYERS_MAX = 1_000_000; // a parked virtual thread and what it was told: ~2 KB each, 2 GB
    static final int SKUS_MAX = 10_000;
    static final int LINES_MAX = 100; // the contract's bound
    static final int CONNECTIONS_MAX = 4_096;
    static final int REQUESTS_MAX = 1_000;
    static final int ASKINGS_MAX = 5_000_000; // what each was told is kept: ~200 bytes, 1 GB
    static final Duration TTL_MAX = Duration.ofDays(1); // the contract's bound

    Scenario {
        require(buyers >= 1 && buyers <= BUYERS_MAX, "--buyers lies between 1 and 1,000,000");
        require(skus >= 1 && skus <= SKUS_MAX, "--skus lies between 1 and 10,000");
        require(units >= skus, "--units is the total over all SKUs: at least one for each of the --skus");
        require(units <= 1_000_000_000L, "--units is at most 1,000,000,000");
        require(lines >= 1 && lines <= LINES_MAX, "--lines lies between 1 and 100");
        require(lines <= skus, "--lines is at most --skus: the lines of a cart are distinct SKUs");
        require(requests >= 1 && requests <= REQUESTS_MAX, "--requests lies between 1 and 1,000");
        require((long) buyers * requests <= ASKINGS_MAX, "--buyers times --requests is at most 5,000,000");
        require(connections >= 1 && connections <= CONNECTIONS_MAX, "--connections lies between 1 and 4,096");
        require(ttl.toMillis() >= 1_000 && ttl.compareTo(TTL_MAX) <= 0, "--ttl lies between 1s and 24h");
        require(timeout.toMillis() >= 1 && timeout.compareTo(TTL_MAX) <= 0, "--timeout lies between 1ms and 24h");
        require(
                confirm.fraction() + abandon.fraction() + release.fraction() <= 1 + 1e-9,
                "--confirm, --abandon and --release are shares of the same buyers: together at most 100%");
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
