package dev.holdfast.bench;

import dev.holdfast.bench.HttpRun.Endpoint;
import dev.holdfast.engine.Invariant;
import dev.holdfast.engine.Quantity;
import dev.holdfast.engine.StockEngine;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What people look at, over HTTP, against an endpoint that does nothing: as fast as it goes, and at a fixed rate. */
@Command(
        name = "reads",
        header = "lists, products and availability beside an endpoint that does nothing",
        description = {
            "Fills a catalogue, stocks it, and reads it: GET /v1/products?limit=50 with what is available of each SKU, the first",
            "page (also compressed, as browsers take it) and any page; a product; what is available of one SKU. First as fast as all callers can, beside an endpoint of",
            "the same server that only reads and writes JSON; all take turns in every round, figures are medians over the rounds.",
            "Then each at a fixed rate: latency counts from the moment that a request was to begin, whoever was late.",
            "Generator and server share the cores.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  ./holdfast bench reads",
            "  ./holdfast bench reads --products 1000 --callers 64 --json",
            "  ./holdfast bench reads --rate 2000 --rounds 1"
        },
        mixinStandardHelpOptions = true)
final class ReadsBench implements Callable<Integer> {
    private static final String LIST = "/v1/products?limit=50";
    private static final int LIMIT = 50;
    private static final int UNITS = 100;
    private static final double SETTLE_SECONDS = 1;

    @Option(names = "--products", defaultValue = "10000", description = "products on sale (default: ${DEFAULT-VALUE})")
    private int products;

    @Option(names = "--skus", defaultValue = "5", description = "SKUs of each product (default: ${DEFAULT-VALUE})")
    private int skus;

    @Option(
            names = "--rate",
            defaultValue = "500",
            description = "requests a second where the rate is fixed (default: ${DEFAULT-VALUE})")
    private double rate;

    @Mixin
    private HttpRun run = new HttpRun();

    /** @param ofNoop its rate, as a part of the no-op endpoint's */
    record Closed(String endpoint, double requestsPerSecond, double p50Millis, double p99Millis, double ofNoop) {}

    /** @param unasked arrivals that nobody was free to ask for before the end */
    record Open(
            String endpoint,
            double answersPerSecond,
            double p50Millis,
            double p99Millis,
            double maxMillis,
            long unasked) {}

    /** What the figures were taken on, and what they say. */
    record Report(
            String machine,
            int products,
            int skus,
            int callers,
            List<Closed> closed,
            double ratePerSecond,
            List<Open> open,
            List<Invariant> broken) {}

    @Override
    public Integer call() throws Exception {
        try (var schema = new BenchSchema(run.database, Instant.now());
                var server = run.serve(schema);
                var clients = run.clients(server)) {
            var engine = server.getBean(StockEngine.class);
            WritePathBench.progress("putting %,d products on sale".formatted(products));
            var shop = Shop.fill(clients, engine, products, skus, Quantity.of(UNITS));
            analyze(schema);
            var reads = reads(clients, shop);
            var closed = closed(clients, reads, shop);
            var open = new ArrayList<Open>();
            for (var read : reads) {
                WritePathBench.progress("%s, %,.0f a second".formatted(read.name(), rate));
                open.add(open(read));
            }
            var report = new Report(
                    Machine.describe(),
                    products,
                    products * skus,
                    run.callers,
                    closed,
                    rate,
                    open,
                    HttpRun.broken(engine));
            return run.print(report, () -> print(report), report.broken);
        }
    }

    /** As autovacuum would within a minute. */
    private static void analyze(BenchSchema schema) throws Exception {
        try (var pool = schema.pool(1);
                var connection = pool.getConnection();
                var statement = connection.createStatement()) {
            for (var table : List.of("product", "product_sku", "stock_level")) {
                statement.execute("ANALYZE " + table);
            }
        }
    }

    private List<Endpoint> reads(HttpClients clients, Shop shop) throws Exception {
        var first = Shop.list(clients, LIST, "");
        var pages = new ArrayList<String>();
        for (var page = first; ; page = Shop.list(clients, LIST, page.cursor())) {
            pages.add(LIST + page.cursor());
            if (page.cursor().isEmpty()) {
                break;
            }
        }
        if (pages.size() != (products + LIMIT - 1) / LIMIT) {
            throw new IllegalStateException("%,d products are on %,d pages".formatted(products, pages.size()));
        }
        var firstPage = List.of(LIST);
        return List.of(
                read("list, first page", 200, clients, firstPage),
                read("the same, gzip", 200, clients, firstPage, "Accept-Encoding", "gzip"),
                read("the same, 304", 304, clients, firstPage, "If-None-Match", first.etag()),
                read("list, any page", 200, clients, pages),
                read(
                        "product",
                        200,
                        clients,
                        shop.products().stream().map(id -> "/v1/products/" + id).toList()),
                read(
                        "availability",
                        200,
                        clients,
                        shop.skus().stream()
                                .map(sku -> "/v1/availability?sku=" + sku)
                                .toList()));
    }

    private static Endpoint read(String name, int status, HttpClients clients, List<String> paths, String... headers) {
        return new Endpoint(
                name,
                status,
                () -> clients.get(paths.get(ThreadLocalRandom.current().nextInt(paths.size())), headers));
    }

    private List<Closed> closed(HttpClients clients, List<Endpoint> reads, Shop shop) throws Exception {
        var body = HttpClients.holdOf(shop.skus().getFirst());
        var all = new ArrayList<>(List.of(HttpRun.noop(clients, body)));
        all.addAll(reads);
        var rows = run.takeTurns(all);
        double noop = rows.getFirst().requestsPerSecond();
        return rows.stream()
                .map(row -> new Closed(
                        row.endpoint(),
                        row.requestsPerSecond(),
                        row.p50Millis(),
                        row.p99Millis(),
                        row.requestsPerSecond() / noop))
                .toList();
    }

    private Open open(Endpoint read) throws Exception {
        var arrivals = Load.open(read.ask(), rate, run.callers, SETTLE_SECONDS, run.seconds, Load.Probe.NONE);
        var tally = arrivals.tally();
        var failure = tally.failure();
        if (failure != null) {
            throw failure;
        }
        return new Open(
                read.name(),
                tally.answersPerSecond(),
                tally.percentileMillis(50),
                tally.percentileMillis(99),
                tally.maxMillis(),
                arrivals.unasked());
    }

    private static void print(Report report) {
        System.out.println(report.machine);
        System.out.printf(
                "%,d products, %,d SKUs; %d callers on keep-alive connections, as fast as they can%n%n",
                report.products, report.skus, report.callers);
        System.out.printf("%-18s %12s %10s %10s %10s%n", "endpoint", "requests/s", "p50 ms", "p99 ms", "of no-op");
        for (Closed row : report.closed) {
            System.out.printf(
                    "%-18s %,12.0f %10.1f %10.1f %8.0f %%%n",
                    row.endpoint, row.requestsPerSecond, row.p50Millis, row.p99Millis, 100 * row.ofNoop);
        }
        System.out.printf("%n%,.0f requests a second, whoever is late%n%n", report.ratePerSecond);
        System.out.printf("%-18s %12s %10s %10s %10s%n", "endpoint", "answers/s", "p50 ms", "p99 ms", "max ms");
        for (Open row : report.open) {
            System.out.printf(
                    "%-18s %,12.0f %10.1f %10.1f %10.1f%s%n",
                    row.endpoint,
                    row.answersPerSecond,
                    row.p50Millis,
                    row.p99Millis,
                    row.maxMillis,
                    row.unasked == 0 ? "" : "   %,d never asked".formatted(row.unasked));
        }
        System.out.println();
    }
}
