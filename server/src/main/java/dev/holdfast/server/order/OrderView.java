package dev.holdfast.server.order;

import dev.holdfast.server.api.Money;
import dev.holdfast.server.order.Order.Refund;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

@Schema(name = "Order", description = "What somebody bought, and where it is now")
record OrderView(
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) UUID id,

        @Schema(
                description = "For If-Match; the number of its last event, the first is 1",
                requiredMode = Schema.RequiredMode.REQUIRED)
        long version,

        @Schema(
                description = "Where the least advanced of its units is, or how it ended",
                requiredMode = Schema.RequiredMode.REQUIRED)
        OrderState state,

        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) Instant placedAt,
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) Instant changedAt,

        @Schema(description = "Its units are allocated by this hold", requiredMode = Schema.RequiredMode.REQUIRED)
        UUID holdId,

        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) String buyer,

        @Schema(types = {"string", "null"}) @Nullable String channel,

        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) Money total,

        @Schema(
                types = {"string", "null"},
                description = "What it was paid with; null if it is not")
        @Nullable
        String payment,

        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) List<LineView> lines,

        @Schema(description = "Money that goes back", requiredMode = Schema.RequiredMode.REQUIRED)
        List<RefundView> refunds) {

    @Schema(name = "OrderLine", description = "Each unit is in one place; the six numbers add up to the quantity")
    record LineView(
            @Schema(example = "TSHIRT-M", requiredMode = Schema.RequiredMode.REQUIRED)
            String sku,

            @Schema(example = "main", requiredMode = Schema.RequiredMode.REQUIRED)
            String location,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            Money unitPrice,

            @Schema(description = "As ordered", example = "2", requiredMode = Schema.RequiredMode.REQUIRED)
            long quantity,

            @Schema(description = "On the shelf", requiredMode = Schema.RequiredMode.REQUIRED)
            long open,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            long packed,

            @Schema(description = "On the way", requiredMode = Schema.RequiredMode.REQUIRED)
            long shipped,

            @Schema(description = "With the buyer", requiredMode = Schema.RequiredMode.REQUIRED)
            long delivered,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            long cancelled,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            long returned) {
        static LineView of(OrderLine line, String currency) {
            return new LineView(
                    line.sku(),
                    line.location(),
                    new Money(line.unitPriceMinor(), currency),
                    line.quantity(),
                    line.open(),
                    line.packed(),
                    line.shipped(),
                    line.delivered(),
                    line.cancelled(),
                    line.returned());
        }
    }

    @Schema(name = "OrderRefund")
    record RefundView(
            @Schema(description = "Of the event that made it due", requiredMode = Schema.RequiredMode.REQUIRED)
            long number,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            Money amount,

            @Schema(
                    types = {"string", "null"},
                    format = "date-time",
                    description = "null as long as it is due")
            @Nullable
            Instant refundedAt) {
        static RefundView of(Refund refund, String currency) {
            return new RefundView(refund.number(), new Money(refund.amountMinor(), currency), refund.refundedAt());
        }
    }

    static OrderView of(Order order) {
        return new OrderView(
                order.id(),
                order.version(),
                order.state(),
                order.placedAt(),
                order.changedAt(),
                order.holdId(),
                order.buyer(),
                order.channel(),
                new Money(order.totalMinor(), order.currency()),
                order.payment(),
                order.lines().stream()
                        .map(line -> LineView.of(line, order.currency()))
                        .toList(),
                order.refunds().stream()
                        .map(refund -> RefundView.of(refund, order.currency()))
                        .toList());
    }
}
