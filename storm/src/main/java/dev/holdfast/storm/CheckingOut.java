package dev.holdfast.storm;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** {@code storm checkout} against running servers: fill the shelves, let everybody in, then hold what they were told against all books. */
final class CheckingOut {

    private final List<URI> urls;
    private final CheckoutPlan plan;
    private final Output output;
    private final Tally tally = new Tally();
    private final Tally deskTally = new Tally();

    /** On one server, or on several that share a database. */
    CheckingOut(List<URI> urls, CheckoutPlan plan, Output output) {
        this.urls = urls;
        this.plan = plan;
        this.output = output;
    }

    CheckoutReport run(Duration readyWait) throws Aborted, InterruptedException {
        var scenario = plan.scenario();
        var wait = Connections.answerWait(scenario.timeout());
        int desks = Math.min(HttpStorm.DESK_CONNECTIONS_MAX, scenario.connections());
        Opening.awaitReady(urls, readyWait, output);
        try (var desk = new Connections(urls, desks, wait, deskTally);
                var floor = new Connections(urls, scenario.connections(), wait, tally)) {
            var deskCaller = new Caller(desk, scenario.timeout(), deskTally);
            Opening.list(deskCaller, plan.assortment());
            Opening.receive(deskCaller, plan.supply(), plan.runId());
            floor.openAll();
            var outages = outages();
            var storm = storm(new Caller(floor, scenario.timeout(), tally), deskCaller);
            var cutOff = outages == null ? Optional.<Check>empty() : Optional.of(outages.end());
            var books = audit(new Audit(deskCaller, plan.supply(), deskTally), storm.results());
            var checks = new ArrayList<>(CheckoutChecks.all(storm.results(), books, plan.supply(), plan.pricesMinor()));
            cutOff.ifPresent(checks::add);
            return new CheckoutReport(
                    urls.stream().map(URI::toString).collect(Collectors.joining(",")),
                    plan,
                    storm.results(),
                    tally,
                    storm.nanos() / 1e9,
                    checks);
        } catch (IOException e) {
            throw new Aborted("lost the server at " + urls + " before the storm began: " + e.getMessage());
        }
    }

    /** Each when a good part of what can be sold is sold, and a good part is left. */
    private @Nullable Outages outages() {
        var command = plan.scenario().outage();
        if (command == null) {
            return null;
        }
        long most = Math.min(plan.scenario().units(), plan.scenario().buyers());
        return new Outages(command, List.of(most / 16, most / 6), tally::placed);
    }

    private Crowd.Outcome<Trip> storm(Caller caller, Caller desk) throws InterruptedException {
        var shopper = new Shopper(caller, desk, plan, tally);
        var till = new Till(caller, plan.scenario(), tally);
        int buyers = plan.scenario().buyers();
        try (var _ = output.progress(() -> "%,d of %,d buyers done · %,d paid · %,d refused · %,d errors · %,d retries"
                .formatted(
                        tally.buyersDone(),
                        buyers,
                        tally.placed(),
                        tally.refused(),
                        tally.errors(),
                        tally.retries()))) {
            return Crowd.each(plan.errands(), errand -> {
                var mode = errand.kind().tillMode();
                var trip = mode == null ? shopper.go(errand) : till.go(errand, mode);
                tally.buyerDone();
                return trip;
            });
        }
    }

    private Books audit(Audit audit, List<Trip> trips) throws InterruptedException {
        try (var _ = output.progress(() -> "waiting for what is open, checking from the outside: %,d looked up"
                .formatted(deskTally.buyersDone()))) {
            return new CheckoutAudit(audit, plan).read(trips);
        }
    }
}
