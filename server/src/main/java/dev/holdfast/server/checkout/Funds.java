package dev.holdfast.server.checkout;

import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.server.api.Money;
import dev.holdfast.server.checkout.Checkout.Action;
import dev.holdfast.server.checkout.Step.Event;
import dev.holdfast.server.payment.Authorization;
import dev.holdfast.server.payment.Payment;
import dev.holdfast.server.payment.PaymentGateway;
import dev.holdfast.server.payment.PaymentOutcome;
import java.time.Clock;
import java.time.Duration;

/** What one driver does to the money of one checkout. Of what costs nothing the provider never hears. */
final class Funds {
    /** The gateway's own deadline is shorter, if it is asked for more. */
    private static final Duration WITHIN = Duration.ofMinutes(1);

    private final Effects effects;
    private final PaymentGateway payments;
    private final Clock clock;

    Funds(Effects effects, PaymentGateway payments, Clock clock) {
        this.effects = effects;
        this.payments = payments;
        this.clock = clock;
    }

    /** What was asked before is looked for first. */
    Event ask() {
        Checkout checkout = effects.checkout();
        if (checkout.isFree()) {
            return Event.AUTHORIZED;
        }
        PaymentOutcome outcome = checkout.tries() == 0 ? new Payment.Absent() : payments.find(checkout.id(), WITHIN);
        if (outcome instanceof Payment.Absent) {
            if (!clock.instant()
                    .isBefore(checkout.holdUntil())) { // whoever was told nothing for so long has bought elsewhere
                return effects.fails(State.EXPIRED, "payment-too-late", Event.UNPAID);
            }
            outcome =
                    payments.authorize(new Authorization(checkout.id(), checkout.amount(), checkout.method()), WITHIN);
        }
        return switch (outcome) {
            case Payment.Authorized _ -> Event.AUTHORIZED;
            case Payment.Taken taken -> taken(taken);
            case Payment.Declined declined ->
                effects.fails(State.DECLINED, declined.reason().code(), Event.UNPAID);
            case Payment.Voided _, PaymentOutcome.Refused _ -> effects.changedOutside("payment-cancelled");
            case Payment.RequiresAction required ->
                clock.instant().isBefore(checkout.holdUntil())
                        ? effects.waitsFor(new Action(required.url(), required.clientSecret()))
                        : effects.fails(State.EXPIRED, "buyer-too-late", Event.UNPAID);
            case Payment.Absent _, PaymentOutcome.Pending _, PaymentOutcome.Unknown _, PaymentOutcome.NotSent _ ->
                Event.UNCLEAR;
        };
    }

    Event capture() {
        Checkout checkout = effects.checkout();
        if (checkout.isFree()) {
            return Event.CAPTURED;
        }
        return switch (payments.capture(checkout.id(), checkout.amount(), WITHIN)) {
            case Payment.Taken taken -> taken(taken);
            case PaymentOutcome.Refused(Payment.Taken taken, var _) -> taken(taken);
            case Payment.Voided _, Payment.Declined _, PaymentOutcome.Refused _ ->
                effects.changedOutside("payment-cancelled");
            case Payment.Absent _,
                    Payment.Authorized _,
                    Payment.RequiresAction _,
                    PaymentOutcome.Pending _,
                    PaymentOutcome.Unknown _,
                    PaymentOutcome.NotSent _ -> Event.UNCLEAR;
        };
    }

    /** Paid is what was taken in full and has not gone back, in no part; else all of it does. */
    private Event taken(Payment.Taken payment) {
        return payment.kept().equals(effects.checkout().amount())
                ? Event.CAPTURED
                : effects.changedOutside("payment-incomplete");
    }

    /** Of a payment that was never asked for too: what is on its way has no effect any more. */
    Event cancel() {
        Checkout checkout = effects.checkout();
        if (checkout.isFree()) {
            return Event.VOIDED;
        }
        PaymentOutcome outcome = payments.cancel(checkout.id(), WITHIN);
        return switch (outcome instanceof PaymentOutcome.Refused(var payment, var _) ? payment : outcome) {
            case Payment.Voided _, Payment.Declined _ -> Event.VOIDED;
            case Payment.Taken _ -> Event.CAPTURED;
            case Payment.Absent _,
                    Payment.Authorized _,
                    Payment.RequiresAction _,
                    PaymentOutcome.Refused _,
                    PaymentOutcome.Pending _,
                    PaymentOutcome.Unknown _,
                    PaymentOutcome.NotSent _ -> Event.UNCLEAR;
        };
    }

    /** All that is left of what was taken: somebody at the provider may have given back a part by himself. */
    Event refund() {
        Checkout checkout = effects.checkout();
        if (!(payments.find(checkout.id(), WITHIN) instanceof Payment.Taken taken)) {
            return Event.UNCLEAR;
        }
        if (isBack(taken)) {
            return effects.refunded();
        }
        Money kept = taken.kept();
        var key = IdempotencyKey.of(
                "refund", checkout.id() + "/" + Pace.round(checkout.tries()) + "/" + kept.amountMinor());
        return switch (payments.refund(checkout.id(), kept, key, WITHIN)) {
            case Payment.Taken after when isBack(after) -> effects.refunded();
            case PaymentOutcome.Refused(Payment.Taken is, var _) when isBack(is) -> effects.refunded();
            case Payment _,
                    PaymentOutcome.Refused _,
                    PaymentOutcome.Pending _,
                    PaymentOutcome.Unknown _,
                    PaymentOutcome.NotSent _ -> Event.UNCLEAR;
        };
    }

    private static boolean isBack(Payment.Taken payment) {
        return payment.kept().amountMinor() == 0;
    }
}
