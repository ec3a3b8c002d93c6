package dev.holdfast.bench;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Everything a run of {@code bench compare} found: what its three reports are made of. */
record Comparison(
        String machine,
        String startedAt,
        double tookSeconds,
        Settings settings,
        List<Path> paths,
        List<Setting> scenarios,
        List<Integer> callers,
        List<Cell> cells,
        List<OpenCell> openLoop,
        Verdict verdict) {

    /** @param connections of each path; a lane uses one */
    record Settings(double secondsPerCell, int rounds, int connections, boolean databaseCpu, boolean redis) {}

    record Path(String name, String title, boolean safe) {}

    record Setting(String name, String title, String about, int linesPerHold) {}

    /**
     * One path under so many callers in one scenario; the median round.
     *
     * @param answersPerSecond yes and no
     * @param retries per 1,000 answers
     * @param errors requests without an answer, over the whole run
     * @param oversold units promised that did not exist
     * @param unbooked units promised that the stock row does not know of
     * @param booked units that the stock rows count as gone
     * @param databaseCores CPU time of the database divided by time; null where it cannot be read
     * @param databaseMicros CPU time of the database for each answer
     * @param redisCalls commands that Redis ran, for each answer
     * @param problems what is wrong with the books; always empty for a path that keeps its promise
     */
    record Cell(
            String scenario,
            String path,
            int callers,
            double answersPerSecond,
            double holdsPerSecond,
            double p50Millis,
            double p99Millis,
            double maxMillis,
            double retries,
            long errors,
            @Nullable String firstError,
            long oversold,
            long unbooked,
            long booked,
            @Nullable Double databaseCores,
            @Nullable Double databaseMicros,
            @Nullable Double redisCalls,
            List<String> problems) {}

    /**
     * One path under a fixed arrival rate on the hot SKU.
     *
     * @param saturated it fell behind: its latencies are then a matter of how long the run took
     */
    record OpenCell(
            String path,
            int arrivalsPerSecond,
            double answersPerSecond,
            double p50Millis,
            double p99Millis,
            double maxMillis,
            long errors,
            boolean saturated,
            List<String> problems) {}

    /**
     * @param ok no safe path oversold and all ledgers balance
     * @param controlOversold units that the unsafe path sold too many or forgot; 0 if it was not among the paths
     */
    record Verdict(boolean ok, boolean controlRan, long controlOversold, List<String> problems) {
        List<String> lines() {
            var first = ok
                    ? "✓ no safe path oversold, every ledger balances"
                    : "✗ " + String.join(System.lineSeparator() + "✗ ", problems);
            if (!controlRan) {
                return List.of(first);
            }
            return List.of(
                    first,
                    controlOversold > 0
                            ? String.format(
                                    Locale.ROOT,
                                    "✓ the unsafe path promised %,d units that did not exist, or that its stock forgot:"
                                            + " the checks can fail",
                                    controlOversold)
                            : "! the unsafe path oversold nothing: too little contention here to prove anything");
        }
    }

    static Verdict verdict(List<Path> paths, List<Cell> cells, List<OpenCell> openLoop) {
        var safe = paths.stream().filter(Path::safe).map(Path::name).toList();
        var problems = new java.util.ArrayList<String>();
        for (var cell : cells) {
            if (safe.contains(cell.path)) {
                cell.problems.forEach(problem -> problems.add(
                        "%s, %s, %d callers: %s".formatted(cell.path, cell.scenario, cell.callers, problem)));
            }
        }
        for (var cell : openLoop) {
            if (safe.contains(cell.path)) {
                cell.problems.forEach(
                        problem -> problems.add("%s, %,d/s: %s".formatted(cell.path, cell.arrivalsPerSecond, problem)));
            }
        }
        long control = cells.stream()
                .filter(cell -> !safe.contains(cell.path))
                .mapToLong(cell -> Math.max(cell.oversold, cell.unbooked))
                .sum();
        return new Verdict(problems.isEmpty(), safe.size() < paths.size(), control, problems);
    }
}
