package dev.holdfast.server.payment;

import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Which PaymentIntent is which payment: the table {@code stripe_intent}. An intent is noted before it may take effect, so what
 * became of a payment is always found by its id; Stripe's search would be up to a minute behind.
 */
class StripeIntents {
    /** @param intentId null: cancelled before there was one, and there never will be */
    record Known(@Nullable String intentId) {}

    private final JdbcClient database;

    StripeIntents(JdbcClient database) {
        this.database = database;
    }

    Optional<Known> find(UUID paymentId) {
        return database.sql("SELECT intent_id FROM stripe_intent WHERE payment_id = ?")
                .param(paymentId)
                .query((row, _) -> new Known(row.getString(1)))
                .optional();
    }

    /** The payment of an intent, if it is one of ours. */
    Optional<UUID> paymentOf(String intentId) {
        return database.sql("SELECT payment_id FROM stripe_intent WHERE intent_id = ?")
                .param(intentId)
                .query(UUID.class)
                .optional();
    }

    /** Notes the payment's intent, or that there shall be none; what was noted first stays, and is returned. */
    Known note(UUID paymentId, @Nullable String intentId) {
        database.sql("INSERT INTO stripe_intent (payment_id, intent_id) VALUES (?, ?) ON CONFLICT DO NOTHING")
                .param(paymentId)
                .param(intentId)
                .update();
        return find(paymentId).orElseThrow();
    }
}
