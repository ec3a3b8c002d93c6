package dev.holdfast.server.checkout;

import dev.holdfast.engine.StockEngine;
import dev.holdfast.server.cart.Carts;
import dev.holdfast.server.checkout.Checkout.Action;
import dev.holdfast.server.checkout.Step.Event;
import dev.holdfast.server.payment.PaymentGateway;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/**
 * What one driver does to units and money for one checkout, and what came of it. Each effect may be done again: it has its key, and the
 * engine and the payment provider answer that with what there is.
 */
final class Effects {
    private final Units units;
    private final Funds funds;
    private Checkout checkout;

    /** How it ends if it is undone, and why. */
    private State end;

    private @Nullable String reason;
    private @Nullable Action action;

    Effects(Checkout checkout, StockEngine engine, Carts carts, PaymentGateway payments, Clock clock) {
        this.checkout = checkout;
        this.units = new Units(this, engine, carts, clock);
        this.funds = new Funds(this, payments, clock);
        this.end = checkout.endsAs() == null ? State.DECLINED : checkout.endsAs();
        this.reason = checkout.reason();
        this.action = checkout.action();
    }

    Checkout checkout() {
        return checkout;
    }

    State end() {
        return end;
    }

    @Nullable
    String reason() {
        return reason;
    }

    Checkout later() {
        return checkout.isUndoing() ? undoing() : action == null ? checkout.pending() : checkout.waitingFor(action);
    }

    Checkout undoing() {
        return checkout.undoing(end, reason);
    }

    /** From then on it is not bought any more, whoever finds it paid. */
    Checkout refunding() {
        end = State.REFUNDED;
        return undoing();
    }

    Checkout heldAgain() {
        return units.heldAgain();
    }

    void written(Checkout next) {
        checkout = next;
    }

    Event perform(Step step) {
        return switch (step) {
            case ASK -> funds.ask();
            case CONFIRM -> units.confirm();
            case HOLD_AGAIN -> units.holdAgain();
            case CAPTURE -> funds.capture();
            case RELEASE -> units.release();
            case VOID, VOID_ALLOCATED -> funds.cancel();
            case DEALLOCATE -> units.deallocate();
            case REFUND, REFUND_ALLOCATED -> funds.refund();
            case WRITE, ADOPT, COMPLETE, END, LATER, STOP ->
                throw new IllegalArgumentException(step + " touches neither stock nor money");
        };
    }

    /** What was held again is in no row, and this one says that it never will be. */
    void forsake(Checkout written) {
        if (written.isUndoing() || written.state().isEnd()) {
            units.forsake(written);
        }
    }

    /** If it goes forward still; else it is decided how it ends. */
    Event fails(State as, String why, Event event) {
        if (!checkout.isUndoing()) {
            end = as;
            reason = why;
        }
        return event;
    }

    /** Whatever it was to end as: somebody else has done that to its payment. */
    Event changedOutside(String why) {
        end = State.DECLINED;
        reason = why;
        return Event.UNPAID;
    }

    /** Whatever it was to end as: the money had been taken. */
    Event refunded() {
        end = State.REFUNDED;
        return Event.DONE;
    }

    Event waitsFor(Action wanted) {
        action = wanted;
        return Event.UNCLEAR;
    }
}
