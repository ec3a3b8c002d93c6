package dev.holdfast.storm;

import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line of {@code storm browse}. */
@Command(
        name = "browse",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpWidth = 100,
        headerHeading = "%n",
        header =
                "Lets many look at products that others edit and buy, and checks from the outside that no page lies.%n",
        descriptionHeading = "%n",
        description = {
            "Readers look at products, lists and availability (90%%) and place holds (10%%), half of the time for the "
                    + "same few; on several servers each time at another one. Meanwhile prices are changed and goods "
                    + "received. What a page showed must have been true when it says: not replaced, and that "
                    + "acknowledged, longer before it was asked for than its Age (in whole seconds, so 3 may be 3.9) "
                    + "or its max-age; of stock, not before its asOf. Each run makes its own products and SKUs "
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
            "  ./holdfast storm browse                          64 readers, 200 products, 20 s",
            "  ./holdfast storm browse --rate 500 --edits 100   a quiet shop with busy editors",
            "  ./holdfast up --nodes 2 --background && ./holdfast storm browse",
            "                                                   over both nodes",
            "  ./holdfast storm browse --seed 42 --json | jq .staleness"
        })
final class Browse implements Callable<Integer> {

    private final Output output;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--products", paramLabel = "N", description = "how many there are (default: ${DEFAULT-VALUE})")
    private int products = 200;

    @Option(names = "--skus", paramLabel = "N", description = "SKUs of each product (default: ${DEFAULT-VALUE})")
    private int skus = 3;

    @Option(names = "--units", paramLabel = "N", description = "units of each SKU (default: ${DEFAULT-VALUE})")
    private int units = 50;

    @Option(names = "--readers", paramLabel = "N", description = "how many look and buy (default: ${DEFAULT-VALUE})")
    private int readers = 64;

    @Option(
            names = "--rate",
            paramLabel = "N",
            description = "what all readers do in a second, at even intervals; a latency then counts from the moment "
                    + "it was to begin (default: 0, as much as they can)")
    private double ratePerSecond = 0;

    @Option(
            names = "--edits",
            paramLabel = "N",
            description = "price changes and receipts in a second (default: ${DEFAULT-VALUE})")
    private double editsPerSecond = 20;

    @Option(names = "--seconds", paramLabel = "N", description = "how long (default: ${DEFAULT-VALUE})")
    private double seconds = 20;

    @Option(
            names = "--clocks-apart",
            paramLabel = "TIME",
            converter = CommonOptions.DurationConverter.class,
            description = "how far the servers' clocks may be from this one's, when asOf is judged (default: 0ms, "
                    + "which is right on one machine)")
    private Duration clocksApart = Duration.ZERO;

    @Mixin
    private CommonOptions common = new CommonOptions();

    Browse(Output output) {
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
            var report = new Browsing(urls, scenario, CommonOptions.runId(), output).run(common.readyWait());
            if (common.json()) {
                output.out().println(BrowseJson.of(report));
            } else {
                BrowseScreen.of(report).forEach(output.out()::println);
            }
            return report.exitCode();
        } catch (Aborted e) {
            output.err().println("holdfast storm browse: " + e.getMessage());
            return Report.EXIT_ABORTED;
        }
    }

    private BrowseScenario scenario() {
        try {
            return new BrowseScenario(
                    products,
                    skus,
                    units,
                    readers,
                    ratePerSecond,
                    editsPerSecond,
                    seconds,
                    clocksApart,
                    common.timeout(),
                    common.seed());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }
}
