package dev.holdfast.bench;

import dev.holdfast.engine.Invariant;
import dev.holdfast.engine.Quantity;
import dev.holdfast.engine.StockEngine;
import dev.holdfast.server.hold.UncheckedHolds;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

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
    @Mixin
    private HttpRun run = new HttpRun();

    /** What the figures were taken on, and what they say. */
    record Report(
            String machine,
            int callers,
            List<HttpRun.Row> rows,
            double ratio,
            double ratioToBefore,
            List<Invariant> broken) {}

    @Override
    public Integer call() throws Exception {
        try (var schema = new BenchSchema(run.database, Instant.now());
                var server = run.serve(schema);
                var before = run.serve(schema, "--holdfast.gate.enabled=false");
                var clients = run.clients(server);
                var beforeClients = run.clients(before)) {
            var engine = server.getBean(StockEngine.class);
            var shop = Shop.fill(clients, engine, 1, 1, Quantity.of(Quantity.MAX));
            var body = HttpClients.holdOf(shop.skus().getFirst());
            var rows = run.takeTurns(List.of(
                    HttpRun.noop(clients, body),
                    new HttpRun.Endpoint("POST /v1/holds", 201, () -> clients.post("/v1/holds", body)),
                    new HttpRun.Endpoint("without both", 201, () -> beforeClients.post(UncheckedHolds.PATH, body))));
            double holds = rows.get(1).requestsPerSecond();
            var report = new Report(
                    Machine.describe(),
                    run.callers,
                    rows,
                    holds / rows.get(0).requestsPerSecond(),
                    holds / rows.get(2).requestsPerSecond(),
                    HttpRun.broken(engine));
            return run.print(report, () -> print(report), report.broken);
        }
    }

    private static void print(Report report) {
        System.out.println(report.machine);
        System.out.printf("%d callers on keep-alive connections, one hot SKU%n%n", report.callers);
        HttpRun.printTable(report.rows);
        System.out.printf(
                "%nholds run at %.0f %% of the no-op endpoint, %.0f %% of those without catalogue and gate%n",
                100 * report.ratio, 100 * report.ratioToBefore);
    }
}
