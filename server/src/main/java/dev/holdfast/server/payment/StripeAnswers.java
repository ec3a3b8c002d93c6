package dev.holdfast.server.payment;

import com.stripe.exception.ApiConnectionException;
import com.stripe.exception.AuthenticationException;
import com.stripe.exception.CardException;
import com.stripe.exception.InvalidRequestException;
import com.stripe.exception.RateLimitException;
import com.stripe.exception.StripeException;
import com.stripe.model.Charge;
import com.stripe.model.PaymentIntent;
import com.stripe.model.StripeError;
import dev.holdfast.server.api.Money;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Locale;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Stripe's words in ours: docs.stripe.com/payments/paymentintents/lifecycle, docs.stripe.com/error-low-level. */
final class StripeAnswers {
    private static final Logger LOG = LoggerFactory.getLogger(StripeAnswers.class);

    private StripeAnswers() {}

    /** Refunds are seen only of an intent whose latest charge was asked for with it. */
    static PaymentOutcome of(PaymentIntent intent) {
        return switch (intent.getStatus()) {
            case "requires_confirmation" -> new Payment.Absent();
            case "requires_payment_method" -> {
                StripeError error = intent.getLastPaymentError();
                yield error == null ? new Payment.Absent() : new Payment.Declined(reason(error));
            }
            case "requires_action" -> requiresAction(intent);
            case "requires_capture" -> new Payment.Authorized(money(intent, intent.getAmount()));
            case "succeeded" -> taken(intent);
            case "canceled" -> new Payment.Voided();
            default -> new PaymentOutcome.Pending("Stripe says: " + intent.getStatus());
        };
    }

    /** What a call has done that failed for a reason outside of it. What an error of the request means depends on what was asked. */
    static PaymentOutcome of(StripeException e) {
        return switch (e) {
            case RateLimitException _ -> new PaymentOutcome.NotSent("Stripe takes no more calls for the moment");
            case AuthenticationException _ -> { // 401, and 403
                LOG.error("Stripe refuses holdfast.payment.stripe.key: {}", e.getMessage());
                yield new PaymentOutcome.NotSent("Stripe refuses our key");
            }
            case ApiConnectionException _
            when neverConnected(e.getCause()) -> new PaymentOutcome.NotSent("Stripe cannot be reached");
            case ApiConnectionException _ -> new PaymentOutcome.Unknown("no answer from Stripe");
            default -> new PaymentOutcome.Unknown("Stripe failed with " + e.getStatusCode());
        };
    }

    /** Whether not a byte of the request was sent. Java tells a connection that took too long from an answer by its words only. */
    private static boolean neverConnected(@Nullable Throwable cause) {
        return switch (cause) {
            case ConnectException _, NoRouteToHostException _, UnknownHostException _, SSLHandshakeException _ -> true;
            case SocketTimeoutException timeout ->
                String.valueOf(timeout.getMessage()).toLowerCase(Locale.ROOT).startsWith("connect");
            case null, default -> false;
        };
    }

    private static Payment requiresAction(PaymentIntent intent) {
        PaymentIntent.NextAction next = intent.getNextAction();
        String url = next == null || next.getRedirectToUrl() == null
                ? null
                : next.getRedirectToUrl().getUrl();
        return new Payment.RequiresAction(intent.getId(), url, url == null ? intent.getClientSecret() : null);
    }

    private static Payment taken(PaymentIntent intent) {
        Money captured = money(intent, intent.getAmountReceived());
        Charge charge = intent.getLatestChargeObject();
        Long refunded = charge == null ? null : charge.getAmountRefunded();
        return refunded == null || refunded == 0
                ? new Payment.Captured(captured)
                : new Payment.Refunded(captured, money(intent, refunded));
    }

    private static Money money(PaymentIntent intent, long minor) {
        return new Money(minor, intent.getCurrency().toUpperCase(Locale.ROOT));
    }

    /** Of an intent that is not created; null if that is nothing the buyer can change. docs.stripe.com/error-codes. */
    static @Nullable DeclineReason reason(InvalidRequestException e) {
        return switch (e.getCode()) {
            case "amount_too_small", "amount_too_large" -> DeclineReason.UNUSABLE_AMOUNT;
            case null, default -> "payment_method".equals(e.getParam()) ? DeclineReason.UNUSABLE_METHOD : null;
        };
    }

    static DeclineReason reason(CardException e) {
        return reason(String.valueOf(e.getCode()), e.getDeclineCode());
    }

    private static DeclineReason reason(StripeError error) {
        return reason(String.valueOf(error.getCode()), error.getDeclineCode());
    }

    /** docs.stripe.com/declines/codes. Whatever is not listed, lost and stolen cards among it, is a plain "no" to the buyer. */
    private static DeclineReason reason(String code, @Nullable String declineCode) {
        return switch (declineCode == null || !code.equals("card_declined") ? code : declineCode) {
            case "insufficient_funds" -> DeclineReason.INSUFFICIENT_FUNDS;
            case "expired_card" -> DeclineReason.EXPIRED_CARD;
            case "incorrect_cvc",
                    "incorrect_number",
                    "incorrect_zip",
                    "incorrect_address",
                    "invalid_cvc",
                    "invalid_expiry_month",
                    "invalid_expiry_year",
                    "invalid_number" -> DeclineReason.INCORRECT_DETAILS;
            case "authentication_required", "payment_intent_authentication_failure" ->
                DeclineReason.AUTHENTICATION_FAILED;
            default -> DeclineReason.DECLINED;
        };
    }
}
