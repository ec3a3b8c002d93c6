package dev.holdfast.server;

import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.local.LocalPostgres;
import dev.holdfast.server.payment.PaymentNews;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

/** What Stripe tells by itself: signed as it documents, twice, late, in any order, and by others. */
@ExtendWith(SharedServer.class)
final class StripeWebhookTest {
    private static final String SECRET = "whsec_of_a_test";
    private static final String PATH = "/v1/payments/webhooks/stripe";

    /** Who waits for payments. */
    static final class Listener implements PaymentNews {
        final List<UUID> heard = new CopyOnWriteArrayList<>();
        final AtomicBoolean isBroken = new AtomicBoolean();

        @Override
        public void changed(UUID paymentId) {
            if (isBroken.getAndSet(false)) {
                throw new IllegalStateException("as if the listener's table were away");
            }
            heard.add(paymentId);
        }
    }

    private static TestServer server;
    private static Listener listener;

    private final UUID payment = IdempotencyKey.randomUuidV7();

    @BeforeAll
    static void start(LocalPostgres postgres) {
        postgres.createDatabase("webhooks");
        server = TestServer.start(
                List.of(Listener.class),
                postgres,
                "webhooks",
                "--holdfast.payment.provider=stripe",
                "--holdfast.payment.stripe.key=sk_test_of_a_test",
                "--holdfast.payment.stripe.webhook-secret=" + SECRET);
        listener = server.bean(Listener.class);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String newEvent() {
        return "evt_" + UUID.randomUUID();
    }

    private String event(String id, String type) {
        return """
                {"id": "%s", "object": "event", "api_version": "2026-09-30.dahlia", "created": 1789000000, "type": "%s",
                 "data": {"object": {"id": "pi_1", "object": "payment_intent", "status": "requires_capture",
                          "metadata": {"holdfast_payment": "%s"}}}}""".formatted(id, type, payment);
    }

    private static String signature(String body, Instant at, String secret) {
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            byte[] sum = mac.doFinal((at.getEpochSecond() + "." + body).getBytes(StandardCharsets.UTF_8));
            return "t=" + at.getEpochSecond() + ",v1=" + HexFormat.of().formatHex(sum);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Reply send(String body) {
        return server.post(PATH, body, "Stripe-Signature", signature(body, Instant.now(), SECRET));
    }

    private long heard() {
        return listener.heard.stream().filter(payment::equals).count();
    }

    @Test
    void aMessageIsNewsOnceHoweverOftenItComes() throws Exception {
        String event = event(newEvent(), "payment_intent.amount_capturable_updated");
        List<Callable<Reply>> deliveries = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            deliveries.add(() -> send(event));
        }
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Reply> reply : threads.invokeAll(deliveries)) {
                assertThat(reply.get().status()).isEqualTo(204);
            }
        }
        assertThat(heard()).isEqualTo(1);
    }

    @Test
    void nothingIsClaimedOfBooksThatAreElsewhere() {
        Reply invariants = server.get("/v1/invariants");

        assertThat(invariants.at("/ok")).isEqualTo("true");
        assertThat(invariants.text()).contains("a checkout has ended").doesNotContain("the money kept");
    }

    /** Each is a reason to look, and none of them says what there is to see. */
    @Test
    void theOrderDoesNotMatter() {
        assertThat(send(event(newEvent(), "payment_intent.succeeded")).status()).isEqualTo(204);
        assertThat(send(event(newEvent(), "payment_intent.created")).status()).isEqualTo(204);
        assertThat(heard()).isEqualTo(2);
    }

    @Test
    void whatHadNoEffectIsToldAgain() {
        String event = event(newEvent(), "payment_intent.succeeded");
        listener.isBroken.set(true);
        assertThat(send(event).status()).isEqualTo(500);
        assertThat(heard()).isZero();
        assertThat(send(event).status()).isEqualTo(204);
        assertThat(heard()).isEqualTo(1);
    }

    @Test
    void aChargeIsKnownByItsIntent() {
        server.bean(JdbcClient.class)
                .sql("INSERT INTO stripe_intent (payment_id, intent_id) VALUES (?, ?)")
                .params(payment, "pi_" + payment)
                .update();
        assertThat(send("""
                {"id": "%s", "object": "event", "type": "charge.refunded",
                 "data": {"object": {"id": "ch_1", "object": "charge", "payment_intent": "pi_%s", "metadata": {}}}}""".formatted(newEvent(), payment)).status()).isEqualTo(204);
        assertThat(heard()).isEqualTo(1);
    }

    @Test
    void whatIsNotOursIsTakenAndDropped() {
        int before = listener.heard.size();
        for (String object : List.of(
                "{\"object\": \"payment_intent\", \"metadata\": {}}",
                "{\"object\": \"payment_intent\", \"metadata\": {\"holdfast_payment\": \"none\"}}",
                "{\"object\": \"charge\", \"payment_intent\": \"pi_of_somebody_else\"}",
                "{\"object\": \"customer\"}")) {
            String event = "{\"id\": \"" + newEvent() + "\", \"data\": {\"object\": " + object + "}}";
            assertThat(send(event).status()).isEqualTo(204);
        }
        assertThat(listener.heard).hasSize(before);
    }

    @Test
    void onlyWhatStripeHasSignedJustNow() {
        String event = event(newEvent(), "payment_intent.succeeded");
        var now = Instant.now();
        String good = signature(event, now, SECRET);
        for (Reply reply : List.of(
                server.post(PATH, event),
                server.post(PATH, event, "Stripe-Signature", "nonsense"),
                server.post(PATH, event, "Stripe-Signature", signature(event, now, "whsec_of_another")),
                server.post(PATH, event + " ", "Stripe-Signature", good),
                server.post(
                        PATH, event, "Stripe-Signature", signature(event, now.minus(Duration.ofMinutes(6)), SECRET)))) {
            assertThat(reply.status()).as(reply.text()).isEqualTo(400);
            assertThat(reply.code()).isEqualTo("invalid-signature");
        }
        assertThat(heard()).isZero();
        assertThat(server.post(PATH, event, "Stripe-Signature", good).status()).isEqualTo(204);
        assertThat(server.post(PATH, " ".repeat(1 << 19), "Stripe-Signature", good)
                        .code())
                .isEqualTo("body-too-large");
    }
}
