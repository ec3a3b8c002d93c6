package dev.holdfast.storm;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line. */
@Command(
        name = "holdfast storm",
        mixinStandardHelpOptions = true,
        version = "holdfast storm 0.1.0",
        sortOptions = false,
        usageHelpWidth = 100,
        headerHeading = "%n",
        header = "Sends many buyers at once for few units, then checks from the outside that none was sold twice.%n",
        descriptionHeading = "%n",
        description = {
            "Buyers all ask at the same instant, each for one hold. Some send the same key twice, lose their answer, "
                    + "confirm, walk away. Afterwards every answer is held against what the server shows. Each run "
                    + "makes its own SKUs (storm-<seed>-<run>-<n>) and leaves them there, to be looked at."
        },
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every check holds and every buyer was answered",
            "1:the run could not be made: no server, no database, or --unsafe found nothing",
            "2:an option is wrong",
            "99:a check failed, units were oversold (--unsafe: as expected), or a buyer had no answer"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  ./holdfast storm                                 10,000 buyers, 1 unit",
            "  ./holdfast storm --units 3000 --skus 50 --lines 3 --duplicates 30%%",
            "                                                   carts over many SKUs",
            "  ./holdfast storm --units 100 --release 20%%       units come back and are sold again",
            "  ./holdfast storm --seed 42 --json | jq .verdict  the same buyers again, for a program",
            "  ./holdfast storm --units 10 --requests 5 --gate off",
            "                                                   what the gate buys after sell-out; then on",
            "  ./holdfast storm --unsafe                        read-then-write: must oversell, exit 99",
            "  ./holdfast storm browse --help                   pages, prices and caches instead",
            "  ./holdfast storm checkout --help                 payments, orders and tills instead"
        })
public final class Storm implements Callable<Integer> {

    private final Output output;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--buyers", paramLabel = "N", description = "how many ask (default: ${DEFAULT-VALUE})")
    private int buyers = 10_000;

    @Option(
            names = "--units",
            paramLabel = "N",
            description = "units there are, over all SKUs together; spread evenly, the remainder one each to the "
                    + "first (default: one for each of the --skus)")
    private @Nullable Long units;

    @Option(names = "--skus", paramLabel = "N", description = "different SKUs (default: ${DEFAULT-VALUE})")
    private int skus = 1;

    @Option(
            names = "--lines",
            paramLabel = "N",
            description = "distinct SKUs in each cart, one unit of each (default: ${DEFAULT-VALUE})")
    private int lines = 1;

    @Option(
            names = "--requests",
            paramLabel = "N",
            description = "how often a buyer asks, each time anew, as long as it is refused (default: "
                    + "${DEFAULT-VALUE}; --unsafe: once)")
    private int requests = 1;

    @Option(
            names = "--duplicates",
            paramLabel = "P",
            converter = ShareConverter.class,
            description = "buyers who send the same key twice: together, one after the other, or after losing the "
                    + "first answer, a third each (default: 10%%)")
    private Share duplicates = Share.parse("10%");

    @Option(
            names = "--confirm",
            paramLabel = "P",
            converter = ShareConverter.class,
            description = "of those with a hold: confirm it (default: 50%%)")
    private Share confirm = Share.parse("50%");

    @Option(
            names = "--abandon",
            paramLabel = "P",
            converter = ShareConverter.class,
            description = "of those with a hold: walk away, it lapses after --ttl (default: 10%%)")
    private Share abandon = Share.parse("10%");

    @Option(
            names = "--release",
            paramLabel = "P",
            converter = ShareConverter.class,
            description = "of those with a hold: give it back, for others to win (default: 0%%). The remaining ones "
                    + "extend their hold and keep it")
    private Share release = Share.parse("0%");

    @Option(
            names = "--connections",
            paramLabel = "N",
            description = "open at once, at most (default: ${DEFAULT-VALUE}; --unsafe: at most 16)")
    private int connections = 128;

    @Option(
            names = "--ttl",
            paramLabel = "TIME",
            converter = CommonOptions.DurationConverter.class,
            description = "how long a hold lives, e.g. 600s, 10m (default: 600s)")
    private Duration ttl = Duration.ofMinutes(10);

    @Option(
            names = "--gate",
            paramLabel = "on|off",
            description = "starts a server of its own, which refuses what is sold out before the queue, or does not; "
                    + "not with --url")
    private Scenario.@Nullable Gate gate;

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Option(
            names = "--unsafe",
            description = "the negative control: the same buyers, asking once, against a read-then-write stock row "
                    + "in a PostgreSQL, in a schema of its own that is removed afterwards")
    private boolean unsafe;

    @Option(
            names = "--database-url",
            paramLabel = "JDBC",
            defaultValue = "${env:HOLDFAST_DATABASE_URL}",
            description = "for --unsafe (default: $HOLDFAST_DATABASE_URL)")
    private @Nullable String databaseUrl;

    @Option(
            names = "--database-user",
            paramLabel = "NAME",
            defaultValue = "${env:HOLDFAST_DATABASE_USER}",
            description = "(default: $HOLDFAST_DATABASE_USER)")
    private @Nullable String databaseUser;

    @Option(
            names = "--database-password",
            paramLabel = "WORD",
            defaultValue = "${env:HOLDFAST_DATABASE_PASSWORD}",
            showDefaultValue = CommandLine.Help.Visibility.NEVER,
            description = "(default: $HOLDFAST_DATABASE_PASSWORD, which keeps it out of the process list)")
    private @Nullable String databasePassword;

    private Storm(Output output) {
        this.output = output;
    }

    public static void main(String[] args) {
        Locale.setDefault(Locale.ROOT); // 10,000 is written one way everywhere
        // Always UTF-8: a POSIX locale would turn the marks into question marks.
        var out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
        var err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        int exitCode = run(new Output(out, err, onTerminal()), args);
        out.flush();
        System.exit(exitCode);
    }

    @SuppressWarnings("SystemConsoleNull") // null again since JDK 25, when it is not a terminal
    private static boolean onTerminal() {
        var console = System.console();
        return console != null && console.isTerminal();
    }

    static int run(Output output, String... args) {
        var line = new CommandLine(new Storm(output))
                .addSubcommand(new Browse(output))
                .addSubcommand(new Checkout(output));
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setOut(new PrintWriter(output.out(), true, StandardCharsets.UTF_8));
        line.setErr(new PrintWriter(output.err(), true, StandardCharsets.UTF_8));
        line.setParameterExceptionHandler((wrong, ignored) -> {
            var command = wrong.getCommandLine().getCommandSpec().qualifiedName();
            output.err().println(command + ": " + wrong.getMessage() + " (--help shows all options)");
            return CommandLine.ExitCode.USAGE;
        });
        return line.execute(args);
    }

    @Override
    public Integer call() throws InterruptedException {
        try {
            var scenario = scenario();
            var urls = common.urls();
            if (common.checkOptions()) {
                return CommandLine.ExitCode.OK;
            }
            var plan = Plan.of(scenario, CommonOptions.runId());
            var report = unsafe
                    ? new Unsafe(database(), plan, output).run()
                    : new HttpStorm(urls, plan, output).run(common.readyWait());
            if (common.json()) {
                output.out().println(ReportJson.of(report));
            } else {
                Screen.of(report).forEach(output.out()::println);
            }
            return report.exitCode();
        } catch (Aborted e) {
            output.err().println("holdfast storm: " + e.getMessage());
            return Report.EXIT_ABORTED;
        }
    }

    private Scenario scenario() {
        try {
            return new Scenario(
                    buyers,
                    units == null ? skus : units,
                    skus,
                    lines,
                    unsafe ? 1 : requests,
                    duplicates,
                    confirm,
                    abandon,
                    release,
                    unsafe ? Math.min(Unsafe.CONNECTIONS_MAX, connections) : connections,
                    gate,
                    ttl,
                    common.timeout(),
                    common.seed());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private Unsafe.Database database() {
        if (databaseUrl == null || databaseUrl.isBlank()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--unsafe needs a PostgreSQL: set HOLDFAST_DATABASE_URL or --database-url, for example"
                            + " jdbc:postgresql://127.0.0.1:5432/postgres");
        }
        return new Unsafe.Database(databaseUrl, databaseUser, databasePassword);
    }

    private static final class ShareConverter implements CommandLine.ITypeConverter<Share> {
        @Override
        public Share convert(String value) {
            try {
                return Share.parse(value);
            } catch (IllegalArgumentException e) {
                throw new CommandLine.TypeConversionException(String.valueOf(e.getMessage()));
            }
        }
    }
}
