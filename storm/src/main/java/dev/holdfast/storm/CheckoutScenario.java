package dev.holdfast.storm;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What was asked for on the command line of {@code storm checkout}.
 *
 * @param buyers shoppers and tills together
 * @param units over all SKUs together; spread evenly, the remainder one each to the first
 * @param connections open at once, at most
 * @param ttl of a hold that is placed and left, and of the lease of a till that comes back too late
 * @param settle how long to wait in the end for every hold, checkout and refund to be over
 * @param outage a command that is run twice in mid-storm
 * @param timeout how long one request is repeated before it counts as unanswered
 */
record CheckoutScenario(
        int buyers,
        long units,
        int skus,
        int connections,
        Duration ttl,
        Duration settle,
        @Nullable String outage,
        Duration timeout,
        long seed) {

    static final int BUYERS_MIN = CheckoutPlan.DECK; // so that each kind of errand is there
    static final int BUYERS_MAX = 100_000; // each checkout is looked at twice afterwards: 200,000 × ~0.2 ms = 40 s
    static final int SKUS_MAX = 1_000;
    static final int CONNECTIONS_MAX = 1_024;
    static final Duration TTL_MAX = Duration.ofHours(1);

    private static final Duration LATE_BY = Duration.ofSeconds(1); // four looks of a sweeper
    private static final Duration LATE_MAX = Duration.ofMinutes(10); // the longest time that the sandbox can wait

    CheckoutScenario {
        require(buyers >= BUYERS_MIN && buyers <= BUYERS_MAX, "--buyers lies between 100 and 100,000");
        require(skus >= CheckoutPlan.LINES_MAX && skus <= SKUS_MAX, "--skus lies between 3 and 1,000");
        require(units >= skus, "--units is the total over all SKUs: at least one for each of the --skus");
        require(units <= 1_000_000_000L, "--units is at most 1,000,000,000");
        require(connections >= 1 && connections <= CONNECTIONS_MAX, "--connections lies between 1 and 1,024");
        require(ttl.toMillis() >= 1_000 && ttl.compareTo(TTL_MAX) <= 0, "--ttl lies between 1s and 1h");
        require(settle.toHours() <= 24, "--settle is at most 24h");
        require(timeout.toMillis() >= 1 && timeout.toHours() <= 24, "--timeout lies between 1ms and 24h");
    }

    /** How long after the beginning whoever is late comes. */
    Duration late() {
        var late = ttl.plus(LATE_BY);
        return late.compareTo(LATE_MAX) < 0 ? late : LATE_MAX;
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
