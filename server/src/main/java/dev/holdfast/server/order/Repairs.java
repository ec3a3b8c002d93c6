package dev.holdfast.server.order;

import dev.holdfast.engine.EngineFailure;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.DependsOn;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * Finishes what a crash has left on its way ({@link Fulfilment}), on every node, whoever began it: two that finish the same do it once.
 * A look is one read of an index that is empty unless something was left.
 */
@Component
@DependsOn(OrderSchema.NAME)
class Repairs implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Repairs.class);

    private static final Duration INTERVAL = Duration.ofSeconds(1);

    /** Who is alive needs some milliseconds. The keys of the engine, which make it safe to try again, live for days. */
    private static final Duration LEFT_AFTER = Duration.ofSeconds(2);

    /** 100 × about 10 ms: a second of one thread. */
    private static final int ORDERS_MAX = 100;

    private final Fulfilment fulfilment;
    private final ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().daemon().name("holdfast-order-repairs").unstarted(task));

    Repairs(Fulfilment fulfilment) {
        this.fulfilment = fulfilment;
        var _ = looks.scheduleWithFixedDelay(
                this::look, INTERVAL.toMillis(), INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        looks.shutdownNow();
    }

    private void look() {
        try {
            for (UUID order : fulfilment.unfinished(LEFT_AFTER, ORDERS_MAX)) {
                finish(order);
            }
        } catch (DataAccessException | TransactionException e) {
            LOG.debug("orders cannot be read now", e); // the engine says it loudly
        } catch (RuntimeException e) {
            LOG.error("Orders that were left unfinished could not be looked for", e);
        }
    }

    /** One that cannot be finished keeps no other one waiting. */
    private void finish(UUID order) {
        try {
            fulfilment.finish(order);
            LOG.info("Finished what was left on its way on order {}", order);
        } catch (EngineFailure | DataAccessException | TransactionException e) {
            LOG.debug("order {} is finished later", order, e);
        } catch (RuntimeException e) {
            LOG.error("Order {} cannot be finished; somebody has to look at it", order, e);
        }
    }
}
