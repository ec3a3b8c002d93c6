package dev.holdfast.server.payment;

import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides all requests that wait in one go, as the engine's lane does: one read and one write for all of them, so that a commit
 * is paid for by many. While one batch is written the next one gathers; an idle sandbox answers at once.
 *
 * <p>Nothing is locked. Who writes a version that another node has written first has written nothing, and decides again.
 */
final class SandboxLane implements AutoCloseable {
    /** @param isNew whether this request made it what it is, and not one before it */
    record Reply(PaymentOutcome answer, boolean isNew) {}

    private record Waiting(SandboxRequest request, CompletableFuture<Reply> reply) {}

    private static final Logger LOG = LoggerFactory.getLogger(SandboxLane.class);

    /** 256 callers got 28,000 answers a second on 2 cores, so the next ones get their turn after some 20 ms at most. */
    private static final int BATCH_MAX = 512;

    private final SandboxBooks books;
    private final Clock clock;
    /** Each entry is somebody who waits: as many as the gateway lets ask at once. */
    private final BlockingQueue<Waiting> queue = new LinkedBlockingQueue<>();

    private final Thread worker = Thread.ofVirtual().name("holdfast-sandbox").unstarted(this::work);

    SandboxLane(SandboxBooks books, Clock clock) {
        this.books = books;
        this.clock = clock;
        worker.start();
    }

    /** The answer is there when it is committed. Fails with what the database failed with: the request may have had its effect. */
    CompletableFuture<Reply> ask(SandboxRequest request) {
        var waiting = new Waiting(request, new CompletableFuture<>());
        queue.add(waiting);
        return waiting.reply;
    }

    @Override
    public void close() {
        worker.interrupt();
    }

    private void work() {
        List<Waiting> batch = new ArrayList<>();
        try {
            while (true) {
                batch.add(queue.take());
                queue.drainTo(batch, BATCH_MAX - 1);
                decide(batch);
                batch.clear();
            }
        } catch (InterruptedException e) {
            LOG.debug("the sandbox closes", e);
        }
    }

    private void decide(List<Waiting> batch) {
        try {
            while (!batch.isEmpty()) {
                batch = decideOnce(batch);
            }
        } catch (SQLException | RuntimeException e) {
            for (Waiting waiting : batch) {
                waiting.reply.completeExceptionally(e);
            }
        }
    }

    /** Those whose payment another node has written at the same time. */
    private List<Waiting> decideOnce(List<Waiting> batch) throws SQLException {
        Map<UUID, SandboxPayment> before = books.read(batch.stream()
                .map(waiting -> waiting.request.paymentId())
                .distinct()
                .toList());
        Map<UUID, SandboxPayment> after = new HashMap<>();
        List<Reply> replies = new ArrayList<>(batch.size());
        var now = clock.instant();
        for (Waiting waiting : batch) {
            UUID id = waiting.request.paymentId();
            var decision = waiting.request.decide(after.getOrDefault(id, before.get(id)), now);
            replies.add(new Reply(decision.answer(), decision.written() != null));
            if (decision.written() != null) {
                after.put(id, versioned(decision.written(), before.get(id)));
            }
        }
        Set<UUID> written = after.isEmpty() ? Set.of() : books.write(List.copyOf(after.values()));
        List<Waiting> again = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            UUID id = batch.get(i).request.paymentId();
            if (after.containsKey(id) && !written.contains(id)) {
                again.add(batch.get(i));
            } else {
                batch.get(i).reply.complete(replies.get(i));
            }
        }
        return again;
    }

    /** Several requests of one batch are one write. */
    private static SandboxPayment versioned(SandboxPayment payment, @Nullable SandboxPayment before) {
        return payment.withVersion(before == null ? 1 : before.version() + 1);
    }
}
