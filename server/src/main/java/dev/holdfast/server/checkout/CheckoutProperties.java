package dev.holdfast.server.checkout;

import dev.holdfast.engine.Command;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How checkouts are gone on with.
 *
 * @param takenUpAfter of silence, 100 ms to 10 min: then another node goes on. Shorter than a step takes, two nodes do the same step; it
 *     has its effect once
 * @param holdTtl how long the units are held, from the beginning of a checkout; whole seconds, to {@link Command#TTL_MAX}. A cart's hold that
 *     has half of it left stays as it is
 */
@ConfigurationProperties("holdfast.checkout")
public record CheckoutProperties(
        @DefaultValue("15s") Duration takenUpAfter,
        @DefaultValue("10m") Duration holdTtl) {
    private static final Duration MIN = Duration.ofMillis(100);
    private static final Duration MAX = Duration.ofMinutes(10);
    private static final Duration TTL_MIN = Duration.ofSeconds(1);

    public CheckoutProperties {
        if (takenUpAfter.compareTo(MIN) < 0 || takenUpAfter.compareTo(MAX) > 0) {
            throw new IllegalArgumentException("holdfast.checkout.taken-up-after has to be 100ms to 10m");
        }
        if (holdTtl.compareTo(TTL_MIN) < 0 || holdTtl.compareTo(Command.TTL_MAX) > 0 || holdTtl.toNanosPart() != 0) {
            throw new IllegalArgumentException("holdfast.checkout.hold-ttl has to be whole seconds, 1s to 1d");
        }
    }
}
