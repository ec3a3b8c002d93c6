package dev.holdfast.bench;

import dev.holdfast.bench.Comparison.Cell;
import dev.holdfast.bench.Comparison.OpenCell;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * All cells of a comparison. Within a scenario the contenders take turns at each number of callers, every second time in reverse
 * order, so that a machine that grows warm or busy treats all alike.
 */
record Matrix(
        CellRun run,
        List<Contenders.Entry> entries,
        List<Scenario> scenarios,
        List<Integer> callers,
        List<Integer> arrivalRates,
        double seconds,
        double warmUpSeconds,
        int rounds) {
    /** Enough for every rate that a path can sustain: 40,000/s × 25 ms. */
    private static final int IN_FLIGHT_MAX = 1_024;

    private static final int WARM_UP_CALLERS = 64;

    /** A line of a quarter second's arrivals, and growing: it is not keeping up. */
    private static final double BACKLOG_SECONDS = 0.25;

    record Key(Scenario scenario, Contenders.Entry entry, int callers) {}

    /** Cells, warm-ups included. */
    int steps() {
        int cells = 0;
        for (var scenario : scenarios) {
            cells += of(scenario).size() * (1 + rounds * callers.size());
        }
        return cells + entries.size() * arrivalRates.size();
    }

    List<Cell> closed(Progress progress) throws Exception {
        var cells = new ArrayList<Cell>();
        for (var scenario : scenarios) {
            for (var entry : of(scenario)) {
                progress.next("%s: warming up %s".formatted(scenario.title, entry.title()));
                run.run(
                        entry,
                        scenario,
                        (ask, probe) -> Load.closed(ask, WARM_UP_CALLERS, 0, warmUpSeconds, Load.Probe.NONE));
            }
            var rounded = new ArrayList<List<Cell>>();
            for (int round = 0; round < rounds; round++) {
                rounded.add(round(scenario, round, progress));
            }
            for (int i = 0; i < rounded.getFirst().size(); i++) {
                int cell = i;
                cells.add(median(rounded.stream().map(round -> round.get(cell)).toList()));
            }
        }
        return cells;
    }

    /** In the order of the report, whatever the order they ran in. */
    private List<Cell> round(Scenario scenario, int round, Progress progress) throws Exception {
        var ordered = new ArrayList<Cell>();
        for (int i = 0; i < callers.size(); i++) {
            var turn = (round + i) % 2 == 0 ? of(scenario) : of(scenario).reversed();
            for (var entry : turn) {
                var key = new Key(scenario, entry, callers.get(i));
                progress.next("%s, %,d %s: %s"
                        .formatted(
                                scenario.title, key.callers, key.callers == 1 ? "caller" : "callers", entry.title()));
                var cell = cell(key);
                progress.done("%,.0f/s, p99 %,.1f ms".formatted(cell.answersPerSecond(), cell.p99Millis()));
                ordered.add(cell);
            }
        }
        ordered.sort(Comparator.<Cell>comparingInt(cell -> callers.indexOf(cell.callers()))
                .thenComparingInt(cell -> rank(cell.path())));
        return ordered;
    }

    private int rank(String path) {
        return entries.stream().map(Contenders.Entry::name).toList().indexOf(path);
    }

    private List<Contenders.Entry> of(Scenario scenario) {
        return entries.stream()
                .filter(entry -> entry.carts() || scenario.linesPerHold() == 1)
                .toList();
    }

    private Cell cell(Key key) throws Exception {
        var found = run.run(
                key.entry,
                key.scenario,
                (ask, probe) -> Load.closed(ask, key.callers, CellRun.settleSeconds(seconds), seconds, probe));
        var tally = found.tally();
        double answers = tally.answersPerSecond() * seconds;
        long promisedUnits = tally.promised() * key.scenario.linesPerHold();
        var cpuSeconds = found.meters().cpuSeconds();
        var failure = tally.failure();
        return new Cell(
                key.scenario.id,
                key.entry.name(),
                key.callers,
                tally.answersPerSecond(),
                tally.holdsPerSecond(),
                tally.percentileMillis(50),
                tally.percentileMillis(99),
                tally.maxMillis(),
                Objects.requireNonNullElse(per(1_000.0 * found.meters().retries(), answers), 0.0),
                tally.errors(),
                failure == null ? null : failure.toString(),
                found.books().oversold(promisedUnits),
                found.books().unbooked(promisedUnits),
                found.books().booked(),
                cpuSeconds == null ? null : cpuSeconds / seconds,
                cpuSeconds == null ? null : per(1e6 * cpuSeconds, answers),
                key.entry.needsRedis() ? per((double) found.meters().redisCalls(), answers) : null,
                found.problems());
    }

    /** Null instead of a division by zero: JSON has no infinity. */
    private static @Nullable Double per(double sum, double answers) {
        return answers == 0 ? null : sum / answers;
    }

    /** The round of the middle rate; but what is wrong in any round is wrong. */
    private static Cell median(List<Cell> rounds) {
        var sorted = rounds.stream()
                .sorted(Comparator.comparingDouble(Cell::answersPerSecond))
                .toList();
        var median = sorted.get((sorted.size() - 1) / 2);
        return rounds.stream()
                .filter(cell -> !cell.problems().isEmpty())
                .max(Comparator.comparingLong(cell -> Math.max(cell.oversold(), cell.unbooked())))
                .map(worst -> withBooksOf(median, worst))
                .orElse(median);
    }

    private static Cell withBooksOf(Cell cell, Cell worst) {
        return new Cell(
                cell.scenario(),
                cell.path(),
                cell.callers(),
                cell.answersPerSecond(),
                cell.holdsPerSecond(),
                cell.p50Millis(),
                cell.p99Millis(),
                cell.maxMillis(),
                cell.retries(),
                cell.errors(),
                cell.firstError(),
                worst.oversold(),
                worst.unbooked(),
                worst.booked(),
                cell.databaseCores(),
                cell.databaseMicros(),
                cell.redisCalls(),
                worst.problems());
    }

    List<OpenCell> open(Progress progress) throws Exception {
        var cells = new ArrayList<OpenCell>();
        for (int rate : arrivalRates) {
            for (var entry : entries) {
                progress.next("hot SKU, %,d arrivals/s: %s".formatted(rate, entry.title()));
                var cell = openCell(entry, rate);
                progress.done("%,.0f/s, p99 %,.1f ms%s"
                        .formatted(
                                cell.answersPerSecond(), cell.p99Millis(), cell.saturated() ? ", falls behind" : ""));
                cells.add(cell);
            }
        }
        return cells;
    }

    private OpenCell openCell(Contenders.Entry entry, int rate) throws Exception {
        long[] unasked = {0};
        var found = run.run(entry, Scenario.HOT, (ask, probe) -> {
            var arrivals = Load.open(ask, rate, IN_FLIGHT_MAX, CellRun.settleSeconds(seconds), seconds, probe);
            unasked[0] = arrivals.unasked();
            return arrivals.tally();
        });
        var tally = found.tally();
        double missing = (rate - tally.answersPerSecond()) * seconds;
        return new OpenCell(
                entry.name(),
                rate,
                tally.answersPerSecond(),
                tally.percentileMillis(50),
                tally.percentileMillis(99),
                tally.maxMillis(),
                tally.errors(),
                unasked[0] > rate * BACKLOG_SECONDS || missing > rate * BACKLOG_SECONDS,
                found.problems());
    }
}
