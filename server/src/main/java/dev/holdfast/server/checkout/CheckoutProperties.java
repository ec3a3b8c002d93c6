package dev.holdfast.server.checkout;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How checkouts are gone on with.
 *
 * @param takenUpAfter of silence, 100 ms to 10 min: then another node goes on. Shorter than a step takes, two nodes do the same step; it
 *     has its effect once
 */
@ConfigurationProperties("holdfast.checkout")
public record CheckoutProperties(@DefaultValue("15s") Duration takenUpAfter) {
    private static final Duration MIN = Duration.ofMillis(100);
    private static final Duration MAX = Duration.ofMinutes(10);

    public CheckoutProperties {
        if (takenUpAfter.compareTo(MIN) < 0 || takenUpAfter.compareTo(MAX) > 0) {
            throw new IllegalArgumentException("holdfast.checkout.taken-up-after has to be 100ms to 10m");
        }
    }
}
