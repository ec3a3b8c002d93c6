package dev.holdfast.bench;

import dev.holdfast.engine.Invariant;
import dev.holdfast.engine.StockEngine;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import org.springframework.context.ConfigurableApplicationContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Best available seats over HTTP, beside holds of goods. */
@Command(
        name = "seats",
        header = "POST /v1/events/{id}/holds for the best available seats",
        description = {
            "Pairs that have to sit side by side, of a map that everybody chooses from at the same time: held, and released again, so",
            "that the house never sells out. Lost races are choices that somebody else was faster with and that were made again.",
            "All take turns in every round; figures are medians over the rounds. Generator and server share the cores.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  ./holdfast bench seats --callers 200",
            "  ./holdfast bench seats --seats 100000 --json"
        },
        mixinStandardHelpOptions = true)
final class SeatsBench implements Callable<Integer> {
    private static final int SEATS_IN_A_ROW = 40;
    private static final int GROUP = 2;

    @Mixin
    private HttpRun run = new HttpRun();

    @Option(names = "--seats", defaultValue = "20000", description = "on the map (default: ${DEFAULT-VALUE})")
    private int seats;

    /** What the figures were taken on, and what they say. */
    record Report(
            String machine,
            int callers,
            int seats,
            List<HttpRun.Row> rows,
            double choices,
            double lostRaces,
            List<Invariant> broken) {}

    @Override
    public Integer call() throws Exception {
        try (var schema = new BenchSchema(run.database, Instant.now());
                var server = run.serve(schema);
                var clients = run.clients(server)) {
            var engine = server.getBean(StockEngine.class);
            var event = event(clients);
            var best = json("{'bestAvailable':{'count':%d,'adjacent':'required'}}".formatted(GROUP));
            var rows = run.takeTurns(List.of(
                    new HttpRun.Endpoint("hold and release", 200, () -> heldAndReleased(clients, event, best)),
                    new HttpRun.Endpoint("live map", 200, () -> clients.get(event + "/seats"))));
            var report = new Report(
                    Machine.describe(),
                    run.callers,
                    seats,
                    rows,
                    count(server, "holdfast.seats.chosen"),
                    count(server, "holdfast.seats.lost"),
                    HttpRun.broken(engine));
            return run.print(report, () -> print(report), report.broken);
        }
    }

    /** On sale, with all its seats in stock. */
    private String event(HttpClients clients) throws Exception {
        var venue = clients.create("/v1/venues", json("{'name':'bench'}"));
        var status = clients.put(venue + "/map", json(map()));
        if (status != 200) {
            throw new IllegalStateException("the map was answered with " + status);
        }
        var id = venue.substring(venue.lastIndexOf('/') + 1);
        return clients.create(
                "/v1/events",
                json(("{'venueId':'%s','name':'bench','startsAt':'2999-01-01T00:00:00Z',"
                                + "'prices':[{'category':'all','amountMinor':1000,'currency':'EUR'}]}")
                        .formatted(id)));
    }

    private static int heldAndReleased(HttpClients clients, String event, byte[] best) throws Exception {
        var hold = clients.create(event + "/holds", best);
        return clients.post("/v1/holds/" + hold.substring(hold.lastIndexOf('/') + 1) + "/release", json("{}"));
    }

    private String map() {
        var rows = new StringJoiner(",");
        for (int row = 0; row * SEATS_IN_A_ROW < seats; row++) {
            var inRow = new StringJoiner(",");
            for (int seat = 1; seat <= Math.min(SEATS_IN_A_ROW, seats - row * SEATS_IN_A_ROW); seat++) {
                inRow.add("{'number':'%d','category':'all'}".formatted(seat));
            }
            rows.add("{'name':'%d','seats':[%s]}".formatted(row + 1, inRow));
        }
        return "{'sections':[{'name':'House','rows':[" + rows + "]}]}";
    }

    private static double count(ConfigurableApplicationContext server, String counter) {
        return server.getBean(MeterRegistry.class).counter(counter).count();
    }

    private static byte[] json(String text) {
        return text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    private static void print(Report report) {
        System.out.println(report.machine);
        System.out.printf("%d callers on keep-alive connections, %,d seats%n%n", report.callers, report.seats);
        HttpRun.printTable(report.rows);
        System.out.printf(
                "%nlost races: %,.0f of %,.0f choices, %.2f %%%n%n",
                report.lostRaces, report.choices, 100 * report.lostRaces / Math.max(1, report.choices));
    }
}
