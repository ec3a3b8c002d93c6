package dev.holdfast.bench;

import dev.holdfast.bench.Comparison.Cell;
import dev.holdfast.bench.Comparison.OpenCell;
import dev.holdfast.bench.Comparison.Setting;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One comparison as a table for the terminal, as Markdown, as JSON and as a page. */
record CompareReports(Comparison comparison) {
    private static final String PAGE = "compare.html";
    private static final String PAGE_DATA = "/*DATA*/";

    /** Where a table shows one number of callers only. */
    private static final int USUAL_CALLERS = 256;

    void write(Reports reports) throws IOException {
        var result = Json.write(comparison);
        reports.write(
                "compare",
                result,
                terminal(),
                List.of(new Reports.Text(".html", page(result)), new Reports.Text(".md", markdown())));
    }

    /** The page reads its data from itself; "<" would end the script element that holds it. */
    private static String page(String json) throws IOException {
        try (InputStream in = CompareReports.class.getResourceAsStream(PAGE)) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8)
                    .replace(PAGE_DATA, json.replace("<", "\\u003c"));
        }
    }

    // --- terminal
    // -----------------------------------------------------------------------------------------------------

    private String terminal() {
        var out = new StringBuilder(comparison.machine() + "\n" + settings() + "\n");
        int callers = comparison.callers().contains(USUAL_CALLERS)
                ? USUAL_CALLERS
                : comparison.callers().stream().max(Integer::compare).orElseThrow();
        out.append(format(
                "%n%-12s %-24s %10s %9s %9s %9s %8s %7s %9s%n",
                callers + " callers",
                "write path",
                "answers/s",
                "p50 ms",
                "p99 ms",
                "max ms",
                "retries",
                "errors",
                "oversold"));
        for (var scenario : comparison.scenarios()) {
            var title = scenario.title();
            for (var cell : of(scenario, callers)) {
                out.append(format(
                        "%-12s %-24s %,10.0f %9.1f %9.1f %9.1f %8.1f %,7d %,9d%n",
                        title,
                        title(cell.path()),
                        cell.answersPerSecond(),
                        cell.p50Millis(),
                        cell.p99Millis(),
                        cell.maxMillis(),
                        cell.retries(),
                        cell.errors(),
                        Math.max(cell.oversold(), cell.unbooked())));
                title = "";
            }
        }
        if (!comparison.openLoop().isEmpty()) {
            out.append(format(
                    "%n%-12s %-24s %10s %9s %9s %9s%n",
                    "arrivals/s", "write path", "answers/s", "p50 ms", "p99 ms", "max ms"));
            for (var cell : comparison.openLoop()) {
                out.append(format(
                        "%,-12d %-24s %,10.0f %9s %9s %9s%n",
                        cell.arrivalsPerSecond(),
                        title(cell.path()),
                        cell.answersPerSecond(),
                        unlessSaturated(cell, cell.p50Millis()),
                        unlessSaturated(cell, cell.p99Millis()),
                        unlessSaturated(cell, cell.maxMillis())));
            }
        }
        out.append(
                "\nretries: for each 1,000 answers; oversold: units promised that did not exist or that the stock row forgot\n");
        comparison.verdict().lines().forEach(line -> out.append(line).append('\n'));
        return out.toString();
    }

    private static String unlessSaturated(OpenCell cell, double millis) {
        return cell.saturated() ? "behind" : format("%.1f", millis);
    }

    // --- Markdown
    // -----------------------------------------------------------------------------------------------------

    private String markdown() {
        var out = new StringBuilder("# Write paths compared\n\n");
        out.append(comparison.machine()).append(".\n").append(settings()).append("\n\n");
        comparison.verdict().lines().forEach(line -> out.append(line).append("\n\n"));
        for (var scenario : comparison.scenarios()) {
            out.append(format("## %s\n\n%s.\n\n", capitalized(scenario.title()), capitalized(scenario.about())));
            out.append("""
                    | callers | write path | answers/s | holds/s | p50 ms | p99 ms | max ms | retries ‰ | errors | oversold | forgotten | database cores | database µs/answer | Redis calls/answer |
                    |--:|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|
                    """);
            comparison.callers().forEach(callers -> of(scenario, callers).forEach(cell -> out.append(row(cell))));
            out.append('\n');
        }
        if (!comparison.openLoop().isEmpty()) {
            out.append(openLoopTable());
        }
        return out.append("""
                Answers: yes and no. Retries: for each 1,000 answers. Errors: requests without an answer, warm-up included. Oversold: units
                promised that did not exist. Forgotten: units promised that the stock row does not know of, and will sell again.
                """).toString();
    }

    private String row(Cell cell) {
        return format(
                "| %,d | %s | %,.0f | %,.0f | %.1f | %.1f | %.1f | %.1f | %,d | %,d | %,d | %s | %s | %s |\n",
                cell.callers(),
                title(cell.path()),
                cell.answersPerSecond(),
                cell.holdsPerSecond(),
                cell.p50Millis(),
                cell.p99Millis(),
                cell.maxMillis(),
                cell.retries(),
                cell.errors(),
                cell.oversold(),
                cell.unbooked(),
                orNone("%.2f", cell.databaseCores()),
                orNone("%,.0f", cell.databaseMicros()),
                orNone("%.1f", cell.redisCalls()));
    }

    private String openLoopTable() {
        var out = new StringBuilder("""
                ## Fixed arrival rate

                Hot SKU; requests arrive whether or not earlier ones are answered, and latency counts from the intended start. "Behind": the
                path cannot keep up, and its latency grows with the length of the run.

                | arrivals/s | write path | answers/s | p50 ms | p99 ms | max ms | errors |
                |--:|---|--:|--:|--:|--:|--:|
                """);
        for (var cell : comparison.openLoop()) {
            out.append(format(
                    "| %,d | %s | %,.0f | %s | %s | %s | %,d |\n",
                    cell.arrivalsPerSecond(),
                    title(cell.path()),
                    cell.answersPerSecond(),
                    unlessSaturated(cell, cell.p50Millis()),
                    unlessSaturated(cell, cell.p99Millis()),
                    unlessSaturated(cell, cell.maxMillis()),
                    cell.errors()));
        }
        return out.append('\n').toString();
    }

    // --- parts
    // --------------------------------------------------------------------------------------------------------

    private String settings() {
        var settings = comparison.settings();
        return format(
                "%s, %.0f s in all; %.1f s measured in each cell%s; %d connections for each path; database CPU %s; %s",
                comparison.startedAt(),
                comparison.tookSeconds(),
                settings.secondsPerCell(),
                settings.rounds() == 1 ? "" : format(" and round, median of %d rounds", settings.rounds()),
                settings.connections(),
                settings.databaseCpu() ? "read" : "n/a (not on this machine)",
                settings.redis() ? "with Redis" : "without Redis");
    }

    private List<Cell> of(Setting scenario, int callers) {
        return comparison.cells().stream()
                .filter(cell -> cell.scenario().equals(scenario.name()) && cell.callers() == callers)
                .toList();
    }

    private String title(String path) {
        return comparison.paths().stream()
                .filter(known -> known.name().equals(path))
                .map(Comparison.Path::title)
                .findFirst()
                .orElse(path);
    }

    @SuppressWarnings("AnnotateFormatMethod")
    private static String orNone(String format, @Nullable Double value) {
        return Optional.ofNullable(value).map(number -> format(format, number)).orElse("n/a");
    }

    private static String capitalized(String text) {
        return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
    }

    @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency of its own
    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
