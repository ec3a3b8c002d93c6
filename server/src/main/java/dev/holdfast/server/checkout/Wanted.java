package dev.holdfast.server.checkout;

import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.server.api.Digest;
import dev.holdfast.server.checkout.Claims.Claimed;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What somebody wants to buy, and how he pays.
 *
 * @param method the payment provider's token; null: enough for what costs nothing
 */
record Wanted(
        IdempotencyKey key,
        Goods goods,
        @Nullable String method,
        String buyer,
        @Nullable String reference) {
    /** What a retry has to repeat. */
    private record Content(
            Goods goods,
            @Nullable String method,
            String buyer,
            @Nullable String reference) {}

    long hash() {
        return Digest.of(new Content(goods, method, buyer, reference));
    }

    Checkout checkout(Claimed claimed, Instant now) {
        return new Checkout(
                key.id(),
                1,
                State.PENDING,
                null,
                null,
                hash(),
                now,
                claimed.holdId(),
                claimed.until(),
                false,
                claimed.cart(),
                claimed.total(),
                method == null ? "" : method,
                buyer,
                claimed.channel(),
                reference,
                claimed.items(),
                null,
                0);
    }
}
