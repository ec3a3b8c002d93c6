package dev.holdfast.server.payment;

import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.server.api.Money;
import java.time.Duration;
import java.util.UUID;

/**
 * Whoever moves the money: one provider, asked about one payment at a time. A payment is known by an id that its caller makes up
 * (best a UUIDv7) and stores before the first call; it is authorized once, captured once, in full or in part, and refunded in one
 * or more parts, or cancelled.
 *
 * <p><b>Unknown is not failed.</b> After {@link PaymentOutcome.Unknown} the money may have moved, or may still move: ask
 * {@link #find} until it answers with a {@link Payment}. {@link Payment.Absent} then only says that nothing has happened so far; a
 * call that must not happen any more is made impossible with {@link #cancel}. After {@link PaymentOutcome.NotSent} this call has
 * moved nothing, and will not; what an earlier one has done is as unknown as before.
 *
 * <p><b>Once.</b> What happens to a payment once is guarded by its id: authorize, capture and cancel may be sent again and again, and
 * answer with what the payment is by then. Refunds may be many, so each has a key of its own: sent again with its key it is made
 * once. A provider may repeat even an error of its own under the same key, so a refund that {@link #find} has shown not to have
 * happened is tried again with a new one.
 *
 * <p>Calls block, for {@code within} (bounded by {@code holdfast.payment.deadline}) and at most 0.2 s more, and are refused in a
 * transaction with {@link IllegalStateException}: nobody holds a connection to the database while a provider thinks.
 */
public interface PaymentGateway {
    /**
     * Promises the money: {@link Payment.Authorized}, {@link Payment.Declined} or {@link Payment.RequiresAction}. Again: what the
     * payment is by now. {@link PaymentOutcome.Refused} if it was cancelled before, or asked for with another amount.
     */
    PaymentOutcome authorize(Authorization authorization, Duration within);

    /** Takes what was authorized, or less of it and nothing of the rest: {@link Payment.Captured}. */
    PaymentOutcome capture(UUID paymentId, Money amount, Duration within);

    /**
     * Lets go what was authorized: {@link Payment.Voided}. Of a payment that was never authorized too: no authorization that comes
     * later, or is still on its way, takes effect then. What is captured is {@link PaymentOutcome.Refused}.
     */
    PaymentOutcome cancel(UUID paymentId, Duration within);

    /** Gives back some or all of what was captured: {@link Payment.Refunded}, with all that was given back by now. */
    PaymentOutcome refund(UUID paymentId, Money amount, IdempotencyKey key, Duration within);

    /** What the payment is: any {@link Payment}; {@link PaymentOutcome.Pending} while the provider is still at it. */
    PaymentOutcome find(UUID paymentId, Duration within);
}
