package dev.holdfast.server.checkout;

import dev.holdfast.engine.Line;
import dev.holdfast.engine.Quantity;
import dev.holdfast.engine.StockKey;
import dev.holdfast.server.api.Money;
import dev.holdfast.server.order.Orders.NewLine;
import dev.holdfast.server.order.Orders.NewOrder;
import dev.holdfast.server.order.Orders.Payment;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A checkout as its row has it.
 *
 * @param id the idempotency key's; that of its payment and its order too, and of its first hold unless that is a cart's
 * @param version the fence: who decides something decides it about this version
 * @param endsAs how it will have ended when it is undone; null as long as it goes forward
 * @param holdId the hold that is to be confirmed; it was placed before it was written here
 * @param heldAgain whether that is not the first one
 * @param cart whose lines these are; null: it was begun with lines
 * @param method how it is paid: the provider's token; empty if it costs nothing, or has ended
 * @param tries how often it was taken up
 */
record Checkout(
        UUID id,
        long version,
        State state,
        @Nullable State endsAs,
        @Nullable String reason,
        long requestHash,
        Instant placedAt,
        UUID holdId,
        Instant holdUntil,
        boolean heldAgain,
        @Nullable CartAt cart,
        Money amount,
        String method,
        String buyer,
        @Nullable String channel,
        @Nullable String reference,
        List<Item> lines,
        @Nullable Action action,
        int tries) {
    /** A cart, and the version of its lines. */
    record CartAt(UUID id, long version) {}

    /** One stock of it, and what one unit costs. */
    record Item(String sku, String location, long quantity, long unitPriceMinor) {
        static Item of(StockKey stock, long quantity, Money unitPrice) {
            return new Item(stock.sku().value(), stock.location().value(), quantity, unitPrice.amountMinor());
        }

        StockKey stock() {
            return StockKey.of(sku, location);
        }
    }

    /** What the buyer has to do: as in {@link dev.holdfast.server.payment.Payment.RequiresAction}. */
    record Action(@Nullable String url, @Nullable String clientSecret) {
        /** The secret stays out of logs. */
        @Override
        public String toString() {
            return "Action[url=" + url + "]";
        }
    }

    boolean isUndoing() {
        return state == State.UNDOING;
    }

    /** Whether money goes back whose units are allocated: then it cannot be completed any more. */
    boolean isRefunding() {
        return endsAs == State.REFUNDED;
    }

    /** Then nobody is asked for money. */
    boolean isFree() {
        return amount.amountMinor() == 0;
    }

    /** The way it pays stays out of logs. */
    @Override
    public String toString() {
        return "Checkout[id=" + id + ", version=" + version + ", state=" + state + "]";
    }

    List<Line> stocks() {
        return lines.stream().map(item -> new Line(item.stock(), item.quantity)).toList();
    }

    NewOrder order() {
        List<NewLine> ordered = lines.stream()
                .map(item -> new NewLine(
                        item.stock(), Quantity.of(item.quantity), new Money(item.unitPriceMinor, amount.currency())))
                .toList();
        return new NewOrder(id, holdId, buyer, channel, ordered, new Payment(id.toString(), amount));
    }

    Checkout waitingFor(Action wanted) {
        return with(State.WAITING_FOR_BUYER, null, null, wanted);
    }

    Checkout pending() {
        return with(State.PENDING, null, null, null);
    }

    Checkout heldBy(UUID hold, Instant until) {
        return with(State.PENDING, null, null, hold, until, true, null);
    }

    Checkout undoing(State end, @Nullable String why) {
        return with(State.UNDOING, end, why, null);
    }

    Checkout ended(State end, @Nullable String why) {
        return with(end, null, why, null);
    }

    private Checkout with(State next, @Nullable State end, @Nullable String why, @Nullable Action wanted) {
        return with(next, end, why, holdId, holdUntil, heldAgain, wanted);
    }

    private Checkout with(
            State next,
            @Nullable State end,
            @Nullable String why,
            UUID hold,
            Instant until,
            boolean again,
            @Nullable Action wanted) {
        return new Checkout(
                id,
                version + 1,
                next,
                end,
                why,
                requestHash,
                placedAt,
                hold,
                until,
                again,
                cart,
                amount,
                method,
                buyer,
                channel,
                reference,
                lines,
                wanted,
                tries);
    }
}
