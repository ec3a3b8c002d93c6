package dev.holdfast.server.payment;

import dev.holdfast.engine.IdempotencyKey;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Every token's fate, on real books. */
@ExtendWith(SharedPayments.class)
final class SandboxGatewayTest extends GatewayContract {
    /** For calls that are never answered. */
    private static final Duration SHORT = Duration.ofMillis(200);

    private final TestClock clock = new TestClock();
    private final TestPayments payments;
    private final SandboxGateway sandbox;

    SandboxGatewayTest(TestPayments payments) {
        this.payments = payments;
        this.sandbox = payments.sandbox(clock);
    }

    @AfterEach
    void close() {
        sandbox.close();
    }

    @Override
    PaymentGateway gateway() {
        return sandbox;
    }

    @Override
    String token(String fate) {
        return "tok_" + fate;
    }

    @Override
    void act(Payment.RequiresAction action) {
        assertThat(action.url()).isEqualTo("/v1/payments/sandbox/" + id + "/authentication");
        assertThat(sandbox.authenticate(id, LONG)).isEqualTo(new Payment.Authorized(euros(1_000)));
        assertThat(sandbox.authenticate(id, LONG)).isEqualTo(new Payment.Authorized(euros(1_000)));
    }

    private long news() {
        return payments.news.stream().filter(id::equals).count();
    }

    private PaymentOutcome authorizeWithin(Duration within, String fate) {
        return sandbox.authorize(authorization(fate, 1_000), within);
    }

    @ParameterizedTest
    @CsvSource({"timeout_then_success, authorized", "timeout_then_failure, declined"})
    void timedOutThenSettled(String fate, String end) {
        assertThat(authorizeWithin(SHORT, fate + ":500")).isInstanceOf(PaymentOutcome.Unknown.class);
        assertThat(find()).isInstanceOf(PaymentOutcome.Pending.class);
        assertThat(cancel()).isInstanceOf(PaymentOutcome.Pending.class);
        clock.advance(Duration.ofMillis(500));
        assertThat(GuardedGateway.nameOf(find())).isEqualTo(end);
        assertThat(authorize(fate + ":500")).isEqualTo(find());
        Awaitility.await().until(() -> news() == 1);
    }

    @Test
    void slowIsSlowAndInTime() {
        long startNanos = System.nanoTime();
        assertThat(authorize("slow:100")).isEqualTo(new Payment.Authorized(euros(1_000)));
        assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isGreaterThanOrEqualTo(Duration.ofMillis(100));
    }

    @Test
    void tooSlowIsUnknownAndDone() {
        assertThat(authorizeWithin(SHORT, "slow:600000")).isInstanceOf(PaymentOutcome.Unknown.class);
        assertThat(find()).isEqualTo(new Payment.Authorized(euros(1_000)));
    }

    /** Both callbacks are the same message, so it is news once. */
    @Test
    void aDuplicateCallbackIsNewsOnce() {
        assertThat(authorize("duplicate_callback")).isEqualTo(new Payment.Authorized(euros(1_000)));
        Awaitility.await().until(() -> news() == 1);
        payments.events(clock).received("sandbox:" + id + ":authorized", id);
        assertThat(news()).isEqualTo(1);
    }

    @Test
    void theCallbackComesBeforeTheAnswer() {
        assertThat(authorize("callback_first")).isEqualTo(new Payment.Authorized(euros(1_000)));
        assertThat(news()).isEqualTo(1);
    }

    @Test
    void downForAMinuteFromTheFirstUseOn() {
        assertThat(authorize("provider_down")).isInstanceOf(PaymentOutcome.NotSent.class);
        clock.advance(Duration.ofSeconds(59));
        assertThat(authorize("provider_down")).isInstanceOf(PaymentOutcome.NotSent.class);
        assertThat(find()).isInstanceOf(PaymentOutcome.NotSent.class);
        assertThat(cancel()).isInstanceOf(PaymentOutcome.NotSent.class);
        clock.advance(Duration.ofSeconds(1));
        assertThat(find()).isEqualTo(new Payment.Absent());
        assertThat(authorize("provider_down")).isEqualTo(new Payment.Authorized(euros(1_000)));
        assertThat(capture(1_000)).isEqualTo(new Payment.Captured(euros(1_000)));
    }

    @Test
    void downAndThenCancelled() {
        authorize("provider_down:1000");
        clock.advance(Duration.ofSeconds(1));
        assertThat(cancel()).isEqualTo(new Payment.Voided());
    }

    @Test
    void theBuyersActIsNews() {
        authorize("requires_action");
        sandbox.authenticate(id, LONG);
        Awaitility.await().until(() -> news() == 1);
    }

    @Test
    void aRefundsKeyIsForOneAmount() {
        authorize("approve");
        capture(1_000);
        var key = newKey();
        refund(300, key);
        assertRefused(refund(200, key), new Payment.Refunded(euros(1_000), euros(300)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"tok_", "tok_approve:1", "tok_slow:600001", "tok_slow:-1", "tok_sl ow", "TOK_APPROVE", "approve"
            })
    void noTokens(String token) {
        assertThat(sandbox.authorize(new Authorization(id, euros(1), token), LONG))
                .isEqualTo(new Payment.Declined(DeclineReason.UNUSABLE_METHOD));
    }

    /** Two nodes, one payment: each step is taken once, whoever takes it. */
    @Test
    void twoNodesHaveTheSameBooks() throws Exception {
        try (var other = payments.sandbox(clock);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int round = 0; round < 20; round++) {
                var payment = new Authorization(IdempotencyKey.randomUuidV7(), euros(1_000), "tok_approve");
                List<Callable<PaymentOutcome>> calls = new ArrayList<>();
                for (SandboxGateway node : List.of(sandbox, other)) {
                    calls.add(() -> node.authorize(payment, LONG));
                }
                assertThat(answers(threads.invokeAll(calls))).containsOnly(new Payment.Authorized(euros(1_000)));
                sandbox.capture(payment.paymentId(), euros(1_000), LONG);
                calls.clear();
                for (int i = 0; i < 20; i++) {
                    SandboxGateway node = i % 2 == 0 ? sandbox : other;
                    calls.add(() -> node.refund(payment.paymentId(), euros(100), newKey(), LONG));
                }
                assertThat(answers(threads.invokeAll(calls)))
                        .filteredOn(Payment.Refunded.class::isInstance)
                        .hasSize(10);
                assertThat(other.find(payment.paymentId(), LONG))
                        .isEqualTo(new Payment.Refunded(euros(1_000), euros(1_000)));
            }
        }
    }

    private static List<PaymentOutcome> answers(List<Future<PaymentOutcome>> futures) throws Exception {
        List<PaymentOutcome> answers = new ArrayList<>();
        for (Future<PaymentOutcome> future : futures) {
            answers.add(future.get());
        }
        return answers;
    }

    /** Nobody closes anything: server and database are gone from one moment to the next. */
    @Test
    void whatWasAnsweredOutlivesServerAndDatabase() {
        try (var own = new TestPayments()) {
            List<UUID> authorized = new ArrayList<>();
            var dying = own.sandbox(Clock.systemUTC());
            for (int i = 0; i < 50; i++) {
                UUID paymentId = IdempotencyKey.randomUuidV7();
                if (dying.authorize(new Authorization(paymentId, euros(500), "tok_approve"), LONG)
                        instanceof Payment.Authorized) {
                    authorized.add(paymentId);
                }
            }
            own.postgres.kill();
            assertThat(dying.find(authorized.getFirst(), SHORT)).isInstanceOf(PaymentOutcome.Unknown.class);
            own.postgres.startAgain();
            try (var next = own.sandbox(Clock.systemUTC())) {
                Awaitility.await() // for the pool to see that its connections are gone
                        .until(() -> next.find(authorized.getFirst(), LONG) instanceof Payment);
                assertThat(authorized)
                        .hasSize(50)
                        .allSatisfy(paymentId ->
                                assertThat(next.find(paymentId, LONG)).isEqualTo(new Payment.Authorized(euros(500))));
            }
        }
    }
}
