package dev.holdfast.storm;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;

/** A storm against a running server: stock its shelves, let the buyers go, read back what is there. */
final class HttpStorm {

    private static final Duration ANSWER_WAIT_MAX = Duration.ofSeconds(10); // then the connection counts as lost
    private static final int DESK_CONNECTIONS_MAX = 32; // for receipts before and reading afterwards
    private static final long READY_PAUSE_MILLIS = 100;

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
        var wait = ANSWER_WAIT_MAX.compareTo(scenario.timeout()) < 0 ? ANSWER_WAIT_MAX : scenario.timeout();
        int desks = Math.min(DESK_CONNECTIONS_MAX, scenario.connections());
        for (URI url : urls) {
            try (var one = new Connections(List.of(url), 1, wait, deskTally)) {
                awaitReady(url, one, readyWait);
            }
        }
        try (var desk = new Connections(urls, desks, wait, deskTally);
                var floor = new Connections(urls, scenario.connections(), wait, tally)) {
            var deskCaller = new Caller(desk, scenario.timeout(), deskTally);
            receive(deskCaller);
            floor.openAll();
            var storm = storm(new Caller(floor, scenario.timeout(), tally));
            var evidence = audit(new Audit(deskCaller, plan, deskTally), storm.results());
            var accounts = Accounts.of(evidence);
            return Report.of("http", named, plan, tally, storm.nanos(), accounts, Checks.all(evidence, accounts));
        } catch (IOException e) {
            throw new Aborted("lost the server at " + named + " before the storm began: " + e.getMessage());
        }
    }

    private void awaitReady(URI url, Connections desk, Duration readyWait) throws Aborted, InterruptedException {
        long deadlineNanos = System.nanoTime() + readyWait.toNanos();
        var state = new AtomicReference<>("asking");
        try (var _ = output.progress(() -> "waiting for " + url + " to be ready (" + state.get() + ")")) {
            while (true) {
                try {
                    var answer = desk.exchange(Request.get("/actuator/health/readiness"));
                    if (answer.status() == 200) {
                        return;
                    }
                    state.set("readiness answers " + answer.status());
                } catch (IOException e) {
                    state.set(e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
                }
                if (System.nanoTime() - deadlineNanos >= 0) {
                    throw new Aborted(
                            "no server is ready at %s (%s) after %s s. Start one with ./holdfast up, or name another with --url."
                                    .formatted(url, state.get(), readyWait.toSeconds()));
                }
                Thread.sleep(READY_PAUSE_MILLIS);
            }
        }
    }

    private void receive(Caller caller) throws Aborted, InterruptedException {
        var refusals = Crowd.each(plan.skus(), sku -> {
                    var body = Wire.receipt(sku, plan.unitsOf(sku), "storm " + plan.runId());
                    return switch (caller.call(Request.post("/v1/stock/receipts", "receipt-" + sku, body))) {
                        case Caller.Reply.Answered a ->
                            a.answer().status() == 201
                                    ? ""
                                    : a.answer().brief() + " " + a.answer().excerpt();
                        case Caller.Reply.Unanswered u -> u.why();
                    };
                })
                .results()
                .stream()
                .filter(why -> !why.isEmpty())
                .toList();
        if (!refusals.isEmpty()) {
            throw new Aborted("POST /v1/stock/receipts at %s did not take %d of %d SKUs: %s"
                    .formatted(named, refusals.size(), plan.units().size(), refusals.getFirst()));
        }
    }

    private Crowd.Outcome<Deal> storm(Caller caller) throws InterruptedException {
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
            return Crowd.each(plan.intents(), buyer::buy);
        }
    }

    private Evidence audit(Audit audit, List<Deal> deals) throws InterruptedException {
        try (var _ = output.progress(
                () -> "checking from the outside: %,d holds looked up".formatted(deskTally.buyersDone()))) {
            return audit.read(deals);
        }
    }
}
