package dev.holdfast.bench;

import dev.holdfast.engine.StockEngine;
import dev.holdfast.engine.StockEngine.Keep;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The hot SKU while another engine lets the history go, and while none does, in turn. */
record GrowRetention(GrowSite site, int rounds, Progress progress) {
    /** Two loads for each of the two kinds of history. */
    static final int STEPS = 4;

    private static final Duration KEEP = Duration.ofDays(7);

    /** A month is summed up in some seconds, and goes in an instant: the run must see both. */
    private static final double MONTHS_SECONDS_FACTOR = 3;

    List<Growth.Removal> measure() throws Exception {
        return List.of(
                removal(
                        "ended holds",
                        new Keep(KEEP, null, true),
                        site.seconds(),
                        "SELECT count(*) FROM hold WHERE state <> 0",
                        "%,d holds"),
                removal(
                        "months of the ledger",
                        new Keep(null, KEEP, true),
                        MONTHS_SECONDS_FACTOR * site.seconds(),
                        "SELECT count(*) FROM pg_inherits WHERE inhparent = 'ledger'::regclass",
                        "%,d months"));
    }

    private Growth.Removal removal(String what, Keep keep, double seconds, String count, String amount)
            throws Exception {
        var without = new ArrayList<Growth.Run>();
        var with = new ArrayList<Growth.Run>();
        long before = number(count);
        for (int round = 0; round < rounds; round++) {
            for (boolean removing : round % 2 == 0 ? List.of(false, true) : List.of(true, false)) {
                progress.next("%s retention of %s".formatted(removing ? "during" : "without", what));
                var run = removing ? during(keep, seconds) : alone(seconds);
                (removing ? with : without).add(run);
                progress.done("%,.0f/s, p99 %.1f ms, max %.0f ms"
                        .formatted(run.holdsPerSecond(), run.p99Millis(), run.maxMillis()));
            }
        }
        return new Growth.Removal(
                what, Growth.Run.median(without), Growth.Run.median(with), amount.formatted(before - number(count)));
    }

    private Growth.Run alone(double seconds) throws Exception {
        try (var engine = StockEngine.open(site.pool())) {
            return site.load(engine, 1, seconds);
        }
    }

    private Growth.Run during(Keep keep, double seconds) throws Exception {
        var options = StockEngine.Options.DEFAULT.withKeep(keep);
        try (var _ = StockEngine.open(site.pool(), options, new SimpleMeterRegistry())) {
            return alone(seconds);
        }
    }

    private long number(String sql) throws SQLException {
        try (var connection = site.pool().getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }
}
