package dev.holdfast.storm;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/** What comes before a run: servers that are ready, and shelves that are filled. */
final class Opening {

    private static final Duration READINESS_WAIT_MAX = Duration.ofSeconds(10);
    private static final long READY_PAUSE_MILLIS = 100;

    private Opening() {}

    static void awaitReady(List<URI> urls, Duration readyWait, Output output) throws Aborted, InterruptedException {
        for (URI url : urls) {
            try (var one = new Connections(List.of(url), 1, READINESS_WAIT_MAX, new Tally())) {
                awaitReady(url, one, readyWait, output);
            }
        }
    }

    private static void awaitReady(URI url, Connections desk, Duration readyWait, Output output)
            throws Aborted, InterruptedException {
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

    static void receive(Caller caller, Supply supply, String runId) throws Aborted, InterruptedException {
        var refusals = Crowd.each(supply.skus(), sku -> {
                    var body = Wire.receipt(sku, supply.unitsOf(sku), "storm " + runId);
                    return refusal(caller.call(Request.post("/v1/stock/receipts", "receipt-" + sku, body)), 201);
                })
                .results()
                .stream()
                .filter(why -> !why.isEmpty())
                .toList();
        if (!refusals.isEmpty()) {
            throw new Aborted("POST /v1/stock/receipts did not take %d of %d SKUs: %s"
                    .formatted(refusals.size(), supply.units().size(), refusals.getFirst()));
        }
    }

    /** Puts the products of a run on sale, and tells which version each of them has. */
    static long[] list(Caller caller, Assortment assortment) throws Aborted {
        var versions = new long[assortment.items().size()];
        for (int from = 0; from < versions.length; from += Assortment.BATCH) {
            var batch = assortment.items().subList(from, Math.min(versions.length, from + Assortment.BATCH));
            var reply = caller.call(Request.put("/v1/products/batch", Wire.products(batch)));
            var refusal = refusal(reply, 200);
            if (!refusal.isEmpty()) {
                throw new Aborted("PUT /v1/products/batch: " + refusal);
            }
            try {
                var seen =
                        Wire.versions(((Caller.Reply.Answered) reply).answer().body());
                for (int i = 0; i < batch.size(); i++) {
                    versions[from + i] = seen.get(i);
                }
            } catch (Wire.Malformed e) {
                throw new Aborted("PUT /v1/products/batch: " + e.why());
            }
        }
        return versions;
    }

    /** Why it is not the answer that was expected; empty if it is. */
    private static String refusal(Caller.Reply reply, int expected) {
        boolean isExpected = reply instanceof Caller.Reply.Answered(var answer, var _) && answer.status() == expected;
        return isExpected ? "" : reply.brief();
    }
}
