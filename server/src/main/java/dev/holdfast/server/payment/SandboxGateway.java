package dev.holdfast.server.payment;

import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.server.api.Money;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A provider that moves no money: the token decides what becomes of a payment, so every fate can be had on demand. Otherwise it is
 * real: its books are in PostgreSQL, survive whoever is killed, and are the same for all nodes.
 */
final class SandboxGateway implements PaymentGateway, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SandboxGateway.class);

    private final SandboxLane lane;
    private final PaymentEvents events;

    SandboxGateway(SandboxLane lane, PaymentEvents events) {
        this.lane = lane;
        this.events = events;
    }

    @Override
    public PaymentOutcome authorize(Authorization authorization, Duration within) {
        SandboxToken token = SandboxToken.of(authorization.method());
        if (token == null) {
            return new Payment.Declined(DeclineReason.UNUSABLE_METHOD);
        }
        var deadline = Deadline.in(within);
        UUID paymentId = authorization.paymentId();
        var asked = lane.ask(new SandboxRequest.Authorize(authorization, token));
        // Whether or not anybody waits for the answer by then.
        var _ = asked.thenAccept(first -> callBackLater(paymentId, token, first));
        var reply = await(asked, deadline);
        return reply.isNew() ? answered(paymentId, token, reply.answer(), deadline) : reply.answer();
    }

    @Override
    public PaymentOutcome capture(UUID paymentId, Money amount, Duration within) {
        return await(new SandboxRequest.Capture(paymentId, amount), Deadline.in(within))
                .answer();
    }

    @Override
    public PaymentOutcome cancel(UUID paymentId, Duration within) {
        return await(new SandboxRequest.Cancel(paymentId), Deadline.in(within)).answer();
    }

    @Override
    public PaymentOutcome refund(UUID paymentId, Money amount, IdempotencyKey key, Duration within) {
        return await(new SandboxRequest.Refund(paymentId, amount, key), Deadline.in(within))
                .answer();
    }

    @Override
    public PaymentOutcome find(UUID paymentId, Duration within) {
        return await(new SandboxRequest.Look(paymentId), Deadline.in(within)).answer();
    }

    /** The buyer does what was required: what the payment is then. */
    PaymentOutcome authenticate(UUID paymentId, Duration within) {
        var reply = await(new SandboxRequest.Authenticate(paymentId), Deadline.in(within));
        if (reply.isNew()) {
            callBackAfter(Duration.ZERO, paymentId, "authenticated", 1);
        }
        return reply.answer();
    }

    @Override
    public void close() {
        lane.close();
    }

    /** The first answer to an authorization, in the manner of its token. */
    private PaymentOutcome answered(UUID paymentId, SandboxToken token, PaymentOutcome answer, Deadline deadline) {
        return switch (token.fate()) {
            case APPROVE,
                    DECLINE,
                    INSUFFICIENT_FUNDS,
                    EXPIRED_CARD,
                    REQUIRES_ACTION,
                    DUPLICATE_CALLBACK,
                    TRANSFER,
                    PROVIDER_DOWN -> answer;
            case CALLBACK_FIRST -> {
                callBack(paymentId, "authorized");
                yield answer;
            }
            case SLOW -> deadline.sleep(token.time()) ? answer : new PaymentOutcome.Unknown("no answer in time");
            case TIMEOUT_THEN_SUCCESS, TIMEOUT_THEN_FAILURE -> {
                deadline.sleep(Duration.ofNanos(Long.MAX_VALUE));
                yield new PaymentOutcome.Unknown("no answer in time");
            }
        };
    }

    private SandboxLane.Reply await(SandboxRequest request, Deadline deadline) {
        return await(lane.ask(request), deadline);
    }

    private static SandboxLane.Reply await(CompletableFuture<SandboxLane.Reply> asked, Deadline deadline) {
        try {
            return asked.get(deadline.left().toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            LOG.warn("The sandbox's books cannot be read or written: {}", "" + e.getCause());
            return unknown("the sandbox's books failed");
        } catch (TimeoutException e) {
            return unknown("no answer in time");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return unknown("interrupted");
        }
    }

    private static SandboxLane.Reply unknown(String why) {
        return new SandboxLane.Reply(new PaymentOutcome.Unknown(why), false);
    }

    private void callBackLater(UUID paymentId, SandboxToken token, SandboxLane.Reply reply) {
        if (!reply.isNew()) {
            return;
        }
        switch (token.fate()) {
            case DUPLICATE_CALLBACK -> callBackAfter(Duration.ZERO, paymentId, "authorized", 2);
            case TIMEOUT_THEN_SUCCESS, TIMEOUT_THEN_FAILURE, TRANSFER ->
                callBackAfter(token.time(), paymentId, "settled", 1);
            default -> {} // no callback, or one that the answer waits for
        }
    }

    /** A process that dies before never calls, as it is with providers. */
    private void callBackAfter(Duration time, UUID paymentId, String what, int times) {
        CompletableFuture.delayedExecutor(time.toNanos(), TimeUnit.NANOSECONDS, Thread::startVirtualThread)
                .execute(() -> {
                    for (int i = 0; i < times; i++) {
                        callBack(paymentId, what);
                    }
                });
    }

    private void callBack(UUID paymentId, String what) {
        try {
            events.received("sandbox:" + paymentId + ":" + what, paymentId);
        } catch (RuntimeException e) {
            LOG.debug("nobody took the call back", e); // it is a hint, and whoever waits looks by himself
        }
    }
}
