package dev.holdfast.server;

import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.server.api.Money;
import dev.holdfast.server.payment.Authorization;
import dev.holdfast.server.payment.Payment;
import dev.holdfast.server.payment.PaymentGateway;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;

/** The sandbox inside the server: what the buyer calls, what operators see. */
@ExtendWith(SharedServer.class)
final class SandboxPaymentTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Money PRICE = new Money(1_299, "EUR");

    private final TestServer server;
    private final PaymentGateway gateway;
    private final UUID payment = IdempotencyKey.randomUuidV7();

    SandboxPaymentTest(TestServer server) {
        this.server = server;
        this.gateway = server.bean(PaymentGateway.class);
    }

    @Test
    void theBuyerDoesWhatIsRequired() {
        var required = gateway.authorize(new Authorization(payment, PRICE, "tok_requires_action"), LONG);
        String url = ((Payment.RequiresAction) required).url();
        assertThat(url).isNotNull();

        Reply done = server.send("POST", String.valueOf(url), null);
        Reply again = server.send("POST", String.valueOf(url), null);

        assertThat(done.status()).as(done.text()).isEqualTo(200);
        assertThat(done.text()).isEqualTo("""
                {"paymentId":"%s","state":"authorized"}""".formatted(payment));
        assertThat(again.text()).isEqualTo(done.text());
        assertThat(gateway.find(payment, LONG)).isEqualTo(new Payment.Authorized(PRICE));
    }

    @Test
    void ofAnUnknownPaymentThereIsNothingToDo() {
        Reply reply = server.send("POST", "/v1/payments/sandbox/" + payment + "/authentication", null);
        assertThat(reply.status()).isEqualTo(404);
        assertThat(reply.code()).isEqualTo("unknown-payment");
        assertThat(server.send("POST", "/v1/payments/sandbox/1/authentication", null)
                        .code())
                .isEqualTo("invalid-request");
    }

    @Test
    void itsBooksAreShown() {
        var half = new Money(650, "EUR");
        assertThat(server.get("/v1/payments/sandbox/" + payment).code()).isEqualTo("unknown-payment");
        gateway.authorize(new Authorization(payment, PRICE, "tok_approve"), LONG);
        assertThat(books()).isEqualTo("{\"paymentId\":\"%s\",\"state\":\"authorized\"}".formatted(payment));
        gateway.capture(payment, PRICE, LONG);
        assertThat(books())
                .contains("\"captured\":{\"amountMinor\":1299,\"currency\":\"EUR\"}")
                .doesNotContain("refunded");
        gateway.refund(payment, half, IdempotencyKey.random(), LONG);
        assertThat(books()).contains("\"captured\":{\"amountMinor\":1299,", "\"refunded\":{\"amountMinor\":650,");
    }

    private String books() {
        Reply reply = server.get("/v1/payments/sandbox/" + payment);
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        return reply.text();
    }

    @Test
    void metersTellCallsAndTheBreaker() {
        gateway.authorize(new Authorization(payment, PRICE, "tok_expired_card"), LONG);
        assertThat(server.get("/actuator/prometheus").text())
                .contains("holdfast_payment_calls_seconds_count{call=\"authorize\",outcome=\"declined\"}")
                .contains("holdfast_payment_breaker 0.0")
                .contains("holdfast_payment_calls_active");
    }

    /** Stripe's messages have no address where Stripe is not asked. */
    @Test
    void nobodyListensToAnotherProvider() {
        assertThat(server.post("/v1/payments/webhooks/stripe", "{}").code()).isEqualTo("not-found");
    }
}
