package dev.holdfast.server;

import dev.holdfast.engine.Command.ConfirmHold;
import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.engine.Line;
import dev.holdfast.engine.Quantity;
import dev.holdfast.engine.StockKey;
import dev.holdfast.server.api.Caller;
import dev.holdfast.server.api.Money;
import dev.holdfast.server.order.Orders;
import dev.holdfast.server.order.Orders.NewLine;
import dev.holdfast.server.order.Orders.NewOrder;
import dev.holdfast.server.order.Orders.Payment;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Orders as a checkout places them, with a confirmed hold behind them. */
final class TestOrders {
    static final Caller CHECKOUT = Caller.server("checkout");

    private final TestServer server;
    final Orders orders;

    TestOrders(TestServer server) {
        this.server = server;
        this.orders = server.bean(Orders.class);
    }

    static NewLine line(String sku, long quantity, long unitPriceMinor) {
        return new NewLine(StockKey.of(sku), Quantity.of(quantity), new Money(unitPriceMinor, "EUR"));
    }

    static Payment payment(long amountMinor) {
        return new Payment("payment-" + UUID.randomUUID(), new Money(amountMinor, "EUR"));
    }

    /** By somebody, over the web. */
    NewOrder of(@Nullable Payment payment, NewLine... lines) {
        return of("buyer", "web", payment, lines);
    }

    NewOrder of(String buyer, String channel, @Nullable Payment payment, NewLine... lines) {
        var key = IdempotencyKey.random();
        var held = Arrays.stream(lines)
                .map(line -> new Line(line.stock(), line.quantity()))
                .toArray(Line[]::new);
        server.engine().execute(PlaceHold.of(key, held));
        server.engine().execute(ConfirmHold.of(key.id()));
        return new NewOrder(IdempotencyKey.randomUuidV7(), key.id(), buyer, channel, List.of(lines), payment);
    }

    /** The path of an order that is placed and paid. */
    String paid(NewLine... lines) {
        long total = Arrays.stream(lines)
                .mapToLong(
                        line -> line.unitPrice().amountMinor() * line.quantity().units())
                .sum();
        return placed(of(payment(total), lines));
    }

    /** The path of an order that is placed. */
    String placed(NewLine... lines) {
        return placed(of(null, lines));
    }

    String placed(NewOrder order) {
        orders.place(order, CHECKOUT);
        return "/v1/orders/" + order.id();
    }

    static UUID id(String path) {
        return UUID.fromString(path.substring("/v1/orders/".length()));
    }
}
