package dev.holdfast.server.api;

import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.persistence.Embeddable;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Size;
import java.util.Currency;

/**
 * A price, or what is paid.
 *
 * @param amountMinor in the currency's smallest unit, 0 to {@link #AMOUNT_MINOR_MAX}
 * @param currency ISO 4217
 */
@Embeddable
@Schema(name = "Money", description = "In the currency's smallest unit")
public record Money(
        @Schema(example = "1299", requiredMode = Schema.RequiredMode.REQUIRED) @Min(0) @Max(AMOUNT_MINOR_MAX)
        long amountMinor,

        @Schema(description = "ISO 4217", example = "EUR", requiredMode = Schema.RequiredMode.REQUIRED)
        @Size(min = 3, max = 3)
        String currency) {
    /** Ten trillion of a currency with cents: beyond any price, and 9,000 of them still add up in a long. */
    public static final long AMOUNT_MINOR_MAX = 1_000_000_000_000_000L;

    public static boolean isCurrency(String code) {
        try {
            return Currency.getInstance(code).getCurrencyCode().equals(code);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
