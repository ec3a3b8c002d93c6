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
            names = "--returns",
            paramLabel = "COUNT",
            defaultValue = "200",
            description = "units given back at one node and taken at another (default: ${DEFAULT-VALUE})")
    private int returns;

    @Mixin
    private HttpRun run = new HttpRun();

    /** What the figures were taken on, and what they say. */
    record Report(
            String machine,
            int callers,
            List<HttpRun.Row> rows,
            double timesWithout,
            double shareOfNoop,
            List<GateReturns.Row> returns,
            List<Invariant> broken) {}

    @Override
    public Integer call() throws Exception {
        try (var schema = new BenchSchema(run.database, Instant.now());
                var with = run.serve(schema);
                var without = run.serve(schema, "--holdfast.gate.enabled=false");
                var withClients = run.clients(with);
                var withoutClients = run.clients(without)) {
            var engine = with.getBean(StockEngine.class);
            var other = without.getBean(StockEngine.class);
            var body = HttpClients.holdOf(soldOut(engine));
            var rows = run.takeTurns(List.of(
                    HttpRun.noop(withClients, body),
                    new HttpRun.Endpoint("refused at the gate", 409, () -> withClients.post("/v1/holds", body)),
                    new HttpRun.Endpoint("refused without it", 409, () -> withoutClients.post("/v1/holds", body))));
            WritePathBench.progress("giving units back");
            var back = List.of(
                    GateReturns.measure("with the gate", other, engine, returns),
                    GateReturns.measure("without it", engine, other, returns));
            double refusals = rows.get(1).requestsPerSecond();
            var report = new Report(
                    Machine.describe(),
                    run.callers,
                    rows,
                    refusals / rows.get(2).requestsPerSecond(),
                    refusals / rows.get(0).requestsPerSecond(),
                    back,
                    HttpRun.broken(engine));
            return run.print(report, () -> print(report), report.broken);
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

    private static void print(Report report) {
        System.out.println(report.machine);
        System.out.printf("%d callers on keep-alive connections, one SKU, sold out%n%n", report.callers);
        HttpRun.printTable(report.rows);
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
    }
}
