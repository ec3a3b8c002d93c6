package dev.holdfast.server.checkout;

import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.server.api.Caller;
import dev.holdfast.server.order.Orders;
import dev.holdfast.server.order.Orders.RefundDue;
import dev.holdfast.server.payment.Payment;
import dev.holdfast.server.payment.PaymentGateway;
import dev.holdfast.server.payment.PaymentOutcome;
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
 * Pays back what orders say is due, on every node: each refund has its own key, so two that pay the same pay it once. It is due until
 * it is known to be paid, so a crash or a silent provider only delays it.
 */
@Component
@DependsOn({CheckoutSchema.NAME, "orderSchema"})
class Refunds implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Refunds.class);

    private static final Caller CALLER = Caller.server("checkout");
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    /** The gateway's own deadline is shorter, if it is asked for more. */
    private static final Duration WITHIN = Duration.ofMinutes(1);

    /** 100 × some ms: a look takes less than a second as long as the provider answers. */
    private static final int ORDERS_MAX = 100;

    private final Orders orders;
    private final PaymentGateway payments;
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
    }

    private void look() {
        try {
            orders.refundsDue(ORDERS_MAX).forEach(this::pay);
        } catch (DataAccessException | TransactionException e) {
            LOG.debug("refunds cannot be read or written now", e); // the engine says it loudly
        } catch (RuntimeException e) {
            LOG.error("Refunds that are due could not be paid", e);
        }
    }

    private void pay(RefundDue due) {
        if (!isOfCheckout(due)) {
            return;
        }
        var key = IdempotencyKey.of("refund", due.key());
        PaymentOutcome outcome = payments.refund(UUID.fromString(due.payment()), due.amount(), key, WITHIN);
        switch (outcome) {
            case Payment.Refunded _ -> orders.refunded(due.orderId(), due.number(), CALLER);
            case PaymentOutcome.Unknown _, PaymentOutcome.NotSent _ -> LOG.debug("refund {}: {}", due.key(), outcome);
            case PaymentOutcome.Refused _, Payment _ ->
                LOG.error("Refund {} cannot be paid; somebody has to look at it: {}", due.key(), outcome);
        }
    }

    /** An order that was not placed by a checkout has another payment, which is somebody else's. */
    private static boolean isOfCheckout(RefundDue due) {
        return due.payment().equals(due.orderId().toString());
    }
}
