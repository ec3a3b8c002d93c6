package dev.holdfast.server.cart;

import dev.holdfast.engine.Line;
import dev.holdfast.engine.Sku;
import dev.holdfast.server.api.Money;
import dev.holdfast.server.api.Problem;
import dev.holdfast.server.api.Refusals;
import dev.holdfast.server.api.Versions;
import dev.holdfast.server.cart.CartAnswer.Seen;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

import static dev.holdfast.server.api.ErrorCode.EMPTY_CART;
import static dev.holdfast.server.api.ErrorCode.HOLD_CONFIRMED;
import static dev.holdfast.server.api.ErrorCode.OVERLOADED;
import static dev.holdfast.server.api.ErrorCode.UNKNOWN_CART;
import static dev.holdfast.server.api.ErrorCode.VERSION_CHANGED;

/** What a cart may not be, and why; null where nothing is wrong. */
final class CartRules {
    private CartRules() {}

    static Problem unknown(UUID id) {
        return Problem.of(UNKNOWN_CART, "No cart has the id " + id + "; it was bought, has expired, or never was");
    }

    /** Its hold belongs to an order, which is about to take the cart away. */
    static Problem bought(UUID id) {
        return Problem.of(HOLD_CONFIRMED, "The units of cart " + id + " belong to an order now");
    }

    static Problem busy() {
        return Problem.of(OVERLOADED, "Many others are at this cart; nothing was done for this request");
    }

    static @Nullable Problem stale(Cart cart, @Nullable Long expectedVersion) {
        return expectedVersion == null || expectedVersion == cart.version()
                ? null
                : Problem.of(
                                VERSION_CHANGED,
                                "The cart is at version " + cart.version() + " now; look at it again and decide again")
                        .with("currentVersion", cart.version())
                        .withHeader(Versions.ETAG, Versions.etag(cart.version()));
    }

    static @Nullable Problem tooLong(List<CartLine> lines) {
        return lines.size() <= Line.LINES_MAX
                ? null
                : Problem.invalid("lines", "must be at most " + Line.LINES_MAX + " in a cart");
    }

    static @Nullable Problem currencies(List<CartLine> lines, Map<Sku, Money> prices) {
        return Refusals.mixedCurrencies(lines.stream()
                .map(line -> prices.get(line.stock().sku()))
                .filter(Objects::nonNull)
                .toList());
    }

    /** What stands against paying for it, but the stock. */
    static @Nullable Problem payable(Seen seen) {
        List<CartLine> lines = seen.cart().lines();
        if (lines.isEmpty()) {
            return Problem.of(
                    EMPTY_CART, "There is nothing in cart " + seen.cart().id());
        }
        List<String> unpriced = lines.stream()
                .filter(line -> seen.price(line) == null)
                .map(CartLine::sku)
                .distinct()
                .toList();
        return unpriced.isEmpty() ? currencies(lines, seen.prices()) : Refusals.noPrice(unpriced);
    }
}
