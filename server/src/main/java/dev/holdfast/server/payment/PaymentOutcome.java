package dev.holdfast.server.payment;

/** The answer to a call: what the payment is now, or why that is not known. */
public sealed interface PaymentOutcome
        permits Payment,
                PaymentOutcome.Refused,
                PaymentOutcome.Pending,
                PaymentOutcome.Unknown,
                PaymentOutcome.NotSent {
    /**
     * The provider will not do that, now or later; nothing was changed.
     *
     * @param payment what it is, which is why
     * @param why for people
     */
    record Refused(Payment payment, String why) implements PaymentOutcome {}

    /**
     * The provider is at it, and says so: a bank may take days to pay. To be looked for again.
     *
     * @param why for people
     */
    record Pending(String why) implements PaymentOutcome {}

    /**
     * The call may have been carried out, or may still be.
     *
     * @param why for people
     */
    record Unknown(String why) implements PaymentOutcome {}

    /**
     * The call was not carried out and will not be; the same one may be sent again later.
     *
     * @param why for people
     */
    record NotSent(String why) implements PaymentOutcome {}
}
