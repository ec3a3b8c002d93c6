package dev.holdfast.server.payment;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Who moves the money, and how long and by how many he may be asked.
 *
 * @param provider {@code sandbox} moves none
 * @param deadline of a call, 50 ms to 1 min; a caller may set a shorter one
 * @param concurrentMax calls under way at once, at least 1; more are not sent
 */
@ConfigurationProperties("holdfast.payment")
public record PaymentProperties(
        @DefaultValue("sandbox") Provider provider,
        @DefaultValue("10s") Duration deadline,
        @DefaultValue("256") int concurrentMax,
        @DefaultValue Stripe stripe) {
    /** Adapters there are. */
    public enum Provider {
        SANDBOX,
        STRIPE
    }

    /**
     * What Stripe needs.
     *
     * @param key the secret or restricted key of the API. Environment: {@code HOLDFAST_PAYMENT_STRIPE_KEY}
     * @param webhookSecret what Stripe signs its messages with. Environment: {@code HOLDFAST_PAYMENT_STRIPE_WEBHOOKSECRET}
     * @param baseUrl of the API
     */
    public record Stripe(
            @DefaultValue("") String key,
            @DefaultValue("") String webhookSecret,
            @DefaultValue("https://api.stripe.com") String baseUrl) {
        /** Both secrets stay out of logs. */
        @Override
        public String toString() {
            return "Stripe[baseUrl=" + baseUrl + "]";
        }
    }

    private static final Duration DEADLINE_MIN = Duration.ofMillis(50);
    private static final Duration DEADLINE_MAX = Duration.ofMinutes(1);

    public PaymentProperties {
        if (provider == Provider.STRIPE
                && (stripe.key().isBlank() || stripe.webhookSecret().isBlank())) {
            throw new IllegalArgumentException("holdfast.payment.provider is stripe, which needs"
                    + " HOLDFAST_PAYMENT_STRIPE_KEY (holdfast.payment.stripe.key) and"
                    + " HOLDFAST_PAYMENT_STRIPE_WEBHOOKSECRET (holdfast.payment.stripe.webhook-secret)");
        }
        if (deadline.compareTo(DEADLINE_MIN) < 0 || deadline.compareTo(DEADLINE_MAX) > 0) {
            throw new IllegalArgumentException("holdfast.payment.deadline has to be 50ms to 1m");
        }
        if (concurrentMax < 1) {
            throw new IllegalArgumentException("holdfast.payment.concurrent-max has to be at least 1");
        }
    }
}
