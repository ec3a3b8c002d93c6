package dev.holdfast.server.ticketing;

import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.server.api.Digest;
import dev.holdfast.server.seating.Wanted;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What somebody wants to hold, and who he is.
 *
 * @param buyer as the seller knows him: by this the rule of so many places a buyer goes
 * @param code of a presale
 * @param ttl null: as the event says
 * @param supersedes the hold that this one is instead of
 */
record SeatRequest(
        IdempotencyKey key,
        Wish wish,
        @Nullable String buyer,
        @Nullable String code,
        @Nullable String channel,
        @Nullable Duration ttl,
        @Nullable String reference,
        @Nullable UUID supersedes) {
    sealed interface Wish {
        int count();
    }

    /** These, by their labels. */
    record Chosen(List<String> labels) implements Wish {
        @Override
        public int count() {
            return labels.size();
        }
    }

    /** The best there are. */
    record Best(Wanted wanted) implements Wish {
        @Override
        public int count() {
            return wanted.count();
        }
    }

    /** Without numbers. */
    record InArea(String area, int count) implements Wish {}

    private record Content(
            UUID event,
            Wish wish,
            @Nullable String buyer,
            @Nullable String code,
            @Nullable String channel,
            @Nullable Duration ttl,
            @Nullable String reference,
            @Nullable UUID supersedes) {}

    /**
     * What the hold is known by: seats that were chosen do not tell what was asked for. The digest tells a retry from another request, the
     * rest is the caller's own.
     */
    String holdReference(UUID event) {
        var content = new Content(event, wish, buyer, code, channel, ttl, reference, supersedes);
        return "seats " + String.format("%016x", Digest.of(content)) + (reference == null ? "" : " " + reference);
    }

    /** The caller's own part of it; null: none. */
    static @Nullable String reference(@Nullable String holdReference) {
        int at = holdReference == null ? -1 : holdReference.indexOf(' ', "seats ".length());
        return holdReference == null || at < 0 ? null : holdReference.substring(at + 1);
    }
}
