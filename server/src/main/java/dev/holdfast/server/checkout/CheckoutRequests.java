package dev.holdfast.server.checkout;

import dev.holdfast.engine.Command;
import dev.holdfast.engine.Hold;
import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.engine.Line;
import dev.holdfast.engine.Sku;
import dev.holdfast.engine.StockKey;
import dev.holdfast.server.api.Body;
import dev.holdfast.server.api.Caller;
import dev.holdfast.server.api.Digest;
import dev.holdfast.server.api.ErrorCode;
import dev.holdfast.server.api.Money;
import dev.holdfast.server.api.Problem;
import dev.holdfast.server.checkout.Checkout.Item;
import dev.holdfast.server.order.Orders;
import dev.holdfast.server.payment.Authorization;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Size;
import java.math.BigInteger;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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
            @Schema(description = "A stock once", requiredMode = Schema.RequiredMode.REQUIRED)
            @Size(min = 1, max = Line.LINES_MAX)
            List<LineBody> lines,

            @Schema(
                    description = "The payment provider's token for how the buyer pays; never a card number",
                    example = "tok_approve",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            @Size(min = 1, max = Authorization.METHOD_LENGTH_MAX)
            String payment,

            @Schema(defaultValue = Caller.ANONYMOUS) @Size(min = 1, max = Orders.NAME_MAX) @Nullable
            String buyer,

            @Schema(example = "web") @Size(max = Command.CHANNEL_LENGTH_MAX) @Nullable
            String channel,

            @Schema(example = "cart-4711") @Size(max = Command.NOTE_LENGTH_MAX) @Nullable
            String reference) {}

    /** What somebody wants to buy, and how he pays. */
    record Wanted(
            IdempotencyKey key,
            List<Line> lines,
            String method,
            String buyer,
            @Nullable String channel,
            @Nullable String reference) {
        /** What a retry has to repeat. */
        private record Content(
                List<Line> lines,
                String method,
                String buyer,
                @Nullable String channel,
                @Nullable String reference) {}

        long hash() {
            return Digest.of(new Content(lines, method, buyer, channel, reference));
        }

        /** The "no" to selling it at these prices; null if there is none. */
        @Nullable
        Problem unpriced(Map<Sku, Money> prices) {
            List<String> without = lines.stream()
                    .map(line -> line.stock().sku())
                    .filter(sku -> !prices.containsKey(sku))
                    .map(Sku::value)
                    .distinct()
                    .toList();
            if (!without.isEmpty()) {
                return Problem.of(ErrorCode.NOT_FOR_SALE, "There is no price for " + String.join(", ", without));
            }
            if (prices.values().stream().map(Money::currency).distinct().count() > 1) {
                return Problem.invalid("lines", "must be of prices in one currency");
            }
            BigInteger total = lines.stream()
                    .map(line -> BigInteger.valueOf(line.units())
                            .multiply(BigInteger.valueOf(price(prices, line).amountMinor())))
                    .reduce(BigInteger.ZERO, BigInteger::add);
            return total.signum() > 0 && total.compareTo(BigInteger.valueOf(Money.AMOUNT_MINOR_MAX)) <= 0
                    ? null
                    : Problem.invalid("lines", "must cost 1 to " + Money.AMOUNT_MINOR_MAX + " together");
        }

        Checkout checkout(Hold hold, Map<Sku, Money> prices, Instant now) {
            List<Item> items = hold.lines().stream()
                    .map(line -> new Item(
                            line.stock().sku().value(),
                            line.stock().location().value(),
                            line.units(),
                            price(prices, line).amountMinor()))
                    .toList();
            var total = new Money(
                    items.stream()
                            .mapToLong(item -> item.quantity() * item.unitPriceMinor())
                            .sum(),
                    prices.values().iterator().next().currency());
            return new Checkout(
                    key.id(),
                    1,
                    State.PENDING,
                    null,
                    null,
                    hash(),
                    now,
                    hold.id(),
                    hold.expiresAt(),
                    total,
                    method,
                    buyer,
                    channel,
                    reference,
                    items,
                    null,
                    0);
        }

        private static Money price(Map<Sku, Money> prices, Line line) {
            return Objects.requireNonNull(prices.get(line.stock().sku()));
        }
    }

    private CheckoutRequests() {}

    static Wanted wanted(IdempotencyKey key, Body body) {
        List<Line> lines = body.list(
                "lines",
                Line.LINES_MAX,
                line -> new Line(new StockKey(line.sku("sku"), line.location("location")), line.quantity("quantity")));
        Set<StockKey> stocks = new HashSet<>();
        for (int i = 0; i < lines.size(); i++) {
            if (!stocks.add(lines.get(i).stock())) {
                body.wrong("lines[" + i + "]", "must not be there twice");
            }
        }
        String method = body.text("payment", Authorization.METHOD_LENGTH_MAX);
        String buyer = body.optionalText("buyer", Orders.NAME_MAX);
        if (buyer != null && buyer.isBlank()) {
            body.wrong("buyer", "must not be blank");
        }
        String channel = body.optionalText("channel", Command.CHANNEL_LENGTH_MAX);
        String reference = body.optionalText("reference", Command.NOTE_LENGTH_MAX);
        return body.finish(
                () -> new Wanted(key, lines, method, buyer == null ? Caller.ANONYMOUS : buyer, channel, reference));
    }
}
