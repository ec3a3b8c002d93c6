package dev.holdfast.server.ticketing;

import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.server.seating.Wanted;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who waits for places to come back.
 *
 * @param holdId of the places that he is offered, or was
 * @param offeredUntil null: he was not
 */
record Waiter(
        UUID id,
        UUID eventId,
        long place,
        long requestHash,
        Wanted wanted,
        @Nullable String buyer,
        State state,
        @Nullable UUID holdId,
        @Nullable Instant offeredUntil) {
    enum State {
        WAITING,
        /** Places are held for him, for a short time. */
        OFFERED,
        /** He has bought them. */
        TAKEN,
        /** He did not want them. */
        DECLINED,
        /** He did not say in time. */
        EXPIRED,
        /** He has gone before he was offered any. */
        LEFT
    }

    /** Each is offered places once. */
    IdempotencyKey offerKey() {
        return IdempotencyKey.of("waiting-list", id.toString());
    }
}
