package dev.holdfast.server.payment;

import com.stripe.exception.CardException;
import com.stripe.exception.InvalidRequestException;
import com.stripe.exception.StripeException;
import com.stripe.model.PaymentIntent;
import com.stripe.model.Refund;
import com.stripe.net.RequestOptions;
import com.stripe.param.PaymentIntentCaptureParams;
import com.stripe.param.PaymentIntentCreateParams;
import com.stripe.param.PaymentIntentCreateParams.CaptureMethod;
import com.stripe.param.PaymentIntentRetrieveParams;
import com.stripe.param.RefundCreateParams;
import com.stripe.service.V1Services;
import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.server.api.Money;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stripe, with a PaymentIntent for each payment that is captured by us.
 *
 * <p>An authorization is two calls: the intent is created, which moves no money, its id is committed here, and only then it is
 * confirmed. So there is never money under an id that we do not know, and what became of a payment is asked for by that id,
 * which is up to date at once; searching for it by our own would not be. A cancelled intent takes no confirmation that comes late.
 */
class StripeGateway implements PaymentGateway {
    /** Where our id is in an intent, for people and messages. */
    static final String METADATA = "holdfast_payment";

    private static final Logger LOG = LoggerFactory.getLogger(StripeGateway.class);

    /** Stripe's smallest unit of these is not ISO's, and amounts would be wrong by a hundred: docs.stripe.com/currencies. */
    private static final Set<String> COUNTED_DIFFERENTLY = Set.of("ISK", "MGA", "UGX");

    /** To connect takes two round trips; what takes longer is a network that is down. */
    private static final int CONNECT_MILLIS_MAX = 2_000;

    /** A step of a call, about an intent that there is. */
    private interface Step {
        PaymentOutcome ask(String intentId) throws StripeException;
    }

    private final V1Services stripe;
    private final StripeIntents intents;

    StripeGateway(V1Services stripe, StripeIntents intents) {
        this.stripe = stripe;
        this.intents = intents;
    }

    @Override
    public PaymentOutcome authorize(Authorization authorization, Duration within) {
        var deadline = Deadline.in(within);
        UUID paymentId = authorization.paymentId();
        String currency = authorization.amount().currency();
        if (COUNTED_DIFFERENTLY.contains(currency)) {
            LOG.warn("Stripe counts {} in another unit: payments in it are declined", currency);
            return new Payment.Declined(DeclineReason.UNUSABLE_AMOUNT);
        }
        try {
            if (intents.find(paymentId).isEmpty()) {
                String intentId = create(authorization, deadline).getId();
                if (intentId.equals(intents.note(paymentId, intentId).intentId())) {
                    return deadline.isOver()
                            ? new PaymentOutcome.NotSent("no time was left to confirm it")
                            : withIntent(paymentId, deadline, _ -> confirm(intentId, deadline));
                }
            }
        } catch (InvalidRequestException e) {
            DeclineReason reason = StripeAnswers.reason(e);
            return reason == null ? refused(new Payment.Absent(), e) : new Payment.Declined(reason);
        } catch (StripeException e) { // whatever became of the intent, nobody will confirm it
            return new PaymentOutcome.NotSent("no payment could be begun at Stripe: " + e.getMessage());
        }
        return withIntent(paymentId, deadline, intentId -> confirmAgain(intentId, authorization, deadline));
    }

    @Override
    public PaymentOutcome capture(UUID paymentId, Money amount, Duration within) {
        var deadline = Deadline.in(within);
        var params = PaymentIntentCaptureParams.builder()
                .setAmountToCapture(amount.amountMinor())
                .build();
        PaymentOutcome outcome = withIntent(
                paymentId,
                deadline,
                intentId -> StripeAnswers.of(stripe.paymentIntents().capture(intentId, params, once(deadline))));
        return switch (outcome) {
            case PaymentOutcome.Refused(Payment.Captured is, var _)
            when is.amount().equals(amount) -> is;
            case PaymentOutcome.Refused(Payment.Refunded is, var _)
            when is.captured().equals(amount) -> is;
            case PaymentOutcome other -> other;
        };
    }

    @Override
    public PaymentOutcome cancel(UUID paymentId, Duration within) {
        if (intents.note(paymentId, null).intentId() == null) {
            return new Payment.Voided();
        }
        var deadline = Deadline.in(within);
        PaymentOutcome outcome = withIntent(
                paymentId,
                deadline,
                intentId -> StripeAnswers.of(stripe.paymentIntents().cancel(intentId, once(deadline))));
        return outcome instanceof PaymentOutcome.Refused(Payment.Voided is, var _) ? is : outcome;
    }

    @Override
    public PaymentOutcome refund(UUID paymentId, Money amount, IdempotencyKey key, Duration within) {
        var deadline = Deadline.in(within);
        return withIntent(paymentId, deadline, intentId -> {
            var params = RefundCreateParams.builder()
                    .setPaymentIntent(intentId)
                    .setAmount(amount.amountMinor())
                    .build();
            Refund refund = stripe.refunds()
                    .create(
                            params,
                            options(deadline)
                                    .setIdempotencyKey(key.id().toString())
                                    .build());
            if (!(look(intentId, deadline) instanceof Payment is)) {
                return new PaymentOutcome.Unknown("refunded, but not how much in all");
            }
            boolean isOff = "failed".equals(refund.getStatus()) || "canceled".equals(refund.getStatus());
            return isOff ? new PaymentOutcome.Refused(is, "the refund is " + refund.getStatus()) : is;
        });
    }

    @Override
    public PaymentOutcome find(UUID paymentId, Duration within) {
        Optional<StripeIntents.Known> known = intents.find(paymentId);
        if (known.isEmpty()) {
            return new Payment.Absent();
        }
        String intentId = known.get().intentId();
        return intentId == null ? new Payment.Voided() : look(intentId, Deadline.in(within));
    }

    private PaymentIntent create(Authorization authorization, Deadline deadline) throws StripeException {
        var params = PaymentIntentCreateParams.builder()
                .setAmount(authorization.amount().amountMinor())
                .setCurrency(authorization.amount().currency().toLowerCase(Locale.ROOT))
                .setCaptureMethod(CaptureMethod.MANUAL)
                .addPaymentMethodType("card")
                .setPaymentMethod(authorization.method())
                .putMetadata(METADATA, authorization.paymentId().toString())
                .build();
        return stripe.paymentIntents().create(params, once(deadline));
    }

    /** Somebody else may have confirmed it at the same time; then it is what that has made of it. */
    private PaymentOutcome confirm(String intentId, Deadline deadline) throws StripeException {
        try {
            return StripeAnswers.of(stripe.paymentIntents().confirm(intentId, once(deadline)));
        } catch (CardException e) {
            return new Payment.Declined(StripeAnswers.reason(e));
        } catch (InvalidRequestException e) {
            PaymentOutcome is = look(intentId, deadline);
            return is instanceof Payment.Absent absent ? refused(absent, e) : unlessVoided(is);
        }
    }

    /** Looks first: it may be confirmed already, and a decline must not become a second try of the card. */
    private PaymentOutcome confirmAgain(String intentId, Authorization authorization, Deadline deadline)
            throws StripeException {
        PaymentIntent intent = retrieve(intentId, deadline);
        PaymentOutcome is = StripeAnswers.of(intent);
        Money amount = authorization.amount();
        boolean isSame = intent.getAmount() == amount.amountMinor()
                && intent.getCurrency().equalsIgnoreCase(amount.currency());
        if (is instanceof Payment payment && !isSame) {
            return new PaymentOutcome.Refused(payment, "it was asked for with another amount");
        }
        return is instanceof Payment.Absent ? confirm(intentId, deadline) : unlessVoided(is);
    }

    private static PaymentOutcome unlessVoided(PaymentOutcome is) {
        return is instanceof Payment.Voided voided ? new PaymentOutcome.Refused(voided, "it was cancelled") : is;
    }

    /** Does a step with the payment's intent. A request that Stripe refuses was refused because of what the payment is. */
    private PaymentOutcome withIntent(UUID paymentId, Deadline deadline, Step step) {
        Optional<StripeIntents.Known> known = intents.find(paymentId);
        if (known.isEmpty()) {
            return new PaymentOutcome.Refused(new Payment.Absent(), "nothing was authorized");
        }
        String intentId = known.get().intentId();
        if (intentId == null) {
            return new PaymentOutcome.Refused(new Payment.Voided(), "it was cancelled");
        }
        try {
            return step.ask(intentId);
        } catch (InvalidRequestException | CardException e) {
            LOG.debug("refused by Stripe", e);
            PaymentOutcome is = look(intentId, deadline);
            return is instanceof Payment payment ? refused(payment, e) : is;
        } catch (StripeException e) {
            return StripeAnswers.of(e);
        }
    }

    private PaymentOutcome look(String intentId, Deadline deadline) {
        try {
            return StripeAnswers.of(retrieve(intentId, deadline));
        } catch (StripeException e) {
            return StripeAnswers.of(e);
        }
    }

    private PaymentIntent retrieve(String intentId, Deadline deadline) throws StripeException {
        var params =
                PaymentIntentRetrieveParams.builder().addExpand("latest_charge").build();
        return stripe.paymentIntents()
                .retrieve(intentId, params, options(deadline).build());
    }

    private static PaymentOutcome.Refused refused(Payment is, StripeException e) {
        return new PaymentOutcome.Refused(is, String.valueOf(e.getUserMessage()));
    }

    /**
     * For what an intent's state lets happen once. The key is new each time: it is for Java's HTTP client, which sends a request
     * again when a connection that was kept breaks, and with a key of ours Stripe would repeat a failure of its own for a day.
     */
    private static RequestOptions once(Deadline deadline) {
        return options(deadline).setIdempotencyKey(UUID.randomUUID().toString()).build();
    }

    private static RequestOptions.RequestOptionsBuilder options(Deadline deadline) {
        int millis = (int) Math.max(1, deadline.left().toMillis()); // 0 would be for ever
        return RequestOptions.builder()
                .setConnectTimeout(Math.min(millis, CONNECT_MILLIS_MAX))
                .setReadTimeout(millis);
    }
}
