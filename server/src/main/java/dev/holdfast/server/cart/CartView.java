package dev.holdfast.server.cart;

import dev.holdfast.engine.StockKey;
import dev.holdfast.server.api.Money;
import dev.holdfast.server.cart.CartAnswer.Seen;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

@Schema(name = "Cart", description = "What somebody is about to buy")
record CartView(
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) UUID id,

        @Schema(description = "Of its lines, for If-Match; the first is 1", requiredMode = Schema.RequiredMode.REQUIRED)
        long version,

        @Schema(
                types = {"string", "null"},
                example = "web")
        @Nullable
        String channel,

        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) List<CartLineView> lines,

        @Schema(description = "Until then all its units are the buyer's; null: nothing is held") @Nullable
        Instant heldUntil) {
    @Schema(name = "CartLine")
    record CartLineView(
            @Schema(example = "TSHIRT-M", requiredMode = Schema.RequiredMode.REQUIRED)
            String sku,

            @Schema(example = "main", requiredMode = Schema.RequiredMode.REQUIRED)
            String location,

            @Schema(example = "2", requiredMode = Schema.RequiredMode.REQUIRED)
            long quantity,

            @Schema(
                    description =
                            "Of one unit, now; null: the catalogue knows none, and the cart cannot be checked out")
            @Nullable
            Money price,

            @Schema(description = "What it was when the line was put in or last set") @Nullable
            Money priceWhenAdded,

            @Schema(description = "Whether these two differ", requiredMode = Schema.RequiredMode.REQUIRED)
            boolean priceChanged,

            @Schema(
                    description = "Units that could not be held now; 0 while they are held",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            long missing) {}

    /** @param available of the stocks of a cart that is not held; unknown ones are left out */
    static CartView of(Seen seen, Map<StockKey, Long> available) {
        Cart cart = seen.cart();
        List<CartLineView> lines = cart.lines().stream()
                .map(line -> line(
                        line,
                        seen.price(line),
                        seen.heldUntil() == null
                                ? Math.max(0, line.quantity() - available.getOrDefault(line.stock(), 0L))
                                : 0))
                .toList();
        return new CartView(cart.id(), cart.version(), cart.channel(), lines, seen.heldUntil());
    }

    private static CartLineView line(CartLine line, @Nullable Money price, long missing) {
        boolean isChanged = price == null ? line.price() != null : !price.equals(line.price());
        return new CartLineView(line.sku(), line.location(), line.quantity(), price, line.price(), isChanged, missing);
    }
}
