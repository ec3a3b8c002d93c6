package dev.holdfast.server.checkout;

import dev.holdfast.server.api.Money;
import dev.holdfast.server.checkout.Checkout.Action;
import dev.holdfast.server.checkout.Checkout.CartAt;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

@Schema(name = "Checkout", description = "From lines and a way to pay to a paid order")
record CheckoutView(
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) UUID id,
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) State state,

        @Schema(
                types = {"string", "null"},
                description = "Why no order comes of it",
                example = "insufficient-funds")
        @Nullable
        String reason,

        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) Instant placedAt,

        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) Money total,

        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) List<LineView> lines,

        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) String buyer,

        @Schema(types = {"string", "null"}) @Nullable UUID cartId,
        @Schema(types = {"string", "null"}) @Nullable String channel,
        @Schema(types = {"string", "null"}) @Nullable String reference,

        @Schema(
                types = {"string", "null"},
                description = "The units are held until then; null when it has ended")
        @Nullable
        Instant heldUntil,

        @Schema(
                types = {"string", "null"},
                description = "The order that came of it")
        @Nullable
        UUID orderId,

        @Schema(
                types = {"string", "null"},
                description = "Where the buyer does what the payment requires")
        @Nullable
        String actionUrl,

        @Schema(
                types = {"string", "null"},
                description = "What the provider's own code needs for that in the browser")
        @Nullable
        String clientSecret) {
    @Schema(name = "CheckoutLine")
    record LineView(
            @Schema(example = "TSHIRT-M", requiredMode = Schema.RequiredMode.REQUIRED)
            String sku,

            @Schema(example = "main", requiredMode = Schema.RequiredMode.REQUIRED)
            String location,

            @Schema(example = "2", requiredMode = Schema.RequiredMode.REQUIRED)
            long quantity,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            Money unitPrice) {}

    static CheckoutView of(Checkout checkout) {
        State state = checkout.state();
        Action action = checkout.action();
        CartAt cart = checkout.cart();
        return new CheckoutView(
                checkout.id(),
                state,
                checkout.reason(),
                checkout.placedAt(),
                checkout.amount(),
                checkout.lines().stream()
                        .map(item -> new LineView(
                                item.sku(),
                                item.location(),
                                item.quantity(),
                                new Money(
                                        item.unitPriceMinor(), checkout.amount().currency())))
                        .toList(),
                checkout.buyer(),
                cart == null ? null : cart.id(),
                checkout.channel(),
                checkout.reference(),
                state.isEnd() || checkout.isUndoing() ? null : checkout.holdUntil(),
                state == State.COMPLETED ? checkout.id() : null,
                action == null ? null : action.url(),
                action == null ? null : action.clientSecret());
    }
}
