package dev.holdfast.server.cart;

import dev.holdfast.engine.Quantity;
import dev.holdfast.engine.StockKey;
import dev.holdfast.server.api.Money;
import dev.holdfast.server.api.Problem;
import dev.holdfast.server.cart.CartAnswer.Refused;
import dev.holdfast.server.cart.CartAnswer.Seen;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** What the checkout says to carts. Each call can be repeated. */
@Component
public final class Carts {
    /** What {@link #forCheckout} finds. */
    public sealed interface ForCheckout permits Ready, NotReady {}

    /**
     * A cart that can be paid for.
     *
     * @param version of its lines
     * @param lines of different stocks and in one currency; at least one
     * @param holdId of the live hold of exactly these lines. Whoever changes the cart ends it, so that it cannot be confirmed any more:
     *     to be extended and confirmed as it is, not superseded
     * @param heldUntil when it ends by itself
     */
    public record Ready(
            UUID cartId, long version, @Nullable String channel, List<ReadyLine> lines, UUID holdId, Instant heldUntil)
            implements ForCheckout {}

    /**
     * One line of it.
     *
     * @param unitPrice of now
     * @param unitPriceWhenAdded what the buyer has put in; null: it had no price then
     */
    public record ReadyLine(
            StockKey stock,
            Quantity quantity,
            Money unitPrice,
            @Nullable Money unitPriceWhenAdded) {
        /** Whether the buyer has to be told before they pay. */
        public boolean isPriceChanged() {
            return !unitPrice.equals(unitPriceWhenAdded);
        }
    }

    /** Nothing is held that was not before: {@code problem} says why, for the buyer. */
    public record NotReady(Problem problem) implements ForCheckout {}

    /** The other way round: what carts ask whoever sells them. */
    public interface Sales {
        /** Whether a cart of this id was ever bought. */
        boolean isSold(UUID cartId);
    }

    private final CartWrites writes;
    private final CartStore store;

    Carts(CartWrites writes, CartStore store) {
        this.writes = writes;
        this.store = store;
    }

    /**
     * The cart with a live hold: the one it has, else one that is placed now. The version stays, so that the call can be repeated with it.
     *
     * @param version that the buyer has seen; null: whatever it is
     */
    public ForCheckout forCheckout(UUID cartId, @Nullable Long version) {
        return switch (writes.hold(cartId, version)) {
            case Refused refused -> new NotReady(refused.problem());
            case Seen seen -> ready(seen);
        };
    }

    /** The cart was bought, and its hold is confirmed: it is gone. */
    public void done(UUID cartId) {
        store.delete(cartId);
    }

    /** The cart was not bought after all, though this hold of it was confirmed: it can be changed and checked out again. */
    public void notBought(UUID cartId, UUID holdId) {
        store.find(cartId).filter(cart -> cart.holdId().equals(holdId)).ifPresent(store::forgetHold);
    }

    private static Ready ready(Seen seen) {
        Cart cart = seen.cart();
        List<ReadyLine> lines = cart.lines().stream()
                .map(line -> new ReadyLine(
                        line.stock(),
                        Quantity.of(line.quantity()),
                        Objects.requireNonNull(seen.price(line)),
                        line.price()))
                .toList();
        Instant heldUntil = Objects.requireNonNull(seen.heldUntil());
        return new Ready(cart.id(), cart.version(), cart.channel(), lines, cart.holdId(), heldUntil);
    }
}
