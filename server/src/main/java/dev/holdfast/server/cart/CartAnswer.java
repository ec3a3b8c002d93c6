package dev.holdfast.server.cart;

import dev.holdfast.engine.Sku;
import dev.holdfast.server.api.Money;
import dev.holdfast.server.api.Problem;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What became of a request for a cart. */
sealed interface CartAnswer {
    /**
     * The cart as it is then.
     *
     * @param prices of now; what has none is not in it
     * @param heldUntil null: its units are not held
     * @param replayed whether the request had been carried out before
     */
    record Seen(Cart cart, Map<Sku, Money> prices, @Nullable Instant heldUntil, boolean replayed)
            implements CartAnswer {
        Seen again() {
            return new Seen(cart, prices, heldUntil, true);
        }

        @Nullable
        Money price(CartLine line) {
            return prices.get(line.stock().sku());
        }
    }

    /** Nothing was changed. */
    record Refused(Problem problem) implements CartAnswer {}
}
