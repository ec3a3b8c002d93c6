package dev.holdfast.server.payment;

import java.util.Locale;

/** What a buyer may be told of a decline. Whether a card was reported stolen is not among it. */
public enum DeclineReason {
    /** The bank said no, and nothing more. */
    DECLINED,
    INSUFFICIENT_FUNDS,
    EXPIRED_CARD,
    /** Number, date or security code. */
    INCORRECT_DETAILS,
    /** The buyer failed or left 3-D Secure, or it was wanted where it was not possible. */
    AUTHENTICATION_FAILED,
    /** The token names nothing that could be paid with. */
    UNUSABLE_METHOD,
    /** The provider takes no payment that is so small or so large, or none in this currency. */
    UNUSABLE_AMOUNT;

    private final String code = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /** For programs: {@code insufficient-funds}. */
    public String code() {
        return code;
    }
}
