package dev.holdfast.server.payment;

import dev.holdfast.server.api.Money;
import org.jspecify.annotations.Nullable;

/** What a payment is, as its provider says. */
public sealed interface Payment extends PaymentOutcome {
    /** Nothing has been authorized so far. */
    record Absent() implements Payment {}

    /**
     * The buyer has to do something first, such as 3-D Secure; the payment is then authorized or declined without another call.
     *
     * @param reference the provider's name for the payment
     * @param url where the buyer does it; null if the provider's own code does it in the buyer's browser
     * @param clientSecret what that code needs; null if there is an address
     */
    record RequiresAction(
            String reference,
            @Nullable String url,
            @Nullable String clientSecret) implements Payment {
        /** The secret stays out of logs. */
        @Override
        public String toString() {
            return "RequiresAction[reference=" + reference + ", url=" + url + "]";
        }
    }

    /** For good: another try is another payment. */
    record Declined(DeclineReason reason) implements Payment {}

    /** Promised, and neither taken nor let go. */
    record Authorized(Money amount) implements Payment {}

    /** Money was taken, by us or by itself. */
    sealed interface Taken extends Payment {
        /** What was taken and not given back. */
        Money kept();
    }

    /**
     * Taken.
     *
     * @param amount at most what was authorized; the rest was let go
     */
    record Captured(Money amount) implements Taken {
        @Override
        public Money kept() {
            return amount;
        }
    }

    /** Cancelled, by us or by the provider after the days that an authorization lives. Nothing can be taken any more. */
    record Voided() implements Payment {}

    /**
     * Given back, in part or in full.
     *
     * @param captured what was taken
     * @param refunded what was given back of it so far, more than 0
     */
    record Refunded(Money captured, Money refunded) implements Taken {
        @Override
        public Money kept() {
            return new Money(captured.amountMinor() - refunded.amountMinor(), captured.currency());
        }
    }
}
