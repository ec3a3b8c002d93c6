package dev.holdfast.server.payment;

import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.server.api.Money;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What the sandbox may be asked, each with its rule: pure, and complete. */
sealed interface SandboxRequest {
    /**
     * What becomes of a payment.
     *
     * @param written its next row; null: nothing changes
     */
    record Decision(@Nullable SandboxPayment written, PaymentOutcome answer) {
        static Decision of(SandboxPayment written, Instant now) {
            return new Decision(written, written.is(now));
        }
    }

    UUID paymentId();

    /**
     * The rule.
     *
     * @param payment null if nothing is known of it
     */
    Decision decide(@Nullable SandboxPayment payment, Instant now);

    record Authorize(Authorization authorization, SandboxToken token) implements SandboxRequest {
        @Override
        public UUID paymentId() {
            return authorization.paymentId();
        }

        @Override
        public Decision decide(@Nullable SandboxPayment payment, Instant now) {
            if (payment == null) {
                return Decision.of(SandboxPayment.first(authorization, token, now), now);
            }
            return switch (payment.is(now)) {
                case Payment.Voided is -> refused(is, "it was cancelled");
                case Payment is
                when !payment.amount().equals(authorization.amount()) ->
                    refused(is, "it was asked for with another amount");
                case Payment.Absent _ -> Decision.of(payment.with(SandboxPayment.State.AUTHORIZED), now);
                case PaymentOutcome is -> new Decision(null, is);
            };
        }
    }

    record Capture(UUID paymentId, Money amount) implements SandboxRequest {
        @Override
        public Decision decide(@Nullable SandboxPayment payment, Instant now) {
            return switch (is(payment, now)) {
                case Payment.Authorized(var authorized)
                when payment != null && isPart(amount, authorized) ->
                    Decision.of(payment.captured(amount.amountMinor()), now);
                case Payment.Captured is
                when payment != null && payment.isInProcess() && is.amount().equals(amount) ->
                    Decision.of(payment.captured(amount.amountMinor()), now); // it came by itself
                case Payment.Captured is when is.amount().equals(amount) -> new Decision(null, is);
                case Payment.Refunded is when is.captured().equals(amount) -> new Decision(null, is);
                case Payment is -> refused(is, "this amount cannot be captured");
                case PaymentOutcome is -> new Decision(null, is);
            };
        }
    }

    record Cancel(UUID paymentId) implements SandboxRequest {
        @Override
        public Decision decide(@Nullable SandboxPayment payment, Instant now) {
            if (payment == null) {
                return Decision.of(SandboxPayment.voided(paymentId, now), now);
            }
            return switch (payment.is(now)) {
                case Payment.Absent _, Payment.RequiresAction _, Payment.Declined _, Payment.Authorized _ ->
                    Decision.of(payment.with(SandboxPayment.State.VOIDED), now);
                case Payment.Captured is -> refused(is, "it is captured");
                case Payment.Refunded is -> refused(is, "it is captured");
                case PaymentOutcome is -> new Decision(null, is);
            };
        }
    }

    record Refund(UUID paymentId, Money amount, IdempotencyKey key) implements SandboxRequest {
        /** Beyond any order, and what a row has room for. */
        private static final int COUNT_MAX = 100;

        @Override
        public Decision decide(@Nullable SandboxPayment payment, Instant now) {
            return switch (is(payment, now)) {
                case Payment.Captured is when payment != null -> refund(payment, is, is.amount(), now);
                case Payment.Refunded is when payment != null -> refund(payment, is, is.captured(), now);
                case Payment is -> refused(is, "nothing was captured");
                case PaymentOutcome is -> new Decision(null, is);
            };
        }

        private Decision refund(SandboxPayment payment, Payment is, Money captured, Instant now) {
            String name = key.id().toString();
            Long before = payment.refunds().get(name);
            if (before != null) {
                return before == amount.amountMinor()
                        ? new Decision(null, is)
                        : refused(is, "the key was used with another amount");
            }
            var left = new Money(captured.amountMinor() - payment.refundedMinor(), captured.currency());
            return isPart(amount, left) && payment.refunds().size() < COUNT_MAX
                    ? Decision.of(payment.captured(captured.amountMinor()).refunded(name, amount.amountMinor()), now)
                    : refused(is, "no more than what is left of it can be given back");
        }
    }

    /** The buyer does what was required. */
    record Authenticate(UUID paymentId) implements SandboxRequest {
        @Override
        public Decision decide(@Nullable SandboxPayment payment, Instant now) {
            PaymentOutcome is = is(payment, now);
            return payment != null && is instanceof Payment.RequiresAction
                    ? Decision.of(payment.with(SandboxPayment.State.AUTHORIZED), now)
                    : new Decision(null, is);
        }
    }

    record Look(UUID paymentId) implements SandboxRequest {
        @Override
        public Decision decide(@Nullable SandboxPayment payment, Instant now) {
            return new Decision(null, is(payment, now));
        }
    }

    private static PaymentOutcome is(@Nullable SandboxPayment payment, Instant now) {
        return payment == null ? new Payment.Absent() : payment.is(now);
    }

    private static boolean isPart(Money part, Money whole) {
        return part.currency().equals(whole.currency())
                && part.amountMinor() >= 1
                && part.amountMinor() <= whole.amountMinor();
    }

    private static Decision refused(Payment is, String why) {
        return new Decision(null, new PaymentOutcome.Refused(is, why));
    }
}
