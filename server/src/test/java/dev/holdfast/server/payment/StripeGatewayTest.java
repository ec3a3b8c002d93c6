package dev.holdfast.server.payment;

import com.stripe.StripeClient;
import dev.holdfast.server.api.Money;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Against a server that answers as Stripe documents, and fails as networks do. */
@ExtendWith(SharedPayments.class)
final class StripeGatewayTest extends GatewayContract {
    /** For calls that are never answered. */
    private static final Duration SHORT = Duration.ofMillis(300);

    private final StubStripe stub = new StubStripe();
    private final TestPayments payments;
    private final PaymentGateway stripe;

    StripeGatewayTest(TestPayments payments) {
        this.payments = payments;
        this.stripe = gateway(stub.url());
    }

    @AfterEach
    void close() {
        stub.close();
    }

    private StripeGateway gateway(String url) {
        var client = StripeClient.builder()
                .setApiKey("sk_test_stub")
                .setApiBase(url)
                .setMaxNetworkRetries(0)
                .build();
        return new StripeGateway(client.v1(), new StripeIntents(payments.database));
    }

    @Override
    PaymentGateway gateway() {
        return stripe;
    }

    @Override
    String token(String fate) {
        return switch (fate) {
            case "approve" -> "pm_card_visa";
            case "decline" -> "pm_card_visa_chargeDeclined";
            case "insufficient_funds" -> "pm_card_visa_chargeDeclinedInsufficientFunds";
            case "expired_card" -> "pm_card_chargeDeclinedExpiredCard";
            case "requires_action" -> "pm_card_authenticationRequired";
            default -> throw new IllegalArgumentException(fate);
        };
    }

    @Override
    void act(Payment.RequiresAction action) {
        stub.intents.authenticate(action.reference(), true);
    }

    private PaymentOutcome authorizeWithin(Duration within) {
        return stripe.authorize(authorization("approve", 1_000), within);
    }

    @Test
    void anAuthorizationIsTwoCalls() {
        authorize("approve");
        assertThat(stub.steps).containsExactly("create", "confirm");
    }

    @Test
    void nothingIsAskedForInACurrencyThatStripeCountsDifferently() {
        var kronur = new Authorization(id, new Money(500, "ISK"), "pm_card_visa");
        assertThat(stripe.authorize(kronur, LONG)).isEqualTo(new Payment.Declined(DeclineReason.UNUSABLE_AMOUNT));
        assertThat(stub.steps).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"amount_too_small", "amount_too_large"})
    void anAmountThatStripeDoesNotTakeIsDeclined(String code) {
        stub.faults.add(StubStripe.Fault.answered("create", 400, "invalid_request_error", code));
        assertThat(authorize("approve")).isEqualTo(new Payment.Declined(DeclineReason.UNUSABLE_AMOUNT));
        assertThat(find()).isEqualTo(new Payment.Absent());
        assertThat(cancel()).isEqualTo(new Payment.Voided());
    }

    @Test
    void whoFailsToAuthenticateIsDeclined() {
        authorize("requires_action");
        stub.intents.authenticate(stub.intents.onlyId(), false);
        assertThat(find()).isEqualTo(new Payment.Declined(DeclineReason.AUTHENTICATION_FAILED));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aConfirmationWithoutAnAnswerIsUnknownUntilItIsFound(boolean hasEffect) {
        stub.faults.add(StubStripe.Fault.lost("confirm", hasEffect));
        assertThat(authorizeWithin(SHORT)).isInstanceOf(PaymentOutcome.Unknown.class);
        assertThat(find()).isEqualTo(hasEffect ? new Payment.Authorized(euros(1_000)) : new Payment.Absent());
        assertThat(authorize("approve")).isEqualTo(new Payment.Authorized(euros(1_000)));
    }

    /** Nothing was confirmed, so nothing was authorized, and the next try begins anew. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aCreationWithoutAnAnswerWasNotSent(boolean hasEffect) {
        stub.faults.add(StubStripe.Fault.lost("create", hasEffect));
        assertThat(authorizeWithin(SHORT)).isInstanceOf(PaymentOutcome.NotSent.class);
        assertThat(find()).isEqualTo(new Payment.Absent());
        assertThat(authorize("approve")).isEqualTo(new Payment.Authorized(euros(1_000)));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aCaptureWithoutAnAnswerIsUnknownUntilItIsFound(boolean hasEffect) {
        authorize("approve");
        stub.faults.add(StubStripe.Fault.lost("capture", hasEffect));
        assertThat(stripe.capture(id, euros(1_000), SHORT)).isInstanceOf(PaymentOutcome.Unknown.class);
        assertThat(find())
                .isEqualTo(hasEffect ? new Payment.Captured(euros(1_000)) : new Payment.Authorized(euros(1_000)));
        assertThat(capture(1_000)).isEqualTo(new Payment.Captured(euros(1_000)));
    }

    @Test
    void aRefundWithoutAnAnswerSentAgainWithItsKeyIsOne() {
        authorize("approve");
        capture(1_000);
        var key = newKey();
        stub.faults.add(StubStripe.Fault.lost("refund", true));
        assertThat(stripe.refund(id, euros(400), key, SHORT)).isInstanceOf(PaymentOutcome.Unknown.class);
        assertThat(refund(400, key)).isEqualTo(new Payment.Refunded(euros(1_000), euros(400)));
    }

    /** The refund is made; only how much it is in all could not be seen. */
    @Test
    void aRefundThatCannotBeLookedAtIsUnknown() {
        authorize("approve");
        capture(1_000);
        stub.faults.add(StubStripe.Fault.answered("retrieve", 429, "invalid_request_error", "rate_limit"));
        assertThat(refund(400, newKey())).isInstanceOf(PaymentOutcome.Unknown.class);
        assertThat(find()).isEqualTo(new Payment.Refunded(euros(1_000), euros(400)));
    }

    @ParameterizedTest
    @CsvSource({
        "429, invalid_request_error, rate_limit,              not-sent",
        "401, invalid_request_error, api_key_expired,         not-sent",
        "403, invalid_request_error, more_permissions_required, not-sent",
        "409, idempotency_error,     idempotency_key_in_use,  unknown",
        "500, api_error,             api_error,               unknown",
        "503, api_error,             api_error,               unknown",
    })
    void errorsThatAreNoDecline(int status, String type, String code, String outcome) {
        authorize("approve");
        stub.faults.add(StubStripe.Fault.answered("capture", status, type, code));
        assertThat(GuardedGateway.nameOf(capture(1_000))).isEqualTo(outcome);
        assertThat(find()).isEqualTo(new Payment.Authorized(euros(1_000)));
    }

    @Test
    void afterAFailureOfStripeItGoesOn() {
        authorize("approve");
        stub.faults.add(StubStripe.Fault.answered("capture", 500, "api_error", "api_error"));
        assertThat(capture(1_000)).isInstanceOf(PaymentOutcome.Unknown.class);
        assertThat(find()).isEqualTo(new Payment.Authorized(euros(1_000)));
        assertThat(capture(1_000)).isEqualTo(new Payment.Captured(euros(1_000)));
    }

    /** Stripe keeps its own failures with the key. */
    @Test
    void aRefundThatFailedAtStripeNeedsANewKey() {
        authorize("approve");
        capture(1_000);
        var key = newKey();
        stub.faults.add(StubStripe.Fault.answered("refund", 500, "api_error", "api_error"));
        assertThat(refund(400, key)).isInstanceOf(PaymentOutcome.Unknown.class);
        assertThat(refund(400, key)).isInstanceOf(PaymentOutcome.Unknown.class);
        assertThat(find()).isEqualTo(new Payment.Captured(euros(1_000)));
        assertThat(refund(400, newKey())).isEqualTo(new Payment.Refunded(euros(1_000), euros(400)));
    }

    /** Of several that were created at the same time only the one that was noted is confirmed. */
    @Test
    void manyAtOnceAreOneAuthorization() throws Exception {
        authorizeAtOnce(20);
        assertThat(stub.intents.count("requires_capture")).isEqualTo(1);
    }

    @Test
    void whatStripeIsStillAtIsPending() {
        authorize("approve");
        stub.intents.set(stub.intents.onlyId(), "processing");
        assertThat(find()).isInstanceOf(PaymentOutcome.Pending.class);
        assertThat(cancel()).isInstanceOf(PaymentOutcome.Pending.class);
        assertThat(authorize("approve")).isInstanceOf(PaymentOutcome.Pending.class);
    }

    @Test
    void whereNobodyListensNothingIsSent() throws IOException {
        authorize("approve");
        int port;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        var nobody = gateway("http://127.0.0.1:" + port);
        assertThat(nobody.capture(id, euros(1_000), LONG)).isInstanceOf(PaymentOutcome.NotSent.class);
        assertThat(nobody.find(id, LONG)).isInstanceOf(PaymentOutcome.NotSent.class);
    }

    @ParameterizedTest
    @CsvSource({"approve, authorized", "decline, declined"})
    void whoIsOvertakenIsToldWhatItIs(String fate, String end) {
        stub.faults.add(StubStripe.Fault.overtaken("confirm"));
        assertThat(GuardedGateway.nameOf(authorize(fate))).isEqualTo(end);
    }

    @Test
    void whoIsOvertakenByACancellationIsRefused() {
        stub.faults.add(StubStripe.Fault.lost("confirm", false));
        authorizeWithin(SHORT);
        stub.faults.add(StubStripe.Fault.overtaken("cancel"));
        assertThat(cancel()).isEqualTo(new Payment.Voided());
        assertRefused(authorize("approve"), new Payment.Voided());
    }

    /** A process that died between creating and confirming: another one goes on with the same intent. */
    @Test
    void anIntentThatWasNotedAndNotConfirmedIsConfirmedLater() {
        stub.faults.add(StubStripe.Fault.answered("confirm", 429, "invalid_request_error", "rate_limit"));
        assertThat(authorize("approve")).isInstanceOf(PaymentOutcome.NotSent.class);
        assertThat(find()).isEqualTo(new Payment.Absent());
        assertThat(authorize("approve")).isEqualTo(new Payment.Authorized(euros(1_000)));
        assertThat(stub.steps).containsExactly("create", "confirm", "retrieve", "retrieve", "confirm");
    }
}
