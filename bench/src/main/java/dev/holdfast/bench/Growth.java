package dev.holdfast.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** What a run of {@code bench grow} found: what its two reports are made of. */
record Growth(
        String machine,
        String startedAt,
        double tookSeconds,
        int callers,
        double secondsPerRun,
        int rounds,
        List<Row> rows,
        List<Removal> retention,
        List<String> problems) {

    /**
     * One size; medians of the rounds.
     *
     * @param axis "history" or "skus": what the row is compared along
     * @param bytesPerHold of tables and indexes, all bookkeeping of the hold included; 0 without history
     * @param startMillis from the engine's opening to the answer to its first hold
     * @param spread how many SKUs the second load is on
     */
    record Row(
            String axis,
            long holds,
            long skus,
            Run hot,
            Run spread,
            int spreadSkus,
            long bytes,
            double bytesPerHold,
            double startMillis,
            double fillSeconds) {}

    record Run(double holdsPerSecond, double p50Millis, double p99Millis, double maxMillis) {
        static Run of(Load.Result result) {
            return new Run(result.perSecond(), result.p50Millis(), result.p99Millis(), result.maxMillis());
        }

        static Run median(List<Run> runs) {
            return new Run(
                    median(runs, Run::holdsPerSecond),
                    median(runs, Run::p50Millis),
                    median(runs, Run::p99Millis),
                    median(runs, Run::maxMillis));
        }

        private static double median(List<Run> runs, ToDoubleFunction<Run> value) {
            return Growth.median(runs.stream().map(value::applyAsDouble).toList());
        }
    }

    /**
     * Load on the hot SKU with and without something being removed meanwhile; medians of runs taken in turn.
     *
     * @param what is removed
     * @param removed how much, in all
     */
    record Removal(String what, Run without, Run with, String removed) {
        double ratio() {
            return with.holdsPerSecond / without.holdsPerSecond;
        }
    }

    static double median(List<Double> values) {
        var sorted = values.stream().sorted(Comparator.naturalOrder()).toList();
        int n = sorted.size();
        return n % 2 == 1 ? sorted.get(n / 2) : (sorted.get(n / 2 - 1) + sorted.get(n / 2)) / 2;
    }

    boolean ok() {
        return problems.isEmpty();
    }

    String markdown() {
        var out = new StringBuilder(
                "# How it grows\n\n%s.\n%s, %,.0f s in all; %d callers, %.1f s a run, median of %d.\n\n"
                        .formatted(machine, startedAt, tookSeconds, callers, secondsPerRun, rounds));
        for (var axis : rows.stream().map(Row::axis).distinct().toList()) {
            out.append(table(rows.stream().filter(row -> row.axis.equals(axis)).toList()));
        }
        if (!retention.isEmpty()) {
            out.append("""
                    ## Retention under load

                    | removed meanwhile | holds/s without | with | ratio | p99 ms without | with | max ms without | with | how much |
                    |---|--:|--:|--:|--:|--:|--:|--:|---|
                    """);
            retention.forEach(r -> out.append(format(
                    "| %s | %,.0f | %,.0f | %.2f | %.1f | %.1f | %.0f | %.0f | %s |\n",
                    r.what,
                    r.without.holdsPerSecond,
                    r.with.holdsPerSecond,
                    r.ratio(),
                    r.without.p99Millis,
                    r.with.p99Millis,
                    r.without.maxMillis,
                    r.with.maxMillis,
                    r.removed)));
            out.append('\n');
        }
        var verdict = new ArrayList<String>();
        problems.forEach(problem -> verdict.add("✗ " + problem));
        return out.append(ok() ? "✓ the books balance at every size" : String.join("\n\n", verdict))
                .append('\n')
                .toString();
    }

    private static String table(List<Row> rows) {
        var first = rows.getFirst();
        var out = new StringBuilder(first.axis.equals("history") ? "## More history\n\n" : "## More SKUs\n\n");
        out.append("""
                | ended holds | SKUs | load | holds/s | to the first | p50 ms | p99 ms | to the first | bytes a hold | start ms |
                |--:|--:|---|--:|--:|--:|--:|--:|--:|--:|
                """);
        for (var row : rows) {
            out.append(line(row, "hot SKU", row.hot, first.hot));
            if (row.spreadSkus > 1) {
                var comparable = rows.stream()
                        .filter(other -> other.spreadSkus == row.spreadSkus)
                        .findFirst()
                        .orElse(row);
                out.append(line(row, format("%,d SKUs", row.spreadSkus), row.spread, comparable.spread));
            }
        }
        return out.append('\n').toString();
    }

    private static String line(Row row, String load, Run run, Run first) {
        return format(
                "| %,d | %,d | %s | %,.0f | %.2f | %.1f | %.1f | %.2f | %s | %.0f |\n",
                row.holds,
                row.skus,
                load,
                run.holdsPerSecond,
                run.holdsPerSecond / first.holdsPerSecond,
                run.p50Millis,
                run.p99Millis,
                run.p99Millis / first.p99Millis,
                row.holds == 0 ? "–" : format("%.0f", row.bytesPerHold),
                row.startMillis);
    }

    @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency of its own
    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
