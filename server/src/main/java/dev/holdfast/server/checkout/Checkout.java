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
 * @param id the idempotency key's; that of its first hold, its payment and its order too
 * @param version the fence: who decides something decides it about this version
 * @param endsAs how it will have ended when it is undone; null as long as it goes forward
 * @param holdId the hold that is to be confirmed; it was placed before it was written here
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
        Money amount,
        String method,
        String buyer,
        @Nullable String channel,
        @Nullable String reference,
        List<Item> lines,
        @Nullable Action action,
        int tries) {
    /** One stock of it, and what one unit costs. */
    record Item(String sku, String location, long quantity, long unitPriceMinor) {
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
        return with(State.WAITING_FOR_BUYER, null, null, holdId, holdUntil, wanted);
    }

    Checkout pending() {
        return with(State.PENDING, null, null, holdId, holdUntil, null);
    }

    Checkout heldBy(UUID hold, Instant until) {
        return with(State.PENDING, null, null, hold, until, null);
    }

    Checkout undoing(State end, @Nullable String why) {
        return with(State.UNDOING, end, why, holdId, holdUntil, null);
    }

    Checkout ended(State end, @Nullable String why) {
        return with(end, null, why, holdId, holdUntil, null);
    }

    private Checkout with(
            State next, @Nullable State end, @Nullable String why, UUID hold, Instant until, @Nullable Action wanted) {
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
