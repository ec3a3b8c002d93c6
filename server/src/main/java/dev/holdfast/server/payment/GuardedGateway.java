package dev.holdfast.server.payment;

import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.server.api.Money;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Keeps a provider's trouble to itself. Whoever asks is answered within his deadline, whatever the provider does; not more than
 * so many calls are under way, those included that nobody waits for any more; and a provider that fails is left alone for a
 * while. What is turned away here was {@link PaymentOutcome.NotSent}.
 */
final class GuardedGateway implements PaymentGateway {
    private static final Logger LOG = LoggerFactory.getLogger(GuardedGateway.class);

    /** A provider's adapter ends by itself at the deadline, and knows better then what has happened; this is for one that does not. */
    private static final Duration GRACE = Duration.ofMillis(200);

    /** Half of all calls of ten seconds, at least twenty: more than bad luck. Then five seconds of rest, then five calls to see. */
    static final int CALLS_MIN = 20;

    static final Duration REST = Duration.ofSeconds(5);
    static final int PROBES = 5;
    private static final int WINDOW_SECONDS = 10;
    private static final float FAILED_PERCENT = 50;

    private final PaymentGateway provider;
    private final Duration deadlineMax;
    private final Semaphore free;
    private final CircuitBreaker breaker;
    private final MeterRegistry meters;

    /** @param clock of the breaker; deadlines go by the monotonic one */
    GuardedGateway(
            PaymentGateway provider, Duration deadlineMax, int concurrentMax, Clock clock, MeterRegistry meters) {
        this.provider = provider;
        this.deadlineMax = deadlineMax;
        this.free = new Semaphore(concurrentMax);
        this.meters = meters;
        this.breaker = CircuitBreaker.of(
                "payment",
                CircuitBreakerConfig.custom()
                        .slidingWindow(WINDOW_SECONDS, CALLS_MIN, SlidingWindowType.TIME_BASED)
                        .failureRateThreshold(FAILED_PERCENT)
                        .waitDurationInOpenState(REST)
                        .permittedNumberOfCallsInHalfOpenState(PROBES)
                        .clock(clock)
                        .currentTimestampFunction(Clock::millis, TimeUnit.MILLISECONDS)
                        .build());
        breaker.getEventPublisher()
                .onStateTransition(event -> LOG.warn(
                        "The circuit of the payment provider is {}, it was {}",
                        event.getStateTransition().getToState(),
                        event.getStateTransition().getFromState()));
        Gauge.builder("holdfast.payment.breaker", breaker, GuardedGateway::openness)
                .description("0: the provider is asked; 1: a few calls try it; 2: it is left alone")
                .register(meters);
        Gauge.builder("holdfast.payment.calls.active", free, semaphore -> concurrentMax - semaphore.availablePermits())
                .description("Calls under way, those included that nobody waits for any more")
                .register(meters);
    }

    @Override
    public PaymentOutcome authorize(Authorization authorization, Duration within) {
        return call("authorize", within, bounded -> provider.authorize(authorization, bounded));
    }

    @Override
    public PaymentOutcome capture(UUID paymentId, Money amount, Duration within) {
        return call("capture", within, bounded -> provider.capture(paymentId, amount, bounded));
    }

    @Override
    public PaymentOutcome cancel(UUID paymentId, Duration within) {
        return call("cancel", within, bounded -> provider.cancel(paymentId, bounded));
    }

    @Override
    public PaymentOutcome refund(UUID paymentId, Money amount, IdempotencyKey key, Duration within) {
        return call("refund", within, bounded -> provider.refund(paymentId, amount, key, bounded));
    }

    @Override
    public PaymentOutcome find(UUID paymentId, Duration within) {
        return call("find", within, bounded -> provider.find(paymentId, bounded));
    }

    private PaymentOutcome call(String name, Duration within, Function<Duration, PaymentOutcome> call) {
        if (TransactionSynchronizationManager.isActualTransactionActive()) {
            throw new IllegalStateException("a payment provider is not to be asked in a transaction: " + name);
        }
        long startNanos = System.nanoTime();
        PaymentOutcome outcome = admitted(within.compareTo(deadlineMax) < 0 ? within : deadlineMax, call);
        meters.timer("holdfast.payment.calls", "call", name, "outcome", nameOf(outcome))
                .record(System.nanoTime() - startNanos, TimeUnit.NANOSECONDS);
        return outcome;
    }

    private PaymentOutcome admitted(Duration within, Function<Duration, PaymentOutcome> call) {
        if (!free.tryAcquire()) {
            return new PaymentOutcome.NotSent("as many calls are under way as may be");
        }
        if (!breaker.tryAcquirePermission()) {
            free.release();
            return new PaymentOutcome.NotSent("the provider fails and is left alone for a while");
        }
        long startNanos = System.nanoTime();
        PaymentOutcome outcome = answer(within, call);
        long nanos = System.nanoTime() - startNanos;
        switch (outcome) {
            case Payment _, PaymentOutcome.Refused _, PaymentOutcome.Pending _ ->
                breaker.onSuccess(nanos, TimeUnit.NANOSECONDS);
            case PaymentOutcome.Unknown(var why) ->
                breaker.onError(nanos, TimeUnit.NANOSECONDS, new TimeoutException(why));
            case PaymentOutcome.NotSent(var why) ->
                breaker.onError(nanos, TimeUnit.NANOSECONDS, new TimeoutException(why));
        }
        return outcome;
    }

    /** The call goes on when nobody waits for it any more, and keeps its place until it ends. */
    private PaymentOutcome answer(Duration within, Function<Duration, PaymentOutcome> call) {
        var task = new FutureTask<>(() -> call.apply(within));
        Thread.ofVirtual().name("payment-call").start(() -> {
            try {
                task.run();
            } finally {
                free.release();
            }
        });
        try {
            return task.get(within.plus(GRACE).toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            task.cancel(true);
            return new PaymentOutcome.Unknown("no answer in time");
        } catch (ExecutionException e) {
            LOG.error("unforeseen", e.getCause());
            return new PaymentOutcome.Unknown("something unforeseen went wrong");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            task.cancel(true);
            return new PaymentOutcome.Unknown("interrupted");
        }
    }

    private static double openness(CircuitBreaker breaker) {
        return switch (breaker.getState()) {
            case CLOSED, DISABLED, METRICS_ONLY -> 0;
            case HALF_OPEN -> 1;
            case OPEN, FORCED_OPEN -> 2;
        };
    }

    /** For meters and people. */
    static String nameOf(PaymentOutcome outcome) {
        return switch (outcome) {
            case Payment.Absent _ -> "absent";
            case Payment.RequiresAction _ -> "requires-action";
            case Payment.Declined _ -> "declined";
            case Payment.Authorized _ -> "authorized";
            case Payment.Captured _ -> "captured";
            case Payment.Voided _ -> "voided";
            case Payment.Refunded _ -> "refunded";
            case PaymentOutcome.Refused _ -> "refused";
            case PaymentOutcome.Pending _ -> "pending";
            case PaymentOutcome.Unknown _ -> "unknown";
            case PaymentOutcome.NotSent _ -> "not-sent";
        };
    }
}
