package dev.holdfast.server.cart;

import dev.holdfast.engine.Command;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * When a cart's units are held, and how long cart and hold live.
 *
 * @param hold when
 * @param holdTtl of the hold, whole seconds, 1 s to a day
 * @param ttl of the cart from its last change on, {@code holdTtl} to ten years: no hold that it places outlives it
 */
@ConfigurationProperties("holdfast.cart")
public record CartProperties(
        @DefaultValue("on-checkout") When hold,
        @DefaultValue("10m") Duration holdTtl,
        @DefaultValue("30d") Duration ttl) {
    /** With each change of the cart, or when it is checked out. */
    public enum When {
        ON_ADD,
        ON_CHECKOUT
    }

    private static final Duration HOLD_TTL_MIN = Duration.ofSeconds(1);
    private static final Duration TTL_MAX = Duration.ofDays(3_650);

    public CartProperties {
        if (holdTtl.compareTo(HOLD_TTL_MIN) < 0
                || holdTtl.compareTo(Command.TTL_MAX) > 0
                || holdTtl.toNanosPart() != 0) {
            throw new IllegalArgumentException("holdfast.cart.hold-ttl has to be whole seconds, 1s to 1d");
        }
        if (ttl.compareTo(holdTtl) < 0 || ttl.compareTo(TTL_MAX) > 0) {
            throw new IllegalArgumentException("holdfast.cart.ttl has to be holdfast.cart.hold-ttl to 3650d");
        }
    }
}
