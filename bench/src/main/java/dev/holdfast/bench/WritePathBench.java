package dev.holdfast.bench;

import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.Command.Receive;
import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.engine.Invariant;
import dev.holdfast.engine.Line;
import dev.holdfast.engine.Outcome;
import dev.holdfast.engine.Quantity;
import dev.holdfast.engine.StockEngine;
import dev.holdfast.engine.WritePath;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import javax.sql.DataSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The lane against one transaction and one statement for each request. */
@Command(
        name = "paths",
        header = "the lane beside one transaction, or statement, for each request (the default)",
        description = {
            "Compares the lane with one transaction and with one statement for each request: the same rows written, the same",
            "durable commit. Paths take turns in every round; figures are medians over the rounds. After each run the levels, the",
            "ledger and the holds must say what the callers were told; at the end every invariant is checked.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  ./holdfast bench",
            "  ./holdfast bench --rounds 1 --seconds 2",
            "  ./holdfast bench --json"
        },
        mixinStandardHelpOptions = true)
final class WritePathBench implements Callable<Integer> {
    @Option(
            names = "--callers",
            defaultValue = "256",
            description = "callers, each waiting for its answer (default: ${DEFAULT-VALUE})")
    private int callers;

    @Option(
            names = "--skus",
            defaultValue = "1000",
            description = "SKUs of the second scenario (default: ${DEFAULT-VALUE})")
    private int skus;

    @Option(
            names = "--seconds",
            defaultValue = "4",
            description = "measured for each path and round (default: ${DEFAULT-VALUE})")
    private double seconds;

    @Option(names = "--rounds", defaultValue = "3", description = "rounds (default: ${DEFAULT-VALUE})")
    private int rounds;

    @Option(
            names = "--connections",
            defaultValue = "16",
            description = "connections of the paths that take one for each request (default: ${DEFAULT-VALUE})")
    private int connections;

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            defaultValue = "3",
            description = "run before each path is measured (default: ${DEFAULT-VALUE})")
    private double warmUpSeconds;

    @Option(names = "--json", description = "one JSON object instead of the table")
    private boolean json;

    @Mixin
    private Database database = new Database();

    /** Holds that callers were told of, over all runs. */
    private final LongAdder promised = new LongAdder();

    private final List<String> broken = new ArrayList<>();

    private static final int BATCH = 1_000;
    private static final double SETTLE_SECONDS = 0.5;
    private static final int OTHERS = 8; // of the lane, the sweepers and the checks

    /** Medians over the rounds. */
    record Row(
            String scenario,
            String path,
            double holdsPerSecond,
            double p50Millis,
            double p99Millis,
            double maxMillis) {}

    @Override
    public Integer call() throws Exception {
        try (var schema = new BenchSchema(database, Instant.now());
                var pool = schema.pool(2 * connections + OTHERS);
                var engine = StockEngine.open(pool);
                var atomic = open(pool, WritePath.ATOMIC);
                var pessimistic = open(pool, WritePath.PESSIMISTIC)) {
            var hot = receive(engine, "HOT", 1);
            var many = receive(engine, "MANY", skus);
            var rows = new ArrayList<Row>();
            var paths = List.of(
                    new Path("lane", engine),
                    new Path("transaction a request", pessimistic),
                    new Path("statement a request", atomic));
            rows.addAll(compare("one hot SKU", paths, hot, pool));
            rows.addAll(compare("%,d SKUs".formatted(skus), paths, many, pool));
            rows.add(batches("one hot SKU", engine, hot));
            checkBooks("client batches", pool);
            rows.add(batches("%,d SKUs".formatted(skus), engine, many));
            checkBooks("client batches", pool);
            progress("checking every invariant of %,d holds".formatted(promised.sum()));
            engine.invariants(Books.CHECK_MAX).stream()
                    .filter(check -> !check.ok())
                    .map(Invariant::toString)
                    .forEach(broken::add);
            new PathReport(Machine.describe(pool), callers, connections, rows, broken).print(json);
            return broken.isEmpty() ? 0 : 99;
        }
    }

    private record Path(String title, StockEngine engine) {}

    private StockEngine open(HikariDataSource pool, WritePath path) {
        var options = StockEngine.Options.DEFAULT
                .withoutMigration()
                .withWritePath(path)
                .withConnections(connections);
        return StockEngine.open(pool, options, new SimpleMeterRegistry());
    }

    private Load.Result run(Path path, Line[] lines, double settle, double measured) throws Exception {
        return Load.run(
                () -> {
                    var line = lines[
                            lines.length == 1 ? 0 : ThreadLocalRandom.current().nextInt(lines.length)];
                    return toldYes(path.engine.execute(PlaceHold.of(IdempotencyKey.random(), line)));
                },
                callers,
                settle,
                measured);
    }

    private boolean toldYes(Outcome.Place outcome) {
        boolean placed = outcome instanceof Outcome.Placed;
        if (placed) {
            promised.increment();
        }
        return placed;
    }

    private void checkBooks(String run, DataSource dataSource) throws SQLException {
        try (var connection = dataSource.getConnection()) {
            Books.ofEngine(connection).problems(Scenario.HOT, promised.sum(), 0).stream()
                    .map(problem -> "after " + run + ": " + problem)
                    .forEach(broken::add);
        }
    }

    private List<Row> compare(String scenario, List<Path> paths, Line[] lines, DataSource dataSource) throws Exception {
        for (Path path : paths) {
            progress(scenario + ": warming up " + path.title());
            run(path, lines, 0, warmUpSeconds);
        }
        var results = new ArrayList<Map.Entry<String, Load.Result>>();
        for (int round = 1; round <= rounds; round++) {
            for (Path path : paths) {
                progress("%s: round %d of %d, %s".formatted(scenario, round, rounds, path.title()));
                results.add(Map.entry(path.title(), run(path, lines, SETTLE_SECONDS, seconds)));
                checkBooks(path.title(), dataSource);
            }
        }
        return paths.stream().map(path -> row(scenario, path.title(), results)).toList();
    }

    private static Row row(String scenario, String path, List<Map.Entry<String, Load.Result>> results) {
        var own = results.stream()
                .filter(result -> result.getKey().equals(path))
                .map(Map.Entry::getValue)
                .sorted(Comparator.comparingDouble(Load.Result::perSecond))
                .toList();
        var median = own.get((own.size() - 1) / 2);
        return new Row(scenario, path, median.perSecond(), median.p50Millis(), median.p99Millis(), median.maxMillis());
    }

    /** One client that hands in lists of 1,000 and always has a second one waiting. */
    private Row batches(String scenario, StockEngine engine, Line[] lines) {
        var rates = new ArrayList<Double>();
        for (int round = 0; round <= rounds; round++) {
            progress("%s: client batches of %,d, round %d of %d".formatted(scenario, BATCH, round, rounds));
            var waiting = new ArrayDeque<CompletableFuture<List<Outcome.Place>>>();
            long begin = System.nanoTime();
            long end = begin + (long) (seconds * 1e9);
            long holds = 0;
            while (System.nanoTime() < end) {
                waiting.add(engine.submitAll(batch(lines)));
                if (waiting.size() > 2) {
                    holds += placed(waiting.remove());
                }
            }
            while (!waiting.isEmpty()) {
                holds += placed(waiting.remove());
            }
            rates.add(holds / ((System.nanoTime() - begin) / 1e9));
        }
        rates.removeFirst(); // warm-up
        rates.sort(null);
        return new Row(scenario, "lane, client batches of 1,000", rates.get((rates.size() - 1) / 2), 0, 0, 0);
    }

    private long placed(CompletableFuture<List<Outcome.Place>> batch) {
        return batch.join().stream().filter(this::toldYes).count();
    }

    private static List<PlaceHold> batch(Line[] lines) {
        var batch = new ArrayList<PlaceHold>(BATCH);
        for (int i = 0; i < BATCH; i++) {
            batch.add(PlaceHold.of(
                    IdempotencyKey.random(), lines[ThreadLocalRandom.current().nextInt(lines.length)]));
        }
        return batch;
    }

    private static Line[] receive(StockEngine engine, String prefix, int count) {
        var run = Long.toString(System.currentTimeMillis(), Character.MAX_RADIX);
        var lines = new Line[count];
        var receipts = new ArrayList<Receive>(count);
        for (int i = 0; i < count; i++) {
            lines[i] = Line.of("%s-%s-%d".formatted(prefix, run, i), 1);
            receipts.add(new Receive(IdempotencyKey.random(), lines[i].stock(), Quantity.of(Quantity.MAX), "bench"));
        }
        engine.executeAll(receipts);
        return lines;
    }

    static void progress(String what) {
        System.err.println("· " + what);
    }

    /** What the figures were taken on, and what they say. */
    record PathReport(String machine, int callers, int connections, List<Row> rows, List<String> broken) {
        void print(boolean json) {
            if (json) {
                System.out.println(Json.write(this));
                return;
            }
            System.out.println(machine);
            System.out.printf(
                    "%d callers, one hold a call, each with hold, ledger and deadline rows and a durable commit;"
                            + " %d connections where each request takes one%n%n",
                    callers, connections);
            System.out.printf(
                    "%-14s %-30s %12s %10s %10s %10s%n",
                    "scenario", "write path", "holds/s", "p50 ms", "p99 ms", "lane is");
            for (Row row : rows) {
                boolean latencies = row.p99Millis > 0;
                System.out.printf(
                        "%-14s %-30s %,12.0f %10s %10s %10s%n",
                        row.scenario,
                        row.path,
                        row.holdsPerSecond,
                        latencies ? "%.1f".formatted(row.p50Millis) : "",
                        latencies ? "%.1f".formatted(row.p99Millis) : "",
                        row.path.startsWith("lane") ? "" : "%.1f ×".formatted(lane(row.scenario) / row.holdsPerSecond));
            }
            System.out.println();
            System.out.println(
                    broken.isEmpty()
                            ? "✓ after each run levels, ledger and holds say what callers were told; all invariants hold"
                            : "✗ broken: " + broken);
        }

        private double lane(String scenario) {
            return rows.stream()
                    .filter(row -> row.scenario.equals(scenario) && row.path.equals("lane"))
                    .mapToDouble(Row::holdsPerSecond)
                    .findFirst()
                    .orElseThrow();
        }
    }
}
