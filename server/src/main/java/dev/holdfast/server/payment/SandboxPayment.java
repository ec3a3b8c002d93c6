package dev.holdfast.server.payment;

import dev.holdfast.server.api.Money;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/**
 * A payment in the sandbox's books, as a row of {@code sandbox_payment}.
 *
 * @param version grows by 1 with each write, from 1; given when it is written
 * @param token empty if it was cancelled before it was authorized; {@code amount} is then nothing of no currency
 * @param dueAt until then {@code AWAY} or {@code IN_PROCESS}
 * @param refunds amounts by idempotency key
 */
record SandboxPayment(
        UUID id,
        int version,
        State state,
        String token,
        Money amount,
        Instant dueAt,
        long capturedMinor,
        Map<String, Long> refunds) {
    enum State {
        /** The provider cannot be reached for this payment until it is due; after that nothing has happened. */
        AWAY,
        /** The provider is at it; when it is due, authorized or declined. */
        IN_PROCESS,
        REQUIRES_ACTION,
        DECLINED,
        AUTHORIZED,
        CAPTURED,
        VOIDED
    }

    private static final Money NOTHING = new Money(0, "");

    static SandboxPayment first(Authorization authorization, SandboxToken token, Instant now) {
        return new SandboxPayment(
                authorization.paymentId(),
                1,
                token.first(),
                authorization.method(),
                authorization.amount(),
                now.plus(token.time()),
                0,
                Map.of());
    }

    static SandboxPayment voided(UUID id, Instant now) {
        return new SandboxPayment(id, 1, State.VOIDED, "", NOTHING, now, 0, Map.of());
    }

    boolean isInProcess() {
        return state == State.IN_PROCESS;
    }

    SandboxPayment withVersion(int next) {
        return new SandboxPayment(id, next, state, token, amount, dueAt, capturedMinor, refunds);
    }

    SandboxPayment with(State next) {
        return new SandboxPayment(id, version, next, token, amount, dueAt, capturedMinor, refunds);
    }

    SandboxPayment captured(long minor) {
        return new SandboxPayment(id, version, State.CAPTURED, token, amount, dueAt, minor, refunds);
    }

    SandboxPayment refunded(String key, long minor) {
        Map<String, Long> more = new LinkedHashMap<>(refunds);
        more.put(key, minor);
        return new SandboxPayment(id, version, state, token, amount, dueAt, capturedMinor, more);
    }

    long refundedMinor() {
        return refunds.values().stream().mapToLong(Long::longValue).sum();
    }

    /** What whoever asks is told. */
    PaymentOutcome is(Instant now) {
        boolean isDue = !now.isBefore(dueAt);
        return switch (state) {
            case AWAY ->
                isDue ? new Payment.Absent() : new PaymentOutcome.NotSent("the sandbox is down until " + dueAt);
            case IN_PROCESS -> isDue ? settled() : new PaymentOutcome.Pending("still in process");
            case REQUIRES_ACTION ->
                new Payment.RequiresAction(id.toString(), SandboxApi.PATH + "/" + id + "/authentication", null);
            case DECLINED -> new Payment.Declined(fate().reason());
            case AUTHORIZED -> new Payment.Authorized(amount);
            case CAPTURED -> taken();
            case VOIDED -> new Payment.Voided();
        };
    }

    private Payment settled() {
        return switch (fate().fate()) {
            case TIMEOUT_THEN_FAILURE -> new Payment.Declined(fate().reason());
            case TRANSFER -> new Payment.Captured(amount);
            default -> new Payment.Authorized(amount);
        };
    }

    private Payment taken() {
        var captured = new Money(capturedMinor, amount.currency());
        return refunds.isEmpty()
                ? new Payment.Captured(captured)
                : new Payment.Refunded(captured, new Money(refundedMinor(), amount.currency()));
    }

    private SandboxToken fate() {
        SandboxToken known = SandboxToken.of(token);
        if (known == null) {
            throw new IllegalStateException("a token that was taken is none any more: " + token);
        }
        return known;
    }
}
