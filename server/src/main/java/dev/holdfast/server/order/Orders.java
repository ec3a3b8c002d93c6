package dev.holdfast.server.order;

import dev.holdfast.engine.Line;
import dev.holdfast.engine.Quantity;
import dev.holdfast.engine.StockKey;
import dev.holdfast.server.api.Caller;
import dev.holdfast.server.api.Money;
import dev.holdfast.server.order.Order.Refund;
import dev.holdfast.server.order.OrderStore.NewRow;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.DependsOn;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * What the checkout says to orders. Each call joins the caller's transaction, if there is one, and can be repeated: what was said before
 * changes nothing.
 */
@Component
@DependsOn(OrderSchema.NAME)
public final class Orders {
    /**
     * An order to be placed.
     *
     * @param id whoever places it has chosen it: the checkout's
     * @param holdId of the hold that its units are allocated by: it must be confirmed, nothing of it may have expired, and it must
     *     have these units for this order alone
     * @param buyer a name of theirs, 1 to {@link #NAME_MAX} characters
     * @param lines 1 to {@link Line#LINES_MAX}, of different stocks and in one currency
     * @param payment what it is paid with, for an order that is paid when it is placed; null: see {@link #paid}
     */
    public record NewOrder(
            UUID id,
            UUID holdId,
            String buyer,
            @Nullable String channel,
            List<NewLine> lines,
            @Nullable Payment payment) {
        public NewOrder {
            lines = List.copyOf(lines);
            if (buyer.isBlank() || buyer.length() > NAME_MAX) {
                throw new IllegalArgumentException("buyer must have 1 to " + NAME_MAX + " characters");
            }
            if (lines.isEmpty() || lines.size() > Line.LINES_MAX) {
                throw new IllegalArgumentException("lines must be 1 to " + Line.LINES_MAX);
            }
            if (lines.stream().map(NewLine::stock).distinct().count() < lines.size()) {
                throw new IllegalArgumentException("lines must be of different stocks");
            }
            String currency = lines.getFirst().unitPrice.currency();
            if (lines.stream().anyMatch(line -> !line.unitPrice.currency().equals(currency))) {
                throw new IllegalArgumentException("lines must be in one currency");
            }
        }

        private Order placed(Instant now) {
            String currency = lines.getFirst().unitPrice.currency();
            List<OrderLine> placed = lines.stream()
                    .map(line -> OrderLine.of(line.stock, line.quantity.units(), line.unitPrice.amountMinor()))
                    .toList();
            return Order.placed(id, holdId, buyer, channel, currency, placed, now);
        }
    }

    /**
     * One line of it.
     *
     * @param unitPrice what one unit is sold for
     */
    public record NewLine(StockKey stock, Quantity quantity, Money unitPrice) {}

    /**
     * Money that was taken.
     *
     * @param reference by which the payment is known; one payment has one
     */
    public record Payment(String reference, Money amount) {}

    /**
     * Money that has to go back.
     *
     * @param number of the order's event that made it due
     * @param payment the reference of what it was paid with
     * @param refundedBefore what has gone back of this order so far
     * @param tries how often it was put off
     */
    public record RefundDue(UUID orderId, long number, String payment, Money amount, Money refundedBefore, int tries) {
        /** The name of this refund, for whoever pays it back: the same each time. */
        public String key() {
            return orderId + "/" + number;
        }
    }

    public static final int NAME_MAX = 255;

    private final OrderStore store;
    private final TransactionTemplate transaction;
    private final Clock clock;

    Orders(OrderStore store, TransactionTemplate transaction, Clock clock) {
        this.store = store;
        this.transaction = transaction;
        this.clock = clock;
    }

    /**
     * Places an order; with its payment it is paid too. One statement.
     *
     * @return false if it had been placed before
     * @throws IllegalArgumentException if another order has the id, the total is beyond {@link Money#AMOUNT_MINOR_MAX}, or the payment is
     *     not what it costs
     */
    public boolean place(NewOrder wanted, Caller caller) {
        return placeAll(List.of(wanted), caller).getFirst();
    }

    /** As {@link #place} each, in one round trip. */
    public List<Boolean> placeAll(List<NewOrder> wanted, Caller caller) {
        List<NewRow> rows = wanted.stream().map(order -> row(order, caller)).toList();
        List<Boolean> inserted = store.insertAll(rows);
        for (int i = 0; i < rows.size(); i++) {
            if (!inserted.get(i)) {
                placedBefore(wanted.get(i), caller);
            }
        }
        return inserted;
    }

    private NewRow row(NewOrder wanted, Caller caller) {
        Order placed = wanted.placed(now());
        OrderEvent event = OrderEvent.placed(placed, caller);
        if (wanted.payment == null) {
            return new NewRow(placed, List.of(event));
        }
        Order paid = paid(placed, wanted.payment);
        return new NewRow(paid, List.of(event, OrderEvent.paid(paid, caller)));
    }

    private void placedBefore(NewOrder wanted, Caller caller) {
        Order known = store.find(wanted.id).orElseThrow();
        if (!isSame(known, wanted.placed(now()))) {
            throw new IllegalArgumentException("another order has the id " + wanted.id);
        }
        if (wanted.payment != null) {
            var _ = paid(wanted.id, wanted.payment, caller);
        }
    }

    /**
     * Says that an order is paid. Two statements.
     *
     * @return false if nothing of the order is left: cancelled before it was paid, this money is due to go back
     * @throws IllegalArgumentException if there is no such order, or this is not what it costs
     * @throws IllegalStateException if it is paid by another payment
     */
    public boolean paid(UUID id, Payment payment, Caller caller) {
        return transacted(() -> {
            var stored = store.lock(id).orElseThrow(() -> new IllegalArgumentException("no order has the id " + id));
            Order order = stored.order();
            if (payment.reference.equals(order.payment())) {
                return !order.state().isOver();
            }
            Order paid = paid(order, payment);
            store.update(paid, OrderEvent.paid(paid, caller), true);
            return !paid.state().isOver();
        });
    }

    /**
     * Money that is due to go back now, the first refund of each order: the others are due when it is paid. Whoever has paid it back says
     * so: {@link #refunded}; who could not: {@link #putOff}.
     */
    public List<RefundDue> refundsDue(int ordersMax) {
        return store.withRefundsDue(ordersMax).stream().map(Orders::firstDue).toList();
    }

    private static RefundDue firstDue(OrderStore.RefundTry attempt) {
        Order order = attempt.order();
        Refund due = order.refunds().stream().filter(Refund::isDue).findFirst().orElseThrow();
        long before = order.refunds().stream()
                .filter(refund -> !refund.isDue())
                .mapToLong(Refund::amountMinor)
                .sum();
        return new RefundDue(
                order.id(),
                due.number(),
                Objects.requireNonNull(order.payment()),
                new Money(due.amountMinor(), order.currency()),
                new Money(before, order.currency()),
                attempt.tries());
    }

    /** Says that money could not go back now: it is due again after that, or when the order changes. Of two who say it one is heard. */
    public void putOff(RefundDue due, Duration pause) {
        store.putOffRefund(due.orderId, due.tries, pause);
    }

    /**
     * Says that money went back.
     *
     * @param number as in {@link RefundDue}
     * @throws IllegalArgumentException if nothing was ever due by that
     */
    public void refunded(UUID id, long number, Caller caller) {
        var _ = transacted(() -> {
            Order order = store.lock(id)
                    .map(OrderStore.Stored::order)
                    .orElseThrow(() -> new IllegalArgumentException("no order has the id " + id));
            Refund refund = order.refunds().stream()
                    .filter(one -> one.number() == number)
                    .findAny()
                    .orElseThrow(() -> new IllegalArgumentException("order " + id + " has no refund " + number));
            if (refund.isDue()) {
                Order after = order.refunded(number, now());
                store.update(after, OrderEvent.refunded(after, refund, caller), true);
            }
            return true;
        });
    }

    private Order paid(Order order, Payment payment) {
        if (!payment.amount.equals(new Money(order.totalMinor(), order.currency()))) {
            throw new IllegalArgumentException("order " + order.id() + " costs " + order.totalMinor() + " "
                    + order.currency() + ", not " + payment.amount);
        }
        return order.paid(payment.reference, now());
    }

    /** Whether it was placed with the same content. */
    private static boolean isSame(Order known, Order placed) {
        return known.holdId().equals(placed.holdId())
                && known.buyer().equals(placed.buyer())
                && Objects.equals(known.channel(), placed.channel())
                && known.currency().equals(placed.currency())
                && ordered(known).equals(ordered(placed));
    }

    private static List<OrderLine> ordered(Order order) {
        return order.lines().stream()
                .map(line -> OrderLine.of(line.stock(), line.quantity(), line.unitPriceMinor()))
                .toList();
    }

    private boolean transacted(Supplier<Boolean> work) {
        return Boolean.TRUE.equals(transaction.execute(_ -> work.get()));
    }

    /** To the microsecond, as the database keeps it. */
    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
