package dev.holdfast.server.checkout;

import dev.holdfast.engine.EngineFailure;
import dev.holdfast.server.payment.PaymentNews;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.DependsOn;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * Goes on with checkouts that are due, on every node, whoever began them: those whose driver died, that wait for a payment's fate, or of
 * which the provider has news. The row is its own timetable, so a checkout that ends in its own request costs no other one; a look is
 * one read of an index that has what has not ended.
 */
@Component
@DependsOn(CheckoutSchema.NAME)
class Rounds implements PaymentNews, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Rounds.class);

    private static final Duration INTERVAL = Duration.ofMillis(200);

    /** Each may wait for the provider, who takes 256 calls at once; most of these are left to requests. */
    private static final int DRIVEN_MAX = 64;

    private final CheckoutStore store;
    private final Driver driver;
    private final CheckoutProperties properties;
    private final Semaphore free = new Semaphore(DRIVEN_MAX);
    private final ExecutorService drivers = Executors.newVirtualThreadPerTaskExecutor();
    private final ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().daemon().name("holdfast-checkouts").unstarted(task));

    Rounds(CheckoutStore store, Driver driver, CheckoutProperties properties) {
        this.store = store;
        this.driver = driver;
        this.properties = properties;
        var _ = looks.scheduleWithFixedDelay(
                this::look, INTERVAL.toMillis(), INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void changed(UUID paymentId) {
        store.makeDue(paymentId); // a checkout and its payment have one id
    }

    @Override
    public void close() {
        looks.shutdownNow();
        drivers.shutdownNow(); // what they are at is taken up by somebody else
    }

    private void look() {
        try {
            int limit = free.availablePermits();
            for (Checkout checkout :
                    limit == 0 ? List.<Checkout>of() : store.takeUp(limit, properties.takenUpAfter())) {
                free.acquireUninterruptibly();
                drivers.execute(() -> {
                    try {
                        drive(checkout);
                    } finally {
                        free.release();
                    }
                });
            }
        } catch (DataAccessException e) {
            LOG.debug("checkouts cannot be read now", e); // the engine says it loudly
        } catch (RuntimeException e) {
            LOG.error("Checkouts that are due could not be looked for", e);
        }
    }

    private void drive(Checkout checkout) {
        try {
            var _ = driver.drive(checkout);
        } catch (EngineFailure | DataAccessException | TransactionException e) {
            LOG.debug("checkout {} goes on later", checkout.id(), e);
        } catch (RuntimeException e) {
            LOG.error("Checkout {} cannot go on; somebody has to look at it", checkout.id(), e);
        }
    }
}
