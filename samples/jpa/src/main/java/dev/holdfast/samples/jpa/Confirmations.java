package dev.holdfast.samples.jpa;

import dev.holdfast.engine.Command.ConfirmHold;
import dev.holdfast.engine.Outcome.Changed;
import dev.holdfast.engine.Outcome.Ended;
import dev.holdfast.engine.Outcome.KeyReused;
import dev.holdfast.engine.Outcome.NotDue;
import dev.holdfast.engine.Outcome.NotHeld;
import dev.holdfast.engine.Outcome.UnknownHold;
import dev.holdfast.engine.StockEngine;
import dev.holdfast.samples.jpa.PurchaseOrder.State;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.event.TransactionalEventListener;

/** Confirms the holds of orders that exist: at once, and again in rounds, because "at once" may be lost in a crash. */
@Component
class Confirmations {
    private final StockEngine engine;
    private final PurchaseOrders orders;

    Confirmations(StockEngine engine, PurchaseOrders orders) {
        this.engine = engine;
        this.orders = orders;
    }

    /** After the commit, whose connection this thread still has: so it writes nothing. What it throws is only logged. */
    @TransactionalEventListener
    public void confirm(OrderAccepted accepted) {
        engine.execute(ConfirmHold.of(accepted.holdId()));
    }

    /** At start, then every few seconds. Most are confirmed already: confirming twice has the effect of once. */
    @Scheduled(initialDelay = 0, fixedDelayString = "${orders.confirm-interval:5s}")
    public void confirmAll() {
        for (var order : orders.findTop100ByStateOrderByNumber(State.ACCEPTED)) {
            var state = switch (engine.execute(ConfirmHold.of(order.holdId()))) {
                case Changed _ -> State.CONFIRMED;
                case Ended _, UnknownHold _ -> State.LAPSED; // too late: others may have the units, tell the customer
                case NotHeld _, NotDue _, KeyReused _ -> throw new IllegalStateException("no answer to a confirmation");
            };
            orders.move(order.number(), State.ACCEPTED, state);
        }
    }
}
