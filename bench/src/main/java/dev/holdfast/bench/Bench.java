package dev.holdfast.bench;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code ./holdfast bench}. */
@Command(
        name = "bench",
        description = "Measures Holdfast side by side with the usual ways, in one run on one database.",
        footer = {
            "",
            "Options of each: ./holdfast bench paths --help, compare, grow, http, gate, checkout, reads or micro --help",
            "Exit codes: 0 measured and the books balance; 99 they do not; 1 could not run; 2 wrong use"
        },
        subcommands = {
            WritePathBench.class,
            CompareBench.class,
            GrowBench.class,
            HttpBench.class,
            GateBench.class,
            CheckoutBench.class,
            SeatsBench.class,
            ReadsBench.class
        },
        mixinStandardHelpOptions = true)
public final class Bench implements Callable<Integer> {
    private Bench() {}

    /** Without a subcommand the write paths are compared. */
    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    static int run(String... arguments) {
        boolean named = arguments.length > 0 && !arguments[0].startsWith("-");
        boolean help = arguments.length > 0 && (arguments[0].equals("--help") || arguments[0].equals("-h"));
        var all = arguments;
        if (!named && !help) {
            all = new String[arguments.length + 1];
            all[0] = "paths";
            System.arraycopy(arguments, 0, all, 1, arguments.length);
        }
        var micro = new CommandLine(new MicroBench()).setUnmatchedOptionsArePositionalParams(true); // they are JMH's
        return new CommandLine(new Bench())
                .addSubcommand(micro)
                .setExecutionExceptionHandler((e, line, parsed) -> {
                    line.getErr().println("bench: " + e.getMessage());
                    return 1;
                })
                .execute(all);
    }

    @Override
    public Integer call() {
        return 0;
    }
}
