package dev.holdfast.server.order;

import dev.holdfast.server.api.Money;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * An order as its events have left it. Every rule of orders is here, in {@link OrderState} and in {@link OrderLine}; pure: no I/O, no
 * clock.
 *
 * <p>Money follows the units: whatever is cancelled or comes back of what is paid is due to the buyer, at the price it was sold at. Each
 * unit is cancelled or returned once at most, so no more is ever due than was paid.
 *
 * @param version the number of its last event; the first is 1
 * @param holdId of the confirmed hold that its units are allocated by
 * @param totalMinor of all that was ordered
 * @param payment the reference of what it was paid with; null if it is not
 */
record Order(
        UUID id,
        long version,
        OrderState state,
        Instant placedAt,
        Instant changedAt,
        UUID holdId,
        String buyer,
        @Nullable String channel,
        String currency,
        long totalMinor,
        @Nullable String payment,
        List<OrderLine> lines,
        List<Refund> refunds) {

    /**
     * Money that goes back.
     *
     * @param number of the event that made it due
     * @param refundedAt null as long as it is
     */
    record Refund(long number, long amountMinor, @Nullable Instant refundedAt) {
        boolean isDue() {
            return refundedAt == null;
        }
    }

    /** The answer to an act on units. */
    sealed interface Verdict {}

    /** @param parts what it is done to, where nothing was said: all it can be done to */
    record Allowed(Order after, List<Part> parts) implements Verdict {}

    /** @param lines those that ask for more than there is; empty if the state refuses it whatever the lines are */
    record Refused(OrderState state, List<Excess> lines) implements Verdict {}

    record Excess(String sku, String location, long requested, long possible) {
        @Override
        public String toString() {
            return sku + " at " + location + ": " + requested + " requested, " + possible + " possible";
        }
    }

    /** @throws IllegalArgumentException if the total is beyond {@link Money#AMOUNT_MINOR_MAX} */
    static Order placed(
            UUID id,
            UUID holdId,
            String buyer,
            @Nullable String channel,
            String currency,
            List<OrderLine> lines,
            Instant now) {
        long total = value(lines, OrderLine::quantity);
        if (total > Money.AMOUNT_MINOR_MAX) {
            throw new IllegalArgumentException("an order's total must be at most " + Money.AMOUNT_MINOR_MAX);
        }
        return new Order(
                id, 1, OrderState.PLACED, now, now, holdId, buyer, channel, currency, total, null, lines, List.of());
    }

    /** @param asked none: all that it can be done to */
    Verdict decide(Act act, List<Part> asked, Instant now) {
        if (state.after(act).isEmpty()) {
            return new Refused(state, List.of());
        }
        List<Part> parts = asked.isEmpty() ? all(act) : asked;
        List<Excess> excesses = parts.stream()
                .map(part -> new Excess(part.sku(), part.location(), part.quantity(), possible(act, part)))
                .filter(excess -> excess.requested > excess.possible)
                .toList();
        return parts.isEmpty() || !excesses.isEmpty()
                ? new Refused(state, excesses)
                : new Allowed(after(act, parts, now), parts);
    }

    private List<Part> all(Act act) {
        return lines.stream()
                .filter(line -> line.possible(act) > 0)
                .map(line -> Part.of(line, line.possible(act)))
                .toList();
    }

    private long possible(Act act, Part part) {
        return lines.stream()
                .filter(part::isOf)
                .mapToLong(line -> line.possible(act))
                .findAny()
                .orElse(0);
    }

    private Order after(Act act, List<Part> parts, Instant now) {
        List<OrderLine> moved = lines.stream()
                .map(line -> parts.stream()
                        .filter(part -> part.isOf(line))
                        .findAny()
                        .map(part -> line.after(act, part.quantity()))
                        .orElse(line))
                .toList();
        boolean isBack = act == Act.CANCEL || act == Act.RETURN;
        long value = isBack && payment != null ? gone(moved) - gone(lines) : 0;
        return next(act, payment, moved, withDue(value), now);
    }

    /**
     * Paid in full; what was cancelled before goes back.
     *
     * @throws IllegalStateException if it is paid
     */
    Order paid(String reference, Instant now) {
        if (payment != null) {
            throw new IllegalStateException("order " + id + " is paid by " + payment + " and now by " + reference);
        }
        return next(Act.PAY, reference, lines, withDue(gone(lines)), now);
    }

    /** Has paid back what its event of this number made due, which must be due. */
    Order refunded(long number, Instant now) {
        List<Refund> settled = refunds.stream()
                .map(refund -> refund.number == number ? new Refund(number, refund.amountMinor, now) : refund)
                .toList();
        return next(Act.REFUND, payment, lines, settled, now);
    }

    long refundDueMinor() {
        return refunds.stream()
                .filter(Refund::isDue)
                .mapToLong(Refund::amountMinor)
                .sum();
    }

    /** What its last event made due; 0: nothing. */
    long lastDueMinor() {
        return refunds.isEmpty() || refunds.getLast().number != version ? 0 : refunds.getLast().amountMinor;
    }

    /** What changes with time, by name. */
    Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("state", state);
        fields.put("refundDueMinor", refundDueMinor());
        for (OrderLine line : lines) {
            String path = "lines[" + line.sku() + "@" + line.location() + "].";
            fields.put(path + "open", line.open());
            fields.put(path + "packed", line.packed());
            fields.put(path + "shipped", line.shipped());
            fields.put(path + "delivered", line.delivered());
            fields.put(path + "cancelled", line.cancelled());
            fields.put(path + "returned", line.returned());
        }
        return fields;
    }

    private Order next(
            Act act, @Nullable String nextPayment, List<OrderLine> moved, List<Refund> nextRefunds, Instant now) {
        var next = new Order(
                id,
                version + 1,
                state,
                placedAt,
                now,
                holdId,
                buyer,
                channel,
                currency,
                totalMinor,
                nextPayment,
                moved,
                nextRefunds);
        OrderState follows = next.following();
        if (!state.after(act).contains(follows)) {
            throw new IllegalStateException(
                    "order " + id + " cannot become " + follows + " from " + state + " by " + act);
        }
        return new Order(
                id,
                version + 1,
                follows,
                placedAt,
                now,
                holdId,
                buyer,
                channel,
                currency,
                totalMinor,
                nextPayment,
                moved,
                nextRefunds);
    }

    private OrderState following() {
        if (has(OrderLine::open)) {
            return payment == null ? OrderState.PLACED : OrderState.PAID;
        }
        if (has(OrderLine::packed)) {
            return OrderState.PACKED;
        }
        if (has(OrderLine::shipped)) {
            return OrderState.SHIPPED;
        }
        if (has(OrderLine::delivered)) {
            return OrderState.DELIVERED;
        }
        if (refundDueMinor() > 0) {
            return OrderState.REFUND_PENDING;
        }
        if (has(OrderLine::returned)) {
            return OrderState.RETURNED;
        }
        return refunds.isEmpty() ? OrderState.CANCELLED : OrderState.REFUNDED;
    }

    private boolean has(ToLongFunction<OrderLine> units) {
        return lines.stream().anyMatch(line -> units.applyAsLong(line) > 0);
    }

    private List<Refund> withDue(long amountMinor) {
        if (amountMinor == 0) {
            return refunds;
        }
        List<Refund> more = new ArrayList<>(refunds);
        more.add(new Refund(version + 1, amountMinor, null));
        return List.copyOf(more);
    }

    /** What the units that were cancelled or returned were sold for. */
    private static long gone(List<OrderLine> lines) {
        return value(lines, line -> line.cancelled() + line.returned());
    }

    private static long value(List<OrderLine> lines, ToLongFunction<OrderLine> units) {
        long value = 0;
        for (OrderLine line : lines) {
            value = Math.addExact(value, Math.multiplyExact(line.unitPriceMinor(), units.applyAsLong(line)));
        }
        return value;
    }
}
