package dev.holdfast.server.checkout;

import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.server.api.Caller;
import dev.holdfast.server.order.Orders;
import dev.holdfast.server.order.Orders.RefundDue;
import dev.holdfast.server.payment.Payment;
import dev.holdfast.server.payment.PaymentGateway;
import dev.holdfast.server.payment.PaymentOutcome;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
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
 * Pays back what orders say is due, on every node: a refund has a key, so two that pay the same pay it once. It is due until it is known
 * to be paid, so a crash or a silent provider only delays it. What fails is put off, and never stands in the way of others.
 */
@Component
@DependsOn({CheckoutSchema.NAME, "orderSchema"})
class Refunds implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Refunds.class);

    private static final Caller CALLER = Caller.server("checkout");
    private static final Duration INTERVAL = Duration.ofMillis(500);

    /** The gateway's own deadline is shorter, if it is asked for more. */
    private static final Duration WITHIN = Duration.ofMinutes(1);

    /** All at once: a look takes as long as the slowest call. The provider takes 256 calls; most of these are left to buyers. */
    private static final int ORDERS_MAX = 64;

    private final Orders orders;
    private final PaymentGateway payments;
    private final ExecutorService payers = Executors.newVirtualThreadPerTaskExecutor();
    private final ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().daemon().name("holdfast-refunds").unstarted(task));

    Refunds(Orders orders, PaymentGateway payments) {
        this.orders = orders;
        this.payments = payments;
        var _ = looks.scheduleWithFixedDelay(
                this::look, INTERVAL.toMillis(), INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        looks.shutdownNow();
        payers.shutdownNow();
    }

    private void look() {
        try {
            List<Callable<Void>> tries = orders.refundsDue(ORDERS_MAX).stream()
                    .<Callable<Void>>map(due -> () -> attempt(due))
                    .toList();
            payers.invokeAll(tries);
        } catch (InterruptedException e) {
            LOG.debug("refunds stop", e);
            Thread.currentThread().interrupt();
        } catch (DataAccessException e) {
            LOG.debug("refunds cannot be read now", e); // the engine says it loudly
        } catch (RuntimeException e) {
            LOG.error("Refunds that are due could not be looked for", e);
        }
    }

    @SuppressWarnings("NullAway") // there is nothing to return
    private Void attempt(RefundDue due) {
        try {
            if (isOfCheckout(due) && isPaid(due)) {
                orders.refunded(due.orderId(), due.number(), CALLER);
            } else {
                orders.putOff(due, Pace.pause(due.tries()));
            }
        } catch (DataAccessException | TransactionException e) {
            LOG.debug("refund {} is paid later", due.key(), e);
        } catch (RuntimeException e) {
            LOG.error("Refund {} could not be paid", due.key(), e);
            orders.putOff(due, Pace.pause(due.tries()));
        }
        return null;
    }

    private boolean isPaid(RefundDue due) {
        UUID payment = UUID.fromString(due.payment());
        int round = Pace.round(due.tries());
        if (round > 0 && payments.find(payment, WITHIN) instanceof Payment.Refunded before && hasReached(due, before)) {
            return true;
        }
        var key = IdempotencyKey.of("refund", due.key() + "/" + round);
        PaymentOutcome outcome = payments.refund(payment, due.amount(), key, WITHIN);
        if (outcome instanceof Payment.Refunded after && hasReached(due, after)) {
            return true;
        }
        if (outcome instanceof PaymentOutcome.Refused || Pace.isAlarming(due.tries())) {
            LOG.error("Refund {} cannot be paid; somebody has to look at it: {}", due.key(), outcome);
        }
        return false;
    }

    /** An order's refunds are paid one after the other, so the sum tells whether this one is. */
    private static boolean hasReached(RefundDue due, Payment.Refunded payment) {
        return payment.refunded().amountMinor()
                >= due.refundedBefore().amountMinor() + due.amount().amountMinor();
    }

    /** An order that was not placed by a checkout has another payment, which is somebody else's. */
    private static boolean isOfCheckout(RefundDue due) {
        return due.payment().equals(due.orderId().toString());
    }
}
