package dev.holdfast.server.cart;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.DependsOn;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/** Deletes the carts that have expired, on every node. Their holds have ended before them. */
@Component
@DependsOn(CartSchema.NAME)
class ExpiredCarts implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ExpiredCarts.class);

    private static final Duration INTERVAL = Duration.ofSeconds(2);

    /** 500 rows by an index are some 5 ms, and one commit. */
    private static final int BATCH_MAX = 500;

    private final CartStore store;
    private final ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().daemon().name("holdfast-expired-carts").unstarted(task));

    ExpiredCarts(CartStore store) {
        this.store = store;
        var _ = looks.scheduleWithFixedDelay(
                this::look, INTERVAL.toMillis(), INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        looks.shutdownNow();
    }

    private void look() {
        try {
            while (store.deleteExpired(BATCH_MAX) == BATCH_MAX) {
                LOG.debug("{} expired carts deleted, and there may be more", BATCH_MAX);
            }
        } catch (DataAccessException e) {
            LOG.debug("carts cannot be deleted now", e); // the engine says it loudly
        } catch (RuntimeException e) {
            LOG.error("Expired carts could not be deleted", e);
        }
    }
}
