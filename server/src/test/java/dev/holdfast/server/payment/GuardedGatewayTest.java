package dev.holdfast.server.payment;

import dev.holdfast.engine.IdempotencyKey;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static dev.holdfast.server.payment.GatewayContract.euros;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** A provider that is slow, down or broken stays the provider's trouble. The provider is the sandbox, through its tokens. */
@ExtendWith(SharedPayments.class)
final class GuardedGatewayTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(200);
    private static final int CONCURRENT_MAX = 4;

    private final TestClock clock = new TestClock();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final TestPayments payments;
    private final SandboxGateway sandbox;
    private final PaymentGateway gateway;

    GuardedGatewayTest(TestPayments payments) {
        this.payments = payments;
        this.sandbox = payments.sandbox(clock);
        this.gateway = new GuardedGateway(sandbox, LONG, CONCURRENT_MAX, clock, meters);
    }

    @AfterEach
    void close() {
        sandbox.close();
    }

    private static Authorization authorization(String token) {
        return new Authorization(IdempotencyKey.randomUuidV7(), euros(1_000), token);
    }

    private PaymentOutcome authorize(String token, Duration within) {
        return gateway.authorize(authorization(token), within);
    }

    private double breaker() {
        return meters.get("holdfast.payment.breaker").gauge().value();
    }

    private double active() {
        return meters.get("holdfast.payment.calls.active").gauge().value();
    }

    private long calls(String outcome) {
        var timer =
                meters.find("holdfast.payment.calls").tag("outcome", outcome).timer();
        return timer == null ? 0 : timer.count();
    }

    @Test
    void aProviderThatIsDownForAMinuteIsLeftAloneAndFoundAgain() {
        var payment = authorization("tok_provider_down");
        for (int i = 0; i < GuardedGateway.CALLS_MIN; i++) {
            assertThat(breaker()).isZero();
            assertThat(gateway.authorize(payment, LONG)).isInstanceOf(PaymentOutcome.NotSent.class);
        }
        assertThat(breaker()).isEqualTo(2);
        // Others are not sent either: the provider does not hear of them.
        var other = authorization("tok_approve");
        assertThat(gateway.authorize(other, LONG)).isInstanceOf(PaymentOutcome.NotSent.class);
        assertThat(sandbox.find(other.paymentId(), LONG)).isEqualTo(new Payment.Absent());

        clock.advance(GuardedGateway.REST);
        for (int i = 0; i < GuardedGateway.PROBES; i++) {
            assertThat(gateway.authorize(payment, LONG)).isInstanceOf(PaymentOutcome.NotSent.class);
        }
        assertThat(breaker()).isEqualTo(2);

        clock.advance(Duration.ofMinutes(1));
        assertThat(gateway.find(payment.paymentId(), LONG)).isEqualTo(new Payment.Absent());
        assertThat(breaker()).isEqualTo(1);
        for (int i = 1; i < GuardedGateway.PROBES; i++) {
            assertThat(gateway.authorize(payment, LONG)).isEqualTo(new Payment.Authorized(euros(1_000)));
        }
        assertThat(breaker()).isZero();
    }

    @Test
    void declinesAreNoFailures() {
        for (int i = 0; i < 2 * GuardedGateway.CALLS_MIN; i++) {
            assertThat(authorize("tok_decline", LONG)).isInstanceOf(Payment.Declined.class);
        }
        assertThat(breaker()).isZero();
        assertThat(calls("declined")).isEqualTo(2 * GuardedGateway.CALLS_MIN);
    }

    /** A bank that takes days to pay is no provider that is down. */
    @Test
    void notYetIsAnAnswer() {
        var transfer = authorization("tok_transfer:600000");
        for (int i = 0; i < 2 * GuardedGateway.CALLS_MIN; i++) {
            assertThat(gateway.authorize(transfer, LONG)).isInstanceOf(PaymentOutcome.Pending.class);
            assertThat(gateway.find(transfer.paymentId(), LONG)).isInstanceOf(PaymentOutcome.Pending.class);
        }
        assertThat(breaker()).isZero();
        assertThat(calls("pending")).isEqualTo(2 * GuardedGateway.CALLS_MIN);
    }

    @Test
    void whoComesWhenAllPlacesAreTakenIsTurnedAwayAtOnce() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<PaymentOutcome>> slow = new ArrayList<>();
            try (var standstill = payments.standstill()) {
                for (int i = 0; i < CONCURRENT_MAX; i++) {
                    slow.add(threads.submit(() -> authorize("tok_approve", LONG)));
                }
                Awaitility.await().until(() -> active() == CONCURRENT_MAX);
                assertThat(authorize("tok_approve", LONG)).isInstanceOf(PaymentOutcome.NotSent.class);
                assertThat(breaker()).isZero();
                assertThat(standstill.isClosed()).isFalse();
            }
            for (Future<PaymentOutcome> answer : slow) {
                assertThat(answer.get()).isInstanceOf(Payment.Authorized.class);
            }
        }
        Awaitility.await().until(() -> active() == 0);
        assertThat(authorize("tok_approve", LONG)).isInstanceOf(Payment.Authorized.class);
        assertThat(calls("not-sent")).isEqualTo(1);
    }

    @Test
    void theDeadlineIsTheCallersAndAtMostOurs() {
        long startNanos = System.nanoTime();
        assertThat(authorize("tok_timeout_then_success", SHORT)).isInstanceOf(PaymentOutcome.Unknown.class);
        var impatient = new GuardedGateway(sandbox, SHORT, CONCURRENT_MAX, clock, new SimpleMeterRegistry());
        assertThat(impatient.authorize(authorization("tok_timeout_then_success"), LONG))
                .isInstanceOf(PaymentOutcome.Unknown.class);
        assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isLessThan(LONG);
        Awaitility.await().until(() -> active() == 0);
        assertThat(calls("unknown")).isEqualTo(1);
    }

    @Test
    void nobodyAsksInATransaction() {
        assertThatThrownBy(() -> payments.transaction.execute(_ -> authorize("tok_approve", LONG)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("transaction");
    }
}
