package dev.holdfast.storm;

import dev.holdfast.storm.Evidence.Invariants;
import dev.holdfast.storm.Evidence.Shelf;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * What everybody's books say after a storm of checkouts.
 *
 * @param checkouts by the key of every one that was asked for
 * @param payments of the same, as their provider shows them
 * @param orders all with one of the SKUs, whoever placed them
 * @param unread orders that could not be read: why
 * @param stock by SKU
 */
record Books(
        Map<UUID, Look<CheckoutSeen>> checkouts,
        Map<UUID, Look<PaymentSeen>> payments,
        Map<String, OrderSeen> orders,
        List<String> unread,
        Map<String, Shelf> stock,
        Invariants invariants) {

    /** What has not ended: units that are held, checkouts, payments and orders on their way. */
    List<String> open() {
        return Stream.of(heldUnits(), openCheckouts(), openPayments(), openOrders())
                .flatMap(some -> some)
                .toList();
    }

    private Stream<String> heldUnits() {
        return stock.entrySet().stream().mapMulti((entry, found) -> {
            var level = entry.getValue().level();
            if (level == null) {
                found.accept(entry.getKey() + ": " + entry.getValue().trouble());
            } else if (level.held() != 0) {
                found.accept("%s: %,d held".formatted(entry.getKey(), level.held()));
            }
        });
    }

    private Stream<String> openCheckouts() {
        return checkouts.entrySet().stream().mapMulti((entry, found) -> {
            switch (entry.getValue()) {
                case Look.Found<CheckoutSeen>(var it)
                when !it.isEnd() -> found.accept("checkout %s is %s".formatted(entry.getKey(), it.state()));
                case Look.Unreadable<CheckoutSeen>(var why) ->
                    found.accept("checkout %s: %s".formatted(entry.getKey(), why));
                case Look.Found<CheckoutSeen> _, Look.Missing<CheckoutSeen> _ -> {}
            }
        });
    }

    private Stream<String> openPayments() {
        return payments.entrySet().stream().mapMulti((entry, found) -> {
            switch (entry.getValue()) {
                case Look.Found<PaymentSeen>(var it)
                when !it.isEnd() -> found.accept("payment %s is %s".formatted(entry.getKey(), it.state()));
                case Look.Unreadable<PaymentSeen>(var why) ->
                    found.accept("payment %s: %s".formatted(entry.getKey(), why));
                case Look.Found<PaymentSeen> _, Look.Missing<PaymentSeen> _ -> {}
            }
        });
    }

    private Stream<String> openOrders() {
        return orders.values().stream()
                .filter(order -> !order.isPaid() || order.refundsDue() > 0)
                .map(order ->
                        "order %s is %s, refunds due: %,d".formatted(order.id(), order.state(), order.refundsDue()));
    }
}
