package dev.holdfast.server.payment;

import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.DependsOn;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** What providers tell by themselves: each message has its effect once, in the transaction that notes it as received. */
@Component
@DependsOn(PaymentSchema.NAME)
class PaymentEvents {
    /** Stripe repeats a message for three days. */
    private static final Duration KEPT = Duration.ofDays(30);

    /** Each message that comes takes two old ones with it: the table shrinks to a month's, and nobody waits. */
    private static final int FORGOTTEN_AT_ONCE = 2;

    private final JdbcClient database;
    private final TransactionTemplate transaction;
    private final ObjectProvider<PaymentNews> listeners;
    private final Clock clock;
    private final MeterRegistry meters;

    /** @param listeners looked for when there is news: who hears it also asks the gateway, and is made after it */
    PaymentEvents(
            JdbcClient database,
            TransactionTemplate transaction,
            ObjectProvider<PaymentNews> listeners,
            Clock clock,
            MeterRegistry meters) {
        this.database = database;
        this.transaction = transaction;
        this.listeners = listeners;
        this.clock = clock;
        this.meters = meters;
    }

    /**
     * Tells all who listen, unless this message was received before.
     *
     * @param id unique among all messages of all providers
     */
    void received(String id, UUID paymentId) {
        boolean isNew = Boolean.TRUE.equals(transaction.execute(_ -> {
            if (!note(id, paymentId)) {
                return false;
            }
            listeners.orderedStream().forEach(listener -> listener.changed(paymentId));
            return true;
        }));
        count(isNew ? "told" : "duplicate");
    }

    /** For the meter: {@code told}, {@code duplicate}, {@code foreign} or {@code refused}. */
    void count(String result) {
        meters.counter("holdfast.payment.events", "result", result).increment();
    }

    /** Who comes second with the same message waits here until the first one is committed. */
    private boolean note(String id, UUID paymentId) {
        var now = clock.instant();
        int noted = database.sql("INSERT INTO payment_event (id, payment_id, received_at) VALUES (?, ?, ?)"
                        + " ON CONFLICT (id) DO NOTHING")
                .params(id, paymentId, Timestamp.from(now))
                .update();
        if (noted == 0) {
            return false;
        }
        database.sql("DELETE FROM payment_event WHERE id IN (SELECT id FROM payment_event WHERE received_at < ?"
                        + " ORDER BY received_at LIMIT " + FORGOTTEN_AT_ONCE + " FOR UPDATE SKIP LOCKED)")
                .params(Timestamp.from(now.minus(KEPT)))
                .update();
        return true;
    }
}
