package dev.holdfast.bench;

import dev.holdfast.engine.Invariant;
import dev.holdfast.engine.StockEngine;
import dev.holdfast.server.HoldfastServer;
import dev.holdfast.server.hold.UncheckedHolds;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the benches over HTTP share: options, servers in this process, and rounds in which all endpoints take turns. */
final class HttpRun {
    private static final double SETTLE_SECONDS = 0.5;

    @Option(
            names = "--callers",
            defaultValue = "256",
            description = "callers, each on a connection of its own (default: ${DEFAULT-VALUE})")
    int callers;

    @Option(
            names = "--seconds",
            defaultValue = "4",
            description = "measured for each endpoint and round (default: ${DEFAULT-VALUE})")
    double seconds;

    @Option(names = "--rounds", defaultValue = "3", description = "rounds (default: ${DEFAULT-VALUE})")
    private int rounds;

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            defaultValue = "10",
            description = "of each endpoint before measuring, until the server is compiled (default: ${DEFAULT-VALUE})")
    private double warmUpSeconds;

    @Option(names = "--json", description = "one JSON object instead of the tables")
    private boolean json;

    @Mixin
    Database database = new Database();

    /** Something that answers with a status. */
    interface Call {
        int status() throws Exception;
    }

    /** @param expected the status of an answer; any other is a failure */
    record Endpoint(String name, int expected, Call call) {
        Load.Ask ask() {
            return () -> {
                int status = call.status();
                if (status != expected) {
                    throw new IllegalStateException(name + " answered " + status);
                }
                return true;
            };
        }
    }

    /** Medians over the rounds. */
    record Row(String endpoint, double requestsPerSecond, double p50Millis, double p99Millis) {}

    static Endpoint noop(HttpClients clients, byte[] body) {
        return new Endpoint("no-op endpoint", 200, () -> clients.post(NoopApi.PATH, body));
    }

    /** A server as it is, beside an endpoint that does nothing and one that asks no catalogue. */
    ConfigurableApplicationContext serve(BenchSchema schema, String... more) {
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

    /** As many connections as callers. */
    HttpClients clients(ApplicationContext server) throws IOException {
        var webServer = Objects.requireNonNull(((WebServerApplicationContext) server).getWebServer());
        return new HttpClients(webServer.getPort(), callers);
    }

    /** A row for each, as fast as all callers can. */
    List<Row> takeTurns(List<Endpoint> endpoints) throws Exception {
        var results = new ArrayList<List<Load.Result>>();
        endpoints.forEach(_ -> results.add(new ArrayList<>()));
        for (int round = 0; round <= rounds; round++) {
            WritePathBench.progress(round == 0 ? "warming up" : "round %d of %d".formatted(round, rounds));
            for (int i = 0; i < endpoints.size(); i++) {
                double measured = round == 0 ? warmUpSeconds : seconds;
                results.get(i).add(Load.run(endpoints.get(i).ask(), callers, SETTLE_SECONDS, measured));
            }
        }
        var rows = new ArrayList<Row>();
        for (int i = 0; i < endpoints.size(); i++) {
            rows.add(row(endpoints.get(i).name, results.get(i)));
        }
        return rows;
    }

    /** Of results of which the first was the warm-up. */
    private static Row row(String endpoint, List<Load.Result> results) {
        var measured = results.subList(1, results.size()).stream()
                .sorted(Comparator.comparingDouble(Load.Result::perSecond))
                .toList();
        var median = measured.get((measured.size() - 1) / 2);
        return new Row(endpoint, median.perSecond(), median.p50Millis(), median.p99Millis());
    }

    static List<Invariant> broken(StockEngine engine) {
        return engine.invariants(Books.CHECK_MAX).stream()
                .filter(check -> !check.ok())
                .toList();
    }

    /**
     * Prints a report.
     *
     * @param screen prints the tables
     * @return the exit code
     */
    int print(Object report, Runnable screen, List<Invariant> broken) {
        if (json) {
            System.out.println(Json.write(report));
        } else {
            screen.run();
            System.out.println(broken.isEmpty() ? "✓ all invariants hold" : "✗ broken: " + broken);
        }
        return broken.isEmpty() ? 0 : 99;
    }

    static void printTable(List<Row> rows) {
        System.out.printf("%-20s %12s %10s %10s%n", "endpoint", "requests/s", "p50 ms", "p99 ms");
        for (Row row : rows) {
            System.out.printf(
                    "%-20s %,12.0f %10.1f %10.1f%n", row.endpoint, row.requestsPerSecond, row.p50Millis, row.p99Millis);
        }
    }
}
