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

/** What one driver does to the money of one checkout. */
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
            case Payment.Captured _, Payment.Refunded _ -> Event.CAPTURED;
            case Payment.Declined declined ->
                effects.fails(State.DECLINED, declined.reason().code(), Event.UNPAID);
            case Payment.Voided _, PaymentOutcome.Refused _ -> effects.cancelledOutside();
            case Payment.RequiresAction required ->
                clock.instant().isBefore(checkout.holdUntil())
                        ? effects.waitsFor(new Action(required.url(), required.clientSecret()))
                        : effects.fails(State.EXPIRED, "buyer-too-late", Event.UNPAID);
            case Payment.Absent _, PaymentOutcome.Unknown _, PaymentOutcome.NotSent _ -> Event.UNCLEAR;
        };
    }

    Event capture() {
        Checkout checkout = effects.checkout();
        return switch (payments.capture(checkout.id(), checkout.amount(), WITHIN)) {
            case Payment.Captured _, Payment.Refunded _ -> Event.CAPTURED;
            case Payment.Voided _, Payment.Declined _, PaymentOutcome.Refused _ -> effects.cancelledOutside();
            case Payment.Absent _,
                    Payment.Authorized _,
                    Payment.RequiresAction _,
                    PaymentOutcome.Unknown _,
                    PaymentOutcome.NotSent _ -> Event.UNCLEAR;
        };
    }

    /** Of a payment that was never asked for too: what is on its way has no effect any more. */
    Event cancel() {
        PaymentOutcome outcome = payments.cancel(effects.checkout().id(), WITHIN);
        return switch (outcome instanceof PaymentOutcome.Refused(var payment, var _) ? payment : outcome) {
            case Payment.Voided _, Payment.Declined _ -> Event.VOIDED;
            case Payment.Captured _, Payment.Refunded _ -> Event.CAPTURED;
            case Payment.Absent _,
                    Payment.Authorized _,
                    Payment.RequiresAction _,
                    PaymentOutcome.Refused _,
                    PaymentOutcome.Unknown _,
                    PaymentOutcome.NotSent _ -> Event.UNCLEAR;
        };
    }

    /** All that was taken. */
    Event refund() {
        Checkout checkout = effects.checkout();
        int round = Pace.round(checkout.tries());
        if (round > 0 && payments.find(checkout.id(), WITHIN) instanceof Payment.Refunded before && isAll(before)) {
            return effects.refunded();
        }
        var key = IdempotencyKey.of("refund", checkout.id() + "/" + round);
        return switch (payments.refund(checkout.id(), checkout.amount(), key, WITHIN)) {
            case Payment.Refunded after when isAll(after) -> effects.refunded();
            case PaymentOutcome.Refused(Payment.Refunded is, var _) when isAll(is) -> effects.refunded();
            case Payment _, PaymentOutcome.Refused _, PaymentOutcome.Unknown _, PaymentOutcome.NotSent _ ->
                Event.UNCLEAR;
        };
    }

    private static boolean isAll(Payment.Refunded payment) {
        Money captured = payment.captured();
        return payment.refunded().equals(captured);
    }
}
