package dev.holdfast.server.payment;

import dev.holdfast.server.api.Money;
import java.util.UUID;

/**
 * What is to be authorized.
 *
 * @param paymentId made up by the caller
 * @param amount more than 0
 * @param method the provider's token for how the buyer pays, 1 to {@link #METHOD_LENGTH_MAX} characters; never a card number
 */
public record Authorization(UUID paymentId, Money amount, String method) {
    public static final int METHOD_LENGTH_MAX = 255;

    public Authorization {
        if (amount.amountMinor() < 1 || amount.amountMinor() > Money.AMOUNT_MINOR_MAX) {
            throw new IllegalArgumentException("amount must be 1 to " + Money.AMOUNT_MINOR_MAX);
        }
        if (!Money.isCurrency(amount.currency())) {
            throw new IllegalArgumentException("currency must be one of ISO 4217");
        }
        if (method.isBlank() || method.length() > METHOD_LENGTH_MAX) {
            throw new IllegalArgumentException("method must have 1 to " + METHOD_LENGTH_MAX + " characters");
        }
    }
}
