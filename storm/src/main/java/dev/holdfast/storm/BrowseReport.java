package dev.holdfast.storm;

import java.util.List;

/**
 * The result of {@code storm browse}.
 *
 * @param sold buyers who have their units in the end
 * @param priceStaleness of every price shown: for how long it had been replaced when it was asked for
 * @param stockStaleness of all that was said to be available: for how long it had changed when it was asked for
 * @param wakening from a movement's acknowledgement to the answer of who waited for it
 */
record BrowseReport(
        String target,
        String runId,
        BrowseScenario scenario,
        double seconds,
        Traffic traffic,
        Tally tally,
        long sold,
        Latency priceStaleness,
        Latency stockStaleness,
        Latency wakening,
        List<Check> checks) {

    boolean ok() {
        return tally.errors() == 0 && checks.stream().allMatch(Check::ok);
    }

    int exitCode() {
        return ok() ? Report.EXIT_OK : Report.EXIT_VIOLATED;
    }

    double readsPerSecond() {
        return traffic.reads() / seconds;
    }

    /** 0 to 1, of the reads with {@code If-None-Match}. */
    double notModifiedShare() {
        return traffic.conditional() == 0 ? 0 : (double) traffic.notModified() / traffic.conditional();
    }

    String verdict() {
        var counts = "%,d reads, %,d sold, %,d %s"
                .formatted(traffic.reads(), sold, tally.errors(), tally.errors() == 1 ? "error" : "errors");
        return Report.verdict(counts, checks, tally.errors());
    }
}
