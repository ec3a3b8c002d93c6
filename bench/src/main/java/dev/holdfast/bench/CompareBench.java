package dev.holdfast.bench;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Every write path and the unsafe one, in every scenario, under few and many callers. */
@Command(
        name = "compare",
        header = "every write path and the unsafe one: all scenarios, few and many callers",
        description = {
            "Runs each write path in each scenario under each number of callers, then under fixed arrival rates"
                    + " (latency from the intended start), and reads the books from outside after every run. Works on"
                    + " any PostgreSQL 15 or newer, in a schema of its own that it removes. Writes compare.md,"
                    + " compare.json and compare.html.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  ./holdfast bench compare",
            "  ./holdfast bench compare --scenarios hot,sold-out --callers 64,256 --rounds 3",
            "  ./holdfast bench compare --paths lane,unsafe --no-open-loop --json",
            "  ./holdfast bench compare --arrival-rate 1000,5000 --report reports/today",
            "  ./holdfast bench compare --database-url jdbc:postgresql://db/shop",
            "",
            "Exit codes: 0 measured; 99 a safe path oversold or its ledger does not balance; 1 could not run; 2 wrong use"
        },
        sortOptions = false,
        mixinStandardHelpOptions = true)
final class CompareBench implements Callable<Integer> {
    private static final int CALLERS_MAX = 16_384;
    private static final int ARRIVALS_MAX = 1_000_000;

    @Option(
            names = "--paths",
            split = ",",
            paramLabel = "PATH",
            description = "write paths, of: ${COMPLETION-CANDIDATES} (default: all)",
            completionCandidates = PathNames.class)
    private List<String> paths = List.of();

    @Option(
            names = "--scenarios",
            split = ",",
            paramLabel = "NAME",
            description = "scenarios, of: ${COMPLETION-CANDIDATES} (default: all)",
            completionCandidates = ScenarioNames.class)
    private List<String> scenarios = List.of();

    @Option(
            names = "--callers",
            split = ",",
            paramLabel = "N",
            defaultValue = "1,16,64,256,1024",
            description = "callers, each waiting for its answer (default: ${DEFAULT-VALUE})")
    private List<Integer> callers = List.of();

    @Option(
            names = "--arrival-rate",
            split = ",",
            paramLabel = "R",
            defaultValue = "500,2000,10000,40000",
            description = "arrivals a second of the open loop on the hot SKU (default: ${DEFAULT-VALUE})")
    private List<Integer> arrivalRates = List.of();

    @Option(names = "--no-open-loop", description = "leave the fixed arrival rates out")
    private boolean noOpenLoop;

    @Option(
            names = "--seconds",
            defaultValue = "1.2",
            description = "measured in each cell (default: ${DEFAULT-VALUE})")
    private double seconds;

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            defaultValue = "1",
            description = "for each path and scenario, before its first cell (default: ${DEFAULT-VALUE})")
    private double warmUpSeconds;

    @Option(
            names = "--rounds",
            defaultValue = "1",
            description = "measure each cell so often and take the median (default: ${DEFAULT-VALUE})")
    private int rounds;

    @Option(
            names = "--connections",
            defaultValue = "16",
            description = "connections of a path that takes one for each request (default: ${DEFAULT-VALUE})")
    private int connections;

    @Option(
            names = "--redis-url",
            paramLabel = "URL",
            defaultValue = "${env:HOLDFAST_REDIS_URL}",
            description = "redis://… for the paths that use it; none: without them (default: $HOLDFAST_REDIS_URL)")
    private String redisUrl = "";

    @Mixin
    private Reports reports = new Reports();

    @Mixin
    private Database database = new Database();

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    static final class PathNames extends Names {
        PathNames() {
            super(Contenders.ALL.stream().map(Contenders.Entry::name).toList());
        }
    }

    static final class ScenarioNames extends Names {
        ScenarioNames() {
            super(Arrays.stream(Scenario.values()).map(scenario -> scenario.id).toList());
        }
    }

    abstract static class Names extends java.util.ArrayList<String> {
        private static final long serialVersionUID = 1L;

        Names(List<String> names) {
            super(names);
        }
    }

    @Override
    public Integer call() throws Exception {
        if (redisUrl.startsWith("${") || redisUrl.equals("none")) {
            redisUrl = "";
        }
        var entries = entries();
        var chosen = chosen("--scenarios", scenarios, List.of(Scenario.values()), scenario -> scenario.id);
        check();
        long start = System.nanoTime();
        var startedAt = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        try (var schema = new BenchSchema(database, startedAt);
                var _ = new RedisKeys(redisUrl, schema.name());
                var run = new CellRun(schema, connections, redisUrl)) {
            var rates = noOpenLoop ? List.<Integer>of() : arrivalRates;
            var matrix = new Matrix(run, entries, chosen, callers, rates, seconds, warmUpSeconds, rounds);
            var machine = Machine.describe(run.pool());
            var progress = new Progress(matrix.steps());
            var cells = matrix.closed(progress);
            var open = matrix.open(progress);
            var titled = entries.stream()
                    .map(entry -> new Comparison.Path(entry.name(), entry.title(), entry.safe()))
                    .toList();
            var comparison = new Comparison(
                    machine,
                    startedAt.toString(),
                    (System.nanoTime() - start) / 1e9,
                    new Comparison.Settings(seconds, rounds, connections, run.readsDatabaseCpu(), !redisUrl.isEmpty()),
                    titled,
                    chosen.stream()
                            .map(scenario -> new Comparison.Setting(
                                    scenario.id, scenario.title, scenario.about, scenario.linesPerHold()))
                            .toList(),
                    callers,
                    cells,
                    open,
                    Comparison.verdict(titled, cells, open));
            new CompareReports(comparison).write(reports);
            return comparison.verdict().ok() ? 0 : 99;
        }
    }

    /** Without --paths: all that can run here. */
    private List<Contenders.Entry> entries() {
        var entries = chosen("--paths", paths, Contenders.ALL, Contenders.Entry::name);
        if (!redisUrl.isEmpty()) {
            return entries;
        }
        if (!paths.isEmpty()) {
            entries.stream().filter(Contenders.Entry::needsRedis).findFirst().ifPresent(entry -> {
                throw wrongUse("the path " + entry.name() + " needs --redis-url");
            });
        }
        return entries.stream().filter(entry -> !entry.needsRedis()).toList();
    }

    private <T> List<T> chosen(String option, List<String> names, List<T> all, Function<T, String> name) {
        if (names.isEmpty()) {
            return all;
        }
        for (var wanted : names) {
            if (all.stream().noneMatch(one -> name.apply(one).equals(wanted))) {
                throw wrongUse("%s: there is no %s; there are %s"
                        .formatted(
                                option,
                                wanted,
                                String.join(", ", all.stream().map(name).toList())));
            }
        }
        return all.stream().filter(one -> names.contains(name.apply(one))).toList();
    }

    private void check() {
        require(seconds >= 0.1 && seconds <= 600, "--seconds is 0.1 to 600");
        require(warmUpSeconds >= 0 && warmUpSeconds <= 600, "--warm-up is 0 to 600");
        require(rounds >= 1 && rounds <= 100, "--rounds is 1 to 100");
        require(connections >= 1 && connections <= 1_000, "--connections is 1 to 1000");
        require(isDistinct(callers, CALLERS_MAX), "--callers are different numbers from 1 to " + CALLERS_MAX);
        require(
                isDistinct(arrivalRates, ARRIVALS_MAX),
                "--arrival-rate are different numbers from 1 to " + ARRIVALS_MAX);
        require(redisUrl.isEmpty() || redisUrl.startsWith("redis"), "--redis-url begins with redis:// or rediss://");
        try {
            require(
                    database.url().startsWith("jdbc:postgresql:"),
                    "--database-url begins with jdbc:postgresql:, as in jdbc:postgresql://localhost/shop");
        } catch (IllegalArgumentException e) {
            throw wrongUse(String.valueOf(e.getMessage()));
        }
    }

    private static boolean isDistinct(List<Integer> numbers, int max) {
        return !numbers.isEmpty()
                && numbers.stream().allMatch(number -> number >= 1 && number <= max)
                && numbers.stream().distinct().count() == numbers.size();
    }

    private void require(boolean fine, String otherwise) {
        if (!fine) {
            throw wrongUse(otherwise);
        }
    }

    private ParameterException wrongUse(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
