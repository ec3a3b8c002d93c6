package dev.holdfast.server.payment;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What a server does not start with, and says so. */
final class PaymentPropertiesTest {
    private static final String PREFIX = "holdfast.payment";

    private static PaymentProperties of(Map<String, String> properties) {
        return new Binder(new MapConfigurationPropertySource(properties)).bindOrCreate(PREFIX, PaymentProperties.class);
    }

    private static void assertRefused(Map<String, String> properties, String message) {
        assertThatThrownBy(() -> of(properties))
                .hasRootCauseInstanceOf(IllegalArgumentException.class)
                .satisfies(e -> {
                    Throwable root = e;
                    while (root.getCause() != null) {
                        root = root.getCause();
                    }
                    assertThat(root).hasMessageContaining(message);
                });
    }

    @Test
    void stripeNeedsBothSecretsAndTellsNone() {
        assertRefused(Map.of(PREFIX + ".provider", "stripe"), "HOLDFAST_PAYMENT_STRIPE_KEY");
        assertRefused(
                Map.of(PREFIX + ".provider", "stripe", PREFIX + ".stripe.key", "sk_test_1"),
                "HOLDFAST_PAYMENT_STRIPE_WEBHOOKSECRET");
        var complete = of(Map.of(
                PREFIX + ".provider", "stripe",
                PREFIX + ".stripe.key", "sk_test_1",
                PREFIX + ".stripe.webhook-secret", "whsec_1"));
        assertThat(complete.toString()).contains("STRIPE", "api.stripe.com").doesNotContain("sk_test_1", "whsec_1");
    }

    @Test
    void theSandboxNeedsNothing() {
        assertThat(of(Map.of()).provider()).isEqualTo(PaymentProperties.Provider.SANDBOX);
    }

    @Test
    void numbersHaveBounds() {
        assertRefused(Map.of(PREFIX + ".deadline", "10ms"), "50ms to 1m");
        assertRefused(Map.of(PREFIX + ".deadline", "2m"), "50ms to 1m");
        assertRefused(Map.of(PREFIX + ".concurrent-max", "0"), "at least 1");
    }
}
