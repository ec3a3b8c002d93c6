package dev.holdfast.bench;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** JMH on the engine's inner parts, and on the chooser of seats; needs no database. */
@Command(
        name = "micro",
        header = "inner parts with JMH: rules, batches, hashes, the hand-over to the lane, the choice of seats",
        description = {
            "Measures time and allocation of what the engine does between two round trips to the database, and of choosing seats;"
                    + " needs no database. Takes the options of JMH; without any, all of it in about two minutes.",
            ""
        },
        footer = {
            "",
            "Some options of JMH:",
            "  REGEX              only the benchmarks that it finds, as in HandOver",
            "  -f N               JVMs for each, one after the other (default 1)",
            "  -wi N -w TIME      iterations to warm up, and their length (default 2 400ms)",
            "  -i N -r TIME       measured iterations, and their length (default 3 400ms)",
            "  -t N               threads",
            "  -p NAME=VALUE,…    values of a parameter, as in batchMax=256",
            "  -prof NAME         one more profiler; allocation is always measured",
            "  -v NORMAL          what JMH itself says, on standard error",
            "",
            "Examples:",
            "  ./holdfast bench micro",
            "  ./holdfast bench micro Decider -f 3 -i 10 -r 1s",
            "  ./holdfast bench micro HandOver -p batchMax=1,256,1024",
            "  ./holdfast bench micro Chooser -p count=1,10 -p free=5",
            "",
            "Exit codes: 0 measured; 1 could not run; 2 wrong use"
        },
        mixinStandardHelpOptions = true)
final class MicroBench implements Callable<Integer> {
    private static final TimeValue ITERATION = TimeValue.milliseconds(400);
    private static final String ROW = "%-30s %-14s %7s %14s %12s %-6s %10s%n";
    private static final String ALLOCATED = "gc.alloc.rate.norm";

    @Parameters(
            arity = "0..*",
            paramLabel = "OPTION",
            description = "options of JMH, and benchmarks by a part of the name")
    private List<String> jmh = List.of();

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        var given = given();
        System.out.println(Machine.describe());
        System.out.println();
        System.out.printf(ROW, "benchmark", "parameters", "threads", "score", "error", "unit", "B/op");
        try {
            new Runner(withDefaults(given), printing(given.verbosity().orElse(VerboseMode.SILENT))).run();
        } catch (NoBenchmarksException e) {
            throw new ParameterException(spec.commandLine(), "no benchmark is called " + given.getIncludes(), e);
        }
        return 0;
    }

    /** JMH's own words on standard error, and a row of ours as soon as a benchmark ends. */
    private static OutputFormat printing(VerboseMode verbosity) {
        var format = OutputFormatFactory.createFormatInstance(System.err, verbosity);
        return (OutputFormat) Proxy.newProxyInstance(
                MicroBench.class.getClassLoader(), new Class<?>[] {OutputFormat.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("endBenchmark") && arguments[0] instanceof BenchmarkResult result) {
                        print(new RunResult(result.getParams(), List.of(result)));
                    }
                    return method.invoke(format, arguments);
                });
    }

    private CommandLineOptions given() {
        try {
            return new CommandLineOptions(jmh.toArray(String[]::new));
        } catch (CommandLineOptionException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    /** What is given wins over what is set here. */
    private static Options withDefaults(CommandLineOptions given) {
        return new OptionsBuilder()
                .parent(given)
                .addProfiler(GCProfiler.class)
                .shouldFailOnError(true)
                .forks(given.getForkCount().orElse(1))
                .warmupIterations(given.getWarmupIterations().orElse(2))
                .warmupTime(given.getWarmupTime().orElse(ITERATION))
                .measurementIterations(given.getMeasurementIterations().orElse(3))
                .measurementTime(given.getMeasurementTime().orElse(ITERATION))
                .build();
    }

    /** The error is half of JMH's 99.9 % interval; with three iterations it is wide. */
    private static void print(RunResult result) {
        var run = result.getParams();
        var score = result.getPrimaryResult();
        var allocated = result.getSecondaryResults().get(ALLOCATED);
        var parameters = run.getParamsKeys().stream()
                .map(key -> key + "=" + run.getParam(key))
                .collect(Collectors.joining(" "));
        System.out.printf(
                ROW,
                name(run.getBenchmark()),
                parameters,
                run.getThreads(),
                number(score.getScore()),
                number(score.getScoreError()),
                score.getScoreUnit(),
                allocated == null ? "" : number(allocated.getScore()));
    }

    /** Without the package: {@code Decider.placeOneLine}. */
    private static String name(String benchmark) {
        int method = benchmark.lastIndexOf('.');
        return benchmark.substring(benchmark.lastIndexOf('.', method - 1) + 1).replace("Benchmark", "");
    }

    private static String number(double value) {
        return Double.isNaN(value) ? "" : String.format(Locale.ROOT, value < 100 ? "%,.1f" : "%,.0f", value);
    }
}
