package dev.holdfast.bench;

import dev.holdfast.engine.Command;
import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.Command.Receive;
import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.engine.Invariant;
import dev.holdfast.engine.Line;
import dev.holdfast.engine.Quantity;
import dev.holdfast.engine.StockEngine;
import dev.holdfast.engine.StockKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Refusals over HTTP after the last unit is gone, with the gate and without, against an endpoint that does nothing. */
@picocli.CommandLine.Command(
        name = "gate",
        header = "refusals after sell-out, with the gate and without",
        description = {
            "Ten units are sold, then everybody is refused: POST /v1/holds at a server with the gate, at one without, and an",
            "endpoint that only reads and writes JSON take turns in every round; figures are medians over the rounds.",
            "Then how long a unit that one node gives back cannot be had at another one that is refusing others.",
            "Generator and servers share the cores.",
            ""
        },
        footer = {"", "Examples:", "  ./holdfast bench gate", "  ./holdfast bench gate --callers 64 --json"},
        mixinStandardHelpOptions = true)
final class GateBench implements Callable<Integer> {
    private static final int UNITS = 10;

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

    @Option(
            names = "--returns",
            paramLabel = "COUNT",
            defaultValue = "200",
            description = "units given back at one node and taken at another (default: ${DEFAULT-VALUE})")
    private int returns;

    @Option(names = "--json", description = "one JSON object instead of the tables")
    private boolean json;

    @Mixin
    private Database database = new Database();

    /** What the figures were taken on, and what they say. */
    record Report(
            String machine,
            int callers,
            List<HttpBench.Row> rows,
            double timesWithout,
            double shareOfNoop,
            List<GateReturns.Row> returns,
            List<Invariant> broken) {}

    @Override
    public Integer call() throws Exception {
        try (var schema = new BenchSchema(database, Instant.now());
                var with = HttpBench.serve(schema, database);
                var without = HttpBench.serve(schema, database, "--holdfast.gate.enabled=false");
                var withClients = new HttpClients(HttpBench.port(with), callers);
                var withoutClients = new HttpClients(HttpBench.port(without), callers)) {
            var engine = with.getBean(StockEngine.class);
            var body = HttpClients.holdOf(soldOut(engine));
            var noop = new ArrayList<Load.Result>();
            var closed = new ArrayList<Load.Result>();
            var open = new ArrayList<Load.Result>();
            for (int round = 0; round <= rounds; round++) {
                WritePathBench.progress(round == 0 ? "warming up" : "round %d of %d".formatted(round, rounds));
                double measured = round == 0 ? warmUpSeconds : seconds;
                noop.add(HttpBench.run(withClients, callers, NoopApi.PATH, 200, body, measured));
                closed.add(HttpBench.run(withClients, callers, "/v1/holds", 409, body, measured));
                open.add(HttpBench.run(withoutClients, callers, "/v1/holds", 409, body, measured));
            }
            var rows = List.of(
                    HttpBench.row("no-op endpoint", noop),
                    HttpBench.row("refused at the gate", closed),
                    HttpBench.row("refused without it", open));
            WritePathBench.progress("giving units back");
            var back = List.of(
                    GateReturns.measure("with the gate", without.getBean(StockEngine.class), engine, returns),
                    GateReturns.measure("without it", engine, without.getBean(StockEngine.class), returns));
            var broken = engine.invariants(Books.CHECK_MAX).stream()
                    .filter(check -> !check.ok())
                    .toList();
            print(new Report(
                    Machine.describe(),
                    callers,
                    rows,
                    rows.get(1).requestsPerSecond() / rows.get(2).requestsPerSecond(),
                    rows.get(1).requestsPerSecond() / rows.get(0).requestsPerSecond(),
                    back,
                    broken));
            return broken.isEmpty() ? 0 : 99;
        }
    }

    /** A SKU whose units are all held, for longer than this runs. */
    private static String soldOut(StockEngine engine) {
        var sku = "GONE-" + IdempotencyKey.randomUuidV7();
        engine.execute(new Receive(IdempotencyKey.random(), StockKey.of(sku), Quantity.of(UNITS), "bench"));
        for (int i = 0; i < UNITS; i++) {
            engine.execute(
                    new PlaceHold(IdempotencyKey.random(), List.of(Line.of(sku, 1)), Command.TTL_MAX, null, null));
        }
        return sku;
    }

    private void print(Report report) {
        if (json) {
            System.out.println(Json.write(report));
            return;
        }
        System.out.println(report.machine);
        System.out.printf("%d callers on keep-alive connections, one SKU, sold out%n%n", report.callers);
        System.out.printf("%-20s %12s %10s %10s%n", "endpoint", "requests/s", "p50 ms", "p99 ms");
        for (HttpBench.Row row : report.rows) {
            System.out.printf(
                    "%-20s %,12.0f %10.1f %10.1f%n",
                    row.endpoint(), row.requestsPerSecond(), row.p50Millis(), row.p99Millis());
        }
        System.out.printf(
                "%nrefusals at the gate run at %.1f × those without, %.0f %% of the no-op endpoint%n%n",
                report.timesWithout, 100 * report.shareOfNoop);
        System.out.printf(
                "from a unit's release at one node to its next hold at another, while %d callers are refused there%n%n",
                GateReturns.CALLERS);
        System.out.printf("%-20s %12s %10s %10s %10s %10s%n", "", "units", "refused", "p50 ms", "p99 ms", "max ms");
        for (GateReturns.Row row : report.returns) {
            System.out.printf(
                    "%-20s %,12d %,10d %10.1f %10.1f %10.1f%n",
                    row.what(), row.units(), row.refused(), row.p50Millis(), row.p99Millis(), row.maxMillis());
        }
        System.out.println();
        System.out.println(report.broken.isEmpty() ? "✓ all invariants hold" : "✗ broken: " + report.broken);
    }
}
