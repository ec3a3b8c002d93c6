package dev.holdfast.server.order;

import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.engine.StockKey;
import dev.holdfast.server.api.Caller;
import dev.holdfast.server.api.Money;
import dev.holdfast.server.api.Problem;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.DependsOn;
import org.springframework.stereotype.Component;

/** The units of orders, for a feature that gives something for them: what a buyer has, and how one of them is given back. */
@Component
@DependsOn(OrderSchema.NAME)
public final class OrderUnits {
    /**
     * What of an order is the buyer's.
     *
     * @param version the number of its last event
     * @param holdId of the hold that its units are allocated by
     * @param isMoving whether something that moves stock is under way on it: then the lines are what was before
     */
    public record Bought(
            UUID id,
            long version,
            UUID holdId,
            String buyer,
            boolean isPaid,
            boolean isMoving,
            List<BoughtLine> lines) {}

    /**
     * One line of it.
     *
     * @param units that are neither cancelled nor returned
     * @param unitPrice what one unit was sold for
     */
    public record BoughtLine(StockKey stock, long units, Money unitPrice) {}

    private final OrderStore store;
    private final Fulfilment fulfilment;

    OrderUnits(OrderStore store, Fulfilment fulfilment) {
        this.store = store;
        this.fulfilment = fulfilment;
    }

    /** The version of an order; empty if there is none of this id. */
    public Optional<Long> version(UUID id) {
        return store.find(id).map(Order::version);
    }

    /** Locked to the end of the caller's transaction; empty if there is none of this id. */
    public Optional<Bought> lock(UUID id) {
        return store.lock(id).map(OrderUnits::bought);
    }

    /**
     * Does the rest of what is under way on an order. In no transaction.
     *
     * @throws dev.holdfast.engine.EngineFailure if it cannot be done now
     */
    public void finish(UUID id) {
        fulfilment.finish(id);
    }

    /**
     * Cancels one unit, as {@code POST /v1/orders/{id}/cancel} does. In no transaction.
     *
     * @return null: it is done, now or by the same key before; else why not, which if it is retryable may be done yet
     */
    public @Nullable Problem cancelOne(UUID id, StockKey stock, IdempotencyKey key, Caller caller) {
        var unit = new Part(stock.sku().value(), stock.location().value(), 1, true);
        var asked = new Fulfilment.Request(id, Act.CANCEL, List.of(unit), null, key, caller);
        return switch (fulfilment.perform(asked)) {
            case Fulfilment.Done _ -> null;
            case Fulfilment.NotDone answer -> OrderWrites.problem(asked, answer);
        };
    }

    private static Bought bought(OrderStore.Stored stored) {
        Order order = stored.order();
        List<BoughtLine> lines = order.lines().stream()
                .map(line -> new BoughtLine(
                        line.stock(),
                        line.quantity() - line.cancelled() - line.returned(),
                        new Money(line.unitPriceMinor(), order.currency())))
                .toList();
        return new Bought(
                order.id(),
                order.version(),
                order.holdId(),
                order.buyer(),
                order.payment() != null,
                stored.intent() != null,
                lines);
    }
}
