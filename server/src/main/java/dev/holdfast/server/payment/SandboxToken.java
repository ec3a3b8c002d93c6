package dev.holdfast.server.payment;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What will become of a payment in the sandbox; all of them are in {@code docs/reference/payments.md}.
 *
 * @param millis how long, for those that take or wait: {@code tok_slow:500}
 */
record SandboxToken(Fate fate, long millis) {
    enum Fate {
        APPROVE(0),
        DECLINE(0),
        INSUFFICIENT_FUNDS(0),
        EXPIRED_CARD(0),
        REQUIRES_ACTION(0),
        DUPLICATE_CALLBACK(0),
        CALLBACK_FIRST(0),
        SLOW(2_000),
        TIMEOUT_THEN_SUCCESS(2_000),
        TIMEOUT_THEN_FAILURE(2_000),
        TRANSFER(2_000),
        PROVIDER_DOWN(60_000);

        private final long millis;

        Fate(long millis) {
            this.millis = millis;
        }
    }

    /** Longer than any test of a minute, shorter than what would keep a thread for a day. */
    private static final long MILLIS_MAX = 600_000;

    private static final Pattern FORM = Pattern.compile("tok_([a-z_]+)(?::([0-9]{1,6}))?");

    /** Null for what is no token. */
    static @Nullable SandboxToken of(String token) {
        Matcher form = FORM.matcher(token);
        if (!form.matches()) {
            return null;
        }
        for (Fate fate : Fate.values()) {
            if (fate.name().equalsIgnoreCase(form.group(1))) {
                return of(fate, form.group(2));
            }
        }
        return null;
    }

    /** A time for a fate that takes none is no token either. */
    private static @Nullable SandboxToken of(Fate fate, @Nullable String wanted) {
        if (wanted == null) {
            return new SandboxToken(fate, fate.millis);
        }
        long millis = Long.parseLong(wanted);
        return fate.millis == 0 || millis > MILLIS_MAX ? null : new SandboxToken(fate, millis);
    }

    Duration time() {
        return Duration.ofMillis(millis);
    }

    /** As what a payment begins. */
    SandboxPayment.State first() {
        return switch (fate) {
            case APPROVE, DUPLICATE_CALLBACK, CALLBACK_FIRST, SLOW -> SandboxPayment.State.AUTHORIZED;
            case DECLINE, INSUFFICIENT_FUNDS, EXPIRED_CARD -> SandboxPayment.State.DECLINED;
            case REQUIRES_ACTION -> SandboxPayment.State.REQUIRES_ACTION;
            case TIMEOUT_THEN_SUCCESS, TIMEOUT_THEN_FAILURE, TRANSFER -> SandboxPayment.State.IN_PROCESS;
            case PROVIDER_DOWN -> SandboxPayment.State.AWAY;
        };
    }

    DeclineReason reason() {
        return switch (fate) {
            case INSUFFICIENT_FUNDS -> DeclineReason.INSUFFICIENT_FUNDS;
            case EXPIRED_CARD -> DeclineReason.EXPIRED_CARD;
            default -> DeclineReason.DECLINED;
        };
    }
}
