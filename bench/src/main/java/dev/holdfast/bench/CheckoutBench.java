package dev.holdfast.bench;

import dev.holdfast.engine.Invariant;
import dev.holdfast.engine.Quantity;
import dev.holdfast.engine.StockEngine;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Whole checkouts over HTTP, from lines to a paid order, beside holds alone. */
@Command(
        name = "checkout",
        header = "POST /v1/checkouts to a paid order, beside POST /v1/holds",
        description = {
            "A checkout holds, authorizes, confirms, captures at the sandbox and places the order; it counts when its answer says",
            "COMPLETED. One hot SKU, and 1,000 SKUs in turn. All take turns in every round; figures are medians over the",
            "rounds. Generator and server share the cores.",
            ""
        },
        footer = {"", "Examples:", "  ./holdfast bench checkout", "  ./holdfast bench checkout --callers 64 --json"},
        mixinStandardHelpOptions = true)
final class CheckoutBench implements Callable<Integer> {
    private static final int SKUS = 1_000;

    @Mixin
    private HttpRun run = new HttpRun();

    /** What the figures were taken on, and what they say. */
    record Report(String machine, int callers, List<HttpRun.Row> rows, List<Invariant> broken) {}

    @Override
    public Integer call() throws Exception {
        try (var schema = new BenchSchema(run.database, Instant.now());
                var server = run.serve(schema);
                var clients = run.clients(server)) {
            var engine = server.getBean(StockEngine.class);
            var shop = Shop.fill(clients, engine, SKUS, 1, Quantity.of(Quantity.MAX));
            var hold = HttpClients.holdOf(shop.skus().getFirst());
            var bodies = shop.skus().stream().map(CheckoutBench::checkoutOf).toList();
            var turn = new AtomicInteger();
            var rows = run.takeTurns(List.of(
                    new HttpRun.Endpoint("hold, one SKU", 201, () -> clients.post("/v1/holds", hold)),
                    new HttpRun.Endpoint("checkout, one SKU", 201, () -> bought(clients, bodies.getFirst())),
                    new HttpRun.Endpoint(
                            "checkout, 1,000 SKUs",
                            201,
                            () -> bought(clients, bodies.get(Math.floorMod(turn.getAndIncrement(), SKUS))))));
            var report = new Report(Machine.describe(), run.callers, rows, HttpRun.broken(engine));
            return run.print(report, () -> print(report), report.broken);
        }
    }

    private static int bought(HttpClients clients, byte[] body) throws Exception {
        return clients.post("/v1/checkouts", body, "\"state\":\"COMPLETED\"");
    }

    private static byte[] checkoutOf(String sku) {
        return "{\"lines\":[{\"sku\":\"%s\",\"quantity\":1}],\"payment\":\"tok_approve\",\"buyer\":\"bench\"}"
                .formatted(sku)
                .getBytes(StandardCharsets.UTF_8);
    }

    private static void print(Report report) {
        System.out.println(report.machine);
        System.out.printf("%d callers on keep-alive connections%n%n", report.callers);
        HttpRun.printTable(report.rows);
        System.out.println();
    }
}
