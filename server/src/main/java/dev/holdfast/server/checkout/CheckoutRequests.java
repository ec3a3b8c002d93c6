package dev.holdfast.server.checkout;

import dev.holdfast.engine.Command;
import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.engine.Line;
import dev.holdfast.engine.StockKey;
import dev.holdfast.server.api.Body;
import dev.holdfast.server.api.Caller;
import dev.holdfast.server.checkout.Goods.Lines;
import dev.holdfast.server.checkout.Goods.OfCart;
import dev.holdfast.server.checkout.Goods.OfHold;
import dev.holdfast.server.order.Orders;
import dev.holdfast.server.payment.Authorization;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Size;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The bodies of this feature, from JSON to what is wanted. The records only describe them for {@code /v3/api-docs}; a test holds both
 * together.
 */
final class CheckoutRequests {
    @Schema(name = "CheckoutLineRequest")
    record LineBody(
            @Schema(example = "TSHIRT-M", requiredMode = Schema.RequiredMode.REQUIRED) @Size(min = 1, max = 100)
            String sku,

            @Schema(example = "main", defaultValue = "main") @Size(min = 1, max = 100) @Nullable
            String location,

            @Schema(example = "2", requiredMode = Schema.RequiredMode.REQUIRED) @Min(1) @Max(1_000_000_000)
            long quantity) {}

    @Schema(name = "CheckoutRequest")
    record CheckoutBody(
            @Schema(description = "A stock once; these, `cartId` or `holdId`")
            @Size(min = 1, max = Line.LINES_MAX)
            @Nullable
            List<LineBody> lines,

            @Schema(description = "What is in this cart, with the hold it has") @Nullable
            UUID cartId,

            @Schema(description = "What this hold has, such as one of seats: instead of lines and `cartId`") @Nullable
            UUID holdId,

            @Schema(description = "Refuse with 412 unless this is the version of the cart's lines", example = "3")
            @Min(1)
            @Nullable
            Long cartVersion,

            @Schema(
                    description =
                            "The payment provider's token for how the buyer pays; never a card number. Not needed for what"
                                    + " costs nothing",
                    example = "tok_approve")
            @Size(min = 1, max = Authorization.METHOD_LENGTH_MAX)
            @Nullable
            String payment,

            @Schema(defaultValue = Caller.ANONYMOUS) @Size(min = 1, max = Orders.NAME_MAX) @Nullable
            String buyer,

            @Schema(description = "Of lines; a cart or hold has its own", example = "web")
            @Size(min = 1, max = Command.CHANNEL_LENGTH_MAX)
            @Nullable
            String channel,

            @Schema(example = "cart-4711") @Size(max = Command.NOTE_LENGTH_MAX) @Nullable
            String reference) {}

    private CheckoutRequests() {}

    static Wanted wanted(IdempotencyKey key, Body body) {
        UUID cart = body.optionalId("cartId");
        UUID hold = body.optionalId("holdId");
        Long version = body.optionalNumber("cartVersion", 1, Long.MAX_VALUE);
        String channel = body.optionalWords("channel", Command.CHANNEL_LENGTH_MAX);
        List<Line> lines = cart == null && hold == null
                ? body.list("lines", Line.LINES_MAX, CheckoutRequests::line)
                : body.listIfAny("lines", Line.LINES_MAX, CheckoutRequests::line);
        refuseMixed(body, cart, hold, version, lines, channel);
        Goods goods =
                hold != null ? new OfHold(hold) : cart != null ? new OfCart(cart, version) : new Lines(lines, channel);
        String method = body.optionalWords("payment", Authorization.METHOD_LENGTH_MAX);
        String buyer = body.optionalWords("buyer", Orders.NAME_MAX);
        String reference = body.optionalText("reference", Command.NOTE_LENGTH_MAX);
        return body.finish(() -> new Wanted(key, goods, method, buyer == null ? Caller.ANONYMOUS : buyer, reference));
    }

    private static Line line(Body line) {
        return new Line(new StockKey(line.sku("sku"), line.location("location")), line.quantity("quantity"));
    }

    private static void refuseMixed(
            Body body,
            @Nullable UUID cart,
            @Nullable UUID hold,
            @Nullable Long version,
            List<Line> lines,
            @Nullable String channel) {
        if (cart != null && hold != null) {
            body.wrong("holdId", "or cartId must be there, not both");
        }
        if (cart == null && version != null) {
            body.wrong("cartVersion", "is of no cart");
        }
        String owner = cart != null ? "the cart's" : hold != null ? "the hold's" : null;
        if (owner != null && !lines.isEmpty()) {
            body.wrong("lines", "are " + owner);
        }
        if (owner != null && channel != null) {
            body.wrong("channel", "is " + owner);
        }
        Set<StockKey> stocks = new HashSet<>();
        for (int i = 0; i < lines.size(); i++) {
            if (!stocks.add(lines.get(i).stock())) {
                body.wrong("lines[" + i + "]", "must not be there twice");
            }
        }
    }
}
