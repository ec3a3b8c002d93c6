package dev.holdfast.storm;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A storm against a running server: stock its shelves, let the buyers go, read back what is there. */
final class HttpStorm {

    static final int DESK_CONNECTIONS_MAX = 32; // for receipts before and reading afterwards

    private final List<URI> urls;
    private final String named;
    private final Plan plan;
    private final Output output;
    private final Tally tally = new Tally();
    private final Tally deskTally = new Tally();

    /** On one server, or on several that share a database. */
    HttpStorm(List<URI> urls, Plan plan, Output output) {
        this.urls = urls;
        this.named = urls.stream().map(URI::toString).collect(Collectors.joining(","));
        this.plan = plan;
        this.output = output;
    }

    Report run(Duration readyWait) throws Aborted, InterruptedException {
        var scenario = plan.scenario();
        var wait = Connections.answerWait(scenario.timeout());
        int desks = Math.min(DESK_CONNECTIONS_MAX, scenario.connections());
        Opening.awaitReady(urls, readyWait, output);
        try (var desk = new Connections(urls, desks, wait, deskTally);
                var floor = new Connections(urls, scenario.connections(), wait, tally)) {
            var deskCaller = new Caller(desk, scenario.timeout(), deskTally);
            Opening.receive(deskCaller, plan.supply(), plan.runId());
            floor.openAll();
            var storm = storm(new Caller(floor, scenario.timeout(), tally));
            var deals = storm.results().stream().flatMap(List::stream).toList();
            var evidence = audit(new Audit(deskCaller, plan.supply(), deskTally), deals);
            var accounts = Accounts.of(evidence);
            return Report.of("http", named, plan, tally, storm.nanos(), accounts, Checks.all(evidence, accounts));
        } catch (IOException e) {
            throw new Aborted("lost the server at " + named + " before the storm began: " + e.getMessage());
        }
    }

    private Crowd.Outcome<List<Deal>> storm(Caller caller) throws InterruptedException {
        var buyer = new Buyer(caller, plan.scenario().ttl(), tally);
        int buyers = plan.scenario().buyers();
        try (var _ = output.progress(() -> "%,d of %,d buyers done · %,d holds · %,d refused · %,d errors · %,d retries"
                .formatted(
                        tally.buyersDone(),
                        buyers,
                        tally.placed(),
                        tally.refused(),
                        tally.errors(),
                        tally.retries()))) {
            return Crowd.each(plan.intents(), intent -> buy(intent, buyer));
        }
    }

    /** Asks until it has what it wants, or has asked often enough. */
    private List<Deal> buy(Intent intent, Buyer buyer) {
        var deals = new ArrayList<Deal>(1);
        var next = intent;
        do {
            deals.add(buyer.buy(next));
            next = next.again();
        } while (deals.getLast().refused() && deals.size() < plan.scenario().requests());
        tally.buyerDone();
        return deals;
    }

    private Evidence audit(Audit audit, List<Deal> deals) throws InterruptedException {
        try (var _ = output.progress(
                () -> "checking from the outside: %,d holds looked up".formatted(deskTally.buyersDone()))) {
            return audit.read(deals);
        }
    }
}
