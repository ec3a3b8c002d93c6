package dev.holdfast.server.admission;

import dev.holdfast.engine.EngineFailure;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.DependsOn;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * Issues and voids tickets as orders are paid, cancelled and returned, and finishes cancellations that a crash has left, on every node. A look
 * without news is three reads of indexes.
 */
@Component
@DependsOn(AdmissionSchema.NAME)
class Issuing implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Issuing.class);

    private static final Duration INTERVAL = Duration.ofMillis(200);

    /** Ten statements each, some 10 ms. */
    private static final int ORDERS_MAX = 64;

    /** A quarter of the pool's connections, which requests want too. */
    private static final int AT_ONCE = 4;

    /** Who is alive has done {@link #ORDERS_MAX} of them by then. */
    private static final Duration TAKEN_FOR = Duration.ofSeconds(5);

    private final OrderTail tail;
    private final Issuer issuer;
    private final TicketStore store;
    private final TicketChanges changes;
    private final ExecutorService workers = Executors.newFixedThreadPool(
            AT_ONCE, Thread.ofPlatform().daemon().name("holdfast-tickets-", 1).factory());
    private final ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().daemon().name("holdfast-tickets").unstarted(task));

    Issuing(OrderTail tail, Issuer issuer, TicketStore store, TicketChanges changes) {
        this.tail = tail;
        this.issuer = issuer;
        this.store = store;
        this.changes = changes;
        var _ = looks.scheduleWithFixedDelay(
                this::look, INTERVAL.toMillis(), INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        looks.shutdownNow();
        workers.shutdownNow(); // what they are at is taken up by somebody else
    }

    private void look() {
        try {
            boolean isMore = true;
            while (isMore) {
                isMore = tail.read();
                for (var due = taken(); !due.isEmpty(); due = taken()) {
                    each(due, "The tickets of order", issuer::settle);
                }
            }
            each(store.leaving(TAKEN_FOR, ORDERS_MAX), "The cancellation of ticket", changes::finishCancelling);
        } catch (DataAccessException | TransactionException e) {
            LOG.debug("tickets cannot be issued now", e); // the engine says it loudly
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("Tickets could not be issued", e);
        }
    }

    private List<UUID> taken() {
        return tail.take(ORDERS_MAX, TAKEN_FOR);
    }

    private void each(List<UUID> ids, String what, Consumer<UUID> work) throws InterruptedException {
        List<Future<?>> all = ids.stream()
                .<Future<?>>map(id -> workers.submit(() -> one(id, what, work)))
                .toList();
        for (Future<?> done : all) {
            try {
                done.get();
            } catch (ExecutionException e) {
                throw new IllegalStateException(e.getCause());
            }
        }
    }

    /** One that fails keeps no other one waiting; it is tried again when its time comes. */
    private static void one(UUID id, String what, Consumer<UUID> work) {
        try {
            work.accept(id);
        } catch (EngineFailure | DataAccessException | TransactionException e) {
            LOG.debug("{} {} is settled later", what, id, e);
        } catch (RuntimeException e) {
            LOG.error("{} {} cannot be settled; somebody has to look at it", what, id, e);
        }
    }
}
