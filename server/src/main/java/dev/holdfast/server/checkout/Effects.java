package dev.holdfast.server.checkout;

import dev.holdfast.engine.Command;
import dev.holdfast.engine.Command.ConfirmHold;
import dev.holdfast.engine.Command.Deallocate;
import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.Command.ReleaseHold;
import dev.holdfast.engine.Hold;
import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.engine.Outcome;
import dev.holdfast.engine.StockEngine;
import dev.holdfast.server.checkout.Checkout.Action;
import dev.holdfast.server.checkout.Step.Event;
import dev.holdfast.server.payment.Authorization;
import dev.holdfast.server.payment.Payment;
import dev.holdfast.server.payment.PaymentGateway;
import dev.holdfast.server.payment.PaymentOutcome;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What one driver does to stock and money for one checkout, and what came of it. Each effect may be done again: it has its key, and the
 * engine and the payment provider answer that with what there is.
 */
final class Effects {
    /** The gateway's own deadline is shorter, if it is asked for more. */
    private static final Duration WITHIN = Duration.ofMinutes(1);

    private final StockEngine engine;
    private final PaymentGateway payments;
    private final Clock clock;
    private Checkout checkout;

    /** How it ends if it is undone, and why. */
    private State end;

    private @Nullable String reason;
    private @Nullable Action action;
    private @Nullable Hold second;

    Effects(Checkout checkout, StockEngine engine, PaymentGateway payments, Clock clock) {
        this.checkout = checkout;
        this.engine = engine;
        this.payments = payments;
        this.clock = clock;
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

    Checkout heldAgain() {
        Hold hold = Objects.requireNonNull(second);
        return checkout.heldBy(hold.id(), hold.expiresAt());
    }

    void written(Checkout next) {
        checkout = next;
    }

    Event perform(Step step) {
        return switch (step) {
            case ASK -> ask();
            case CONFIRM -> confirm();
            case HOLD_AGAIN -> holdAgain();
            case CAPTURE -> capture();
            case RELEASE -> release();
            case VOID, VOID_ALLOCATED -> cancel();
            case DEALLOCATE -> deallocate();
            case COMPLETE, END, LATER, STOP ->
                throw new IllegalArgumentException(step + " touches neither stock nor money");
        };
    }

    /** What was asked before is looked for first. */
    private Event ask() {
        PaymentOutcome outcome = checkout.tries() == 0 ? new Payment.Absent() : payments.find(checkout.id(), WITHIN);
        if (outcome instanceof Payment.Absent) {
            outcome =
                    payments.authorize(new Authorization(checkout.id(), checkout.amount(), checkout.method()), WITHIN);
        }
        return switch (outcome) {
            case Payment.Authorized _ -> Event.AUTHORIZED;
            case Payment.Captured _, Payment.Refunded _ -> Event.CAPTURED;
            case Payment.Declined declined ->
                fails(State.DECLINED, declined.reason().code(), Event.UNPAID);
            case Payment.Voided _, PaymentOutcome.Refused _ -> fails(State.DECLINED, "payment-cancelled", Event.UNPAID);
            case Payment.RequiresAction required -> {
                if (!clock.instant().isBefore(checkout.holdUntil())) {
                    yield fails(State.EXPIRED, "buyer-too-late", Event.UNPAID);
                }
                action = new Action(required.url(), required.clientSecret());
                yield Event.UNCLEAR;
            }
            case Payment.Absent _, PaymentOutcome.Unknown _, PaymentOutcome.NotSent _ -> Event.UNCLEAR;
        };
    }

    private Event confirm() {
        return switch (engine.execute(ConfirmHold.of(checkout.holdId()))) {
            case Outcome.Changed _ -> Event.CONFIRMED;
            case Outcome.Ended ended ->
                switch (ended.hold().state()) {
                    case CONFIRMED -> Event.CONFIRMED;
                    case RELEASED -> fails(State.CANCELLED, "hold-released", Event.HOLD_OVER);
                    case EXPIRED ->
                        isSecond() ? fails(State.EXPIRED, "payment-too-late", Event.HOLD_OVER) : Event.HOLD_EXPIRED;
                    case ACTIVE -> throw new IllegalStateException("a live hold has not ended: " + ended);
                };
            case Outcome.UnknownHold _ -> fails(State.EXPIRED, "payment-too-late", Event.HOLD_OVER);
            case Outcome.NotHeld answer -> throw unforeseen(answer);
            case Outcome.NotDue answer -> throw unforeseen(answer);
            case Outcome.KeyReused answer -> throw unforeseen(answer);
        };
    }

    private Event holdAgain() {
        var again = new PlaceHold(
                secondKey(), checkout.stocks(), Command.TTL_DEFAULT, checkout.channel(), checkout.reference());
        return switch (engine.execute(again)) {
            case Outcome.Placed placed -> {
                second = placed.hold();
                yield Event.HELD;
            }
            case Outcome.Insufficient _, Outcome.UnknownSku _ -> fails(State.EXPIRED, "sold-out", Event.SOLD_OUT);
            case Outcome.Ended answer -> throw unforeseen(answer);
            case Outcome.KeyReused answer -> throw unforeseen(answer);
        };
    }

    private Event capture() {
        return switch (payments.capture(checkout.id(), checkout.amount(), WITHIN)) {
            case Payment.Captured _, Payment.Refunded _ -> Event.CAPTURED;
            case Payment.Voided _, Payment.Declined _, PaymentOutcome.Refused _ ->
                fails(State.DECLINED, "payment-cancelled", Event.UNPAID);
            case Payment.Absent _,
                    Payment.Authorized _,
                    Payment.RequiresAction _,
                    PaymentOutcome.Unknown _,
                    PaymentOutcome.NotSent _ -> Event.UNCLEAR;
        };
    }

    private Event release() {
        Event event = released(checkout.holdId());
        if (event == Event.HOLD_OVER && !isSecond() && checkout.holdUntil().isBefore(clock.instant())) {
            var _ = released(secondKey().id()); // a driver may have died between placing it and writing that it did
        }
        return event;
    }

    private Event released(UUID holdId) {
        return switch (engine.execute(ReleaseHold.of(holdId))) {
            case Outcome.Changed _, Outcome.UnknownHold _ -> Event.HOLD_OVER;
            case Outcome.Ended ended ->
                ended.hold().state() == Hold.State.CONFIRMED ? Event.CONFIRMED : Event.HOLD_OVER;
            case Outcome.NotHeld answer -> throw unforeseen(answer);
            case Outcome.NotDue answer -> throw unforeseen(answer);
            case Outcome.KeyReused answer -> throw unforeseen(answer);
        };
    }

    /** Of a payment that was never asked for too: what is on its way has no effect any more. */
    private Event cancel() {
        return switch (payments.cancel(checkout.id(), WITHIN)) {
            case Payment.Voided _, Payment.Declined _ -> Event.VOIDED;
            case PaymentOutcome.Refused(var payment, var _) ->
                switch (payment) {
                    case Payment.Captured _, Payment.Refunded _ -> Event.CAPTURED;
                    case Payment.Voided _, Payment.Declined _, Payment.Absent _ -> Event.VOIDED;
                    case Payment.Authorized _, Payment.RequiresAction _ -> Event.UNCLEAR;
                };
            case Payment.Captured _, Payment.Refunded _ -> Event.CAPTURED;
            case Payment.Absent _,
                    Payment.Authorized _,
                    Payment.RequiresAction _,
                    PaymentOutcome.Unknown _,
                    PaymentOutcome.NotSent _ -> Event.UNCLEAR;
        };
    }

    private Event deallocate() {
        var key = IdempotencyKey.of("checkout", checkout.id() + "/deallocate");
        return switch (engine.execute(new Deallocate(key, checkout.holdId(), checkout.stocks()))) {
            case Outcome.Moved _ -> Event.DONE;
            case Outcome.Stock answer -> throw unforeseen(answer);
        };
    }

    private Event fails(State as, String why, Event event) {
        if (!checkout.isUndoing()) { // else it is decided
            end = as;
            reason = why;
        }
        return event;
    }

    private boolean isSecond() {
        return checkout.holdId().equals(secondKey().id());
    }

    private IdempotencyKey secondKey() {
        return IdempotencyKey.of("checkout", checkout.id() + "/again");
    }

    private IllegalStateException unforeseen(Outcome answer) {
        return new IllegalStateException("checkout " + checkout.id() + " cannot be answered with " + answer);
    }
}
