package dev.holdfast.storm;

import dev.holdfast.storm.Accounts.Exit;
import java.util.List;

/**
 * The result of a run.
 *
 * @param mode {@code http}, or {@code unsafe} for the negative control
 * @param sold buyers who have their units in the end
 * @param refused how often a buyer was told no
 * @param errors requests without an answer that the contract knows
 * @param unitsSold over all SKUs
 * @param unitsOversold sold beyond what there was, summed over the SKUs
 * @param requests that were answered, in the storm itself
 * @param holdLatency from the moment a buyer asks, including its wait for a free connection, to its final answer
 * @param requestLatency from sending to the whole answer, on an open connection
 */
record Report(
        String mode,
        String target,
        Plan plan,
        long sold,
        long held,
        long confirmed,
        long released,
        long expired,
        long refused,
        long failed,
        long errors,
        List<Tally.Mishap> mishaps,
        long unitsSold,
        long unitsOversold,
        Tally.Refusals refusalsAfterSellOut,
        long duplicates,
        long retries,
        long requests,
        double seconds,
        Latency holdLatency,
        Latency refusalLatency,
        Latency requestLatency,
        List<Check> checks) {

    static final int EXIT_OK = 0;
    static final int EXIT_ABORTED = 1;
    static final int EXIT_VIOLATED = 99;

    static Report of(
            String mode, String target, Plan plan, Tally tally, long nanos, Accounts accounts, List<Check> checks) {
        return new Report(
                mode,
                target,
                plan,
                accounts.sold(),
                accounts.buyers(Exit.HOLDING),
                accounts.buyers(Exit.CONFIRMED),
                accounts.buyers(Exit.RELEASED),
                accounts.buyers(Exit.EXPIRED),
                accounts.buyers(Exit.REFUSED),
                accounts.buyers(Exit.FAILED),
                tally.errors(),
                List.copyOf(tally.mishaps().values()),
                accounts.unitsSold(),
                accounts.unitsOversold(plan.supply()),
                tally.refusalsAfterSellOut(),
                tally.duplicates(),
                tally.retries(),
                tally.requests(),
                nanos / 1e9,
                tally.placedLatency(),
                tally.refusedLatency(),
                tally.requestLatency(),
                checks);
    }

    boolean unsafe() {
        return mode.equals("unsafe");
    }

    boolean ok() {
        return errors == 0 && checks.stream().allMatch(Check::ok);
    }

    double requestsPerSecond() {
        return requests / seconds;
    }

    /** The negative control succeeds by failing: it must find the oversell. */
    int exitCode() {
        if (unsafe() && unitsOversold == 0) {
            return EXIT_ABORTED;
        }
        return ok() ? EXIT_OK : EXIT_VIOLATED;
    }

    String verdict() {
        var counts = "%,d sold, %,d refused, %,d %s".formatted(sold, refused, errors, errors == 1 ? "error" : "errors");
        if (unsafe()) {
            return unitsOversold == 0
                    ? "FOUND NOTHING: " + counts + ". The negative control found nothing; more --buyers may help."
                    : "OVERSOLD: " + counts
                            + ". %,d sold that did not exist, as read-then-write does.".formatted(unitsOversold);
        }
        if (unitsOversold > 0) {
            return "OVERSOLD: %s. %,d %s sold that did not exist."
                    .formatted(counts, unitsOversold, unitsOversold == 1 ? "unit" : "units");
        }
        return verdict(counts, checks, errors);
    }

    /** Of whatever kind of storm. */
    static String verdict(String counts, List<Check> checks, long errors) {
        long broken = checks.stream().filter(check -> !check.ok()).count();
        if (broken > 0) {
            return "BROKEN: %s. %d of %d checks failed.".formatted(counts, broken, checks.size());
        }
        return errors > 0
                ? "NOT PROVEN: " + counts + ". Every check holds, but not everybody was answered."
                : "HELD FAST: " + counts + ".";
    }
}
