package dev.holdfast.storm;

import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line of {@code storm checkout}. */
@Command(
        name = "checkout",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpWidth = 100,
        headerHeading = "%n",
        header = "Lets many buy and pay at once, and checks from the outside that money, orders and stock agree.%n",
        descriptionHeading = "%n",
        description = {
            "Buyers in a web shop, an app and at tills. Payments are approved, declined, slow, lost and found again, "
                    + "called back twice or too early. Buyers double-click, lose answers and ask again, pay one cart "
                    + "in two tabs, change their minds, go away. Tills lease units, sell offline, and tell it "
                    + "afterwards in part and twice. When everything that ends by itself has ended, the books of the "
                    + "payment provider, the orders and the stock are held against what each was told. Needs a server "
                    + "whose payments are the sandbox's. Each run makes its own products and SKUs "
                    + "(storm-<seed>-<run>-<n>) and leaves them there, to be looked at."
        },
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every check holds and everybody was answered",
            "1:the run could not be made: no server",
            "2:an option is wrong",
            "99:a check failed, or somebody had no answer"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  ./holdfast storm checkout                        5,000 buyers, 800 units",
            "  ./holdfast storm checkout --kill                 the same, its server killed twice",
            "  ./holdfast storm checkout --seed 42 --json | jq .verdict"
        })
final class Checkout implements Callable<Integer> {

    private final Output output;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(
            names = "--buyers",
            paramLabel = "N",
            description = "how many buy, the tills among them (default: ${DEFAULT-VALUE})")
    private int buyers = 5_000;

    @Option(
            names = "--units",
            paramLabel = "N",
            description = "units there are, over all SKUs together (default: ${DEFAULT-VALUE})")
    private long units = 800;

    @Option(names = "--skus", paramLabel = "N", description = "different SKUs (default: ${DEFAULT-VALUE})")
    private int skus = 10;

    @Option(
            names = "--connections",
            paramLabel = "N",
            description = "open at once, at most (default: ${DEFAULT-VALUE})")
    private int connections = 128;

    @Option(
            names = "--ttl",
            paramLabel = "TIME",
            converter = CommonOptions.DurationConverter.class,
            description = "how long a hold lives that its buyer leaves (default: 5s)")
    private Duration ttl = Duration.ofSeconds(5);

    @Option(
            names = "--settle",
            paramLabel = "TIME",
            converter = CommonOptions.DurationConverter.class,
            description = "how long to wait, after the last buyer, for everything that ends by itself, which the "
                    + "checks begin with; the server's longest TTL and a little more (default: 11m)")
    private Duration settle = Duration.ofMinutes(11);

    @Option(
            names = "--outage",
            paramLabel = "COMMAND",
            description =
                    "run twice in mid-storm by sh, and waited for: to kill the server and start it again, say, as "
                            + "--kill does with a server of its own")
    private @Nullable String outage;

    @Mixin
    private CommonOptions common = new CommonOptions();

    Checkout(Output output) {
        this.output = output;
    }

    @Override
    public Integer call() throws InterruptedException {
        try {
            var scenario = scenario();
            var urls = common.urls();
            if (common.checkOptions()) {
                return CommandLine.ExitCode.OK;
            }
            var plan = CheckoutPlan.of(scenario, CommonOptions.runId());
            var report = new CheckingOut(urls, plan, output).run(common.readyWait());
            if (common.json()) {
                output.out().println(CheckoutJson.of(report));
            } else {
                CheckoutScreen.of(report).forEach(output.out()::println);
            }
            return report.exitCode();
        } catch (Aborted e) {
            output.err().println("holdfast storm checkout: " + e.getMessage());
            return Report.EXIT_ABORTED;
        }
    }

    private CheckoutScenario scenario() {
        try {
            return new CheckoutScenario(
                    buyers, units, skus, connections, ttl, settle, outage, common.timeout(), common.seed());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }
}
