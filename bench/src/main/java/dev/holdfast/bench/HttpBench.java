package dev.holdfast.bench;

import dev.holdfast.engine.Invariant;
import dev.holdfast.engine.Quantity;
import dev.holdfast.engine.StockEngine;
import dev.holdfast.server.HoldfastServer;
import dev.holdfast.server.hold.UncheckedHolds;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Holds over HTTP against an endpoint that does nothing, in one process, with one load generator. */
@Command(
        name = "http",
        header = "POST /v1/holds beside an endpoint that does nothing",
        description = {
            "Compares POST /v1/holds on one hot SKU with an endpoint of the same server that only reads and writes JSON.",
            "Beside them the same without asking the catalogue whether the SKU is for sale, on a server without a gate.",
            "All take turns in every round; figures are medians over the rounds. Generator and server share the cores.",
            ""
        },
        footer = {"", "Examples:", "  ./holdfast bench http", "  ./holdfast bench http --callers 64 --json"},
        mixinStandardHelpOptions = true)
final class HttpBench implements Callable<Integer> {
    private static final double SETTLE_SECONDS = 0.5;

    @Option(
            names = "--callers",
            defaultValue = "256",
            description = "callers, each on a connection of its own (default: ${DEFAULT-VALUE})")
    private int callers;

    @Option(
            names = "--seconds",
            defaultValue = "4",
            description = "measured for each endpoint and round (default: ${DEFAULT-VALUE})")
    private double seconds;

    @Option(names = "--rounds", defaultValue = "3", description = "rounds (default: ${DEFAULT-VALUE})")
    private int rounds;

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            defaultValue = "10",
            description = "run before measuring, until Tomcat and Jackson are compiled (default: ${DEFAULT-VALUE})")
    private double warmUpSeconds;

    @Option(names = "--json", description = "one JSON object instead of the table")
    private boolean json;

    @Mixin
    private Database database = new Database();

    /** Medians over the rounds. */
    record Row(String endpoint, double requestsPerSecond, double p50Millis, double p99Millis) {}

    /** What the figures were taken on, and what they say. */
    record Report(
            String machine, int callers, List<Row> rows, double ratio, double ratioToBefore, List<Invariant> broken) {}

    @Override
    public Integer call() throws Exception {
        try (var schema = new BenchSchema(database, Instant.now());
                var server = serve(schema, database);
                var before = serve(schema, database, "--holdfast.gate.enabled=false");
                var clients = new HttpClients(port(server), callers);
                var beforeClients = new HttpClients(port(before), callers)) {
            var engine = server.getBean(StockEngine.class);
            var shop = Shop.fill(clients, engine, 1, 1, Quantity.of(Quantity.MAX));
            var body = HttpClients.holdOf(shop.skus().getFirst());
            var noop = new ArrayList<Load.Result>();
            var holds = new ArrayList<Load.Result>();
            var unchecked = new ArrayList<Load.Result>();
            for (int round = 0; round <= rounds; round++) {
                WritePathBench.progress(round == 0 ? "warming up" : "round %d of %d".formatted(round, rounds));
                double measured = round == 0 ? warmUpSeconds : seconds;
                noop.add(run(clients, callers, NoopApi.PATH, 200, body, measured));
                holds.add(run(clients, callers, "/v1/holds", 201, body, measured));
                unchecked.add(run(beforeClients, callers, UncheckedHolds.PATH, 201, body, measured));
            }
            var rows =
                    List.of(row("no-op endpoint", noop), row("POST /v1/holds", holds), row("without both", unchecked));
            var broken = engine.invariants(Books.CHECK_MAX).stream()
                    .filter(check -> !check.ok())
                    .toList();
            print(new Report(
                    Machine.describe(),
                    callers,
                    rows,
                    rows.get(1).requestsPerSecond / rows.get(0).requestsPerSecond,
                    rows.get(1).requestsPerSecond / rows.get(2).requestsPerSecond,
                    broken));
            return broken.isEmpty() ? 0 : 99;
        }
    }

    /** A server as it is, beside an endpoint that does nothing and one that asks no catalogue. */
    static ConfigurableApplicationContext serve(BenchSchema schema, Database database, String... more) {
        var arguments = new ArrayList<>(List.of(
                "--server.address=127.0.0.1",
                "--server.port=0",
                "--holdfast.database.url=" + database.url(schema.name()),
                "--holdfast.database.user=" + database.user(),
                "--holdfast.database.password=" + database.password(),
                "--logging.level.root=WARN"));
        arguments.addAll(List.of(more));
        return HoldfastServer.application(NoopApi.class, UncheckedHolds.class).run(arguments.toArray(String[]::new));
    }

    static int port(ApplicationContext context) {
        return Objects.requireNonNull(((WebServerApplicationContext) context).getWebServer())
                .getPort();
    }

    /** The same request from all callers, each on one of as many connections. */
    static Load.Result run(HttpClients clients, int callers, String path, int expected, byte[] body, double measured)
            throws Exception {
        return run(() -> clients.post(path, body), callers, path, expected, measured);
    }

    /** Something that answers with a status. */
    interface Call {
        int status() throws Exception;
    }

    static Load.Result run(Call call, int callers, String name, int expected, double measured) throws Exception {
        return Load.run(ask(call, name, expected), callers, SETTLE_SECONDS, measured);
    }

    /** Any other status is a failure. */
    static Load.Ask ask(Call call, String name, int expected) {
        return () -> {
            int status = call.status();
            if (status != expected) {
                throw new IllegalStateException(name + " answered " + status);
            }
            return true;
        };
    }

    /** Of results of which the first was the warm-up. */
    static Row row(String endpoint, List<Load.Result> results) {
        var measured = results.subList(1, results.size()).stream()
                .sorted(Comparator.comparingDouble(Load.Result::perSecond))
                .toList();
        var median = measured.get((measured.size() - 1) / 2);
        return new Row(endpoint, median.perSecond(), median.p50Millis(), median.p99Millis());
    }

    private void print(Report report) {
        if (json) {
            System.out.println(Json.write(report));
            return;
        }
        System.out.println(report.machine);
        System.out.printf("%d callers on keep-alive connections, one hot SKU%n%n", report.callers);
        System.out.printf("%-18s %12s %10s %10s%n", "endpoint", "requests/s", "p50 ms", "p99 ms");
        for (Row row : report.rows) {
            System.out.printf(
                    "%-18s %,12.0f %10.1f %10.1f%n", row.endpoint, row.requestsPerSecond, row.p50Millis, row.p99Millis);
        }
        System.out.printf(
                "%nholds run at %.0f %% of the no-op endpoint, %.0f %% of those that no catalogue is asked about%n",
                100 * report.ratio, 100 * report.ratioToBefore);
        System.out.println(report.broken.isEmpty() ? "✓ all invariants hold" : "✗ broken: " + report.broken);
    }
}
