package dev.holdfast.engine.redis;

import dev.holdfast.engine.Outcome.Shortage;
import dev.holdfast.engine.StockKey;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the database said when it had too few units of a stock.
 *
 * @param nextReleaseAt the first deadline of the holds that had some; null if there were none
 */
record Refusal(long available, long heldByOthers, @Nullable Instant nextReleaseAt) {

    /** Null if it cannot be repeated: holds have units, and when they may come back is not known. */
    static @Nullable Refusal of(Shortage shortage) {
        return shortage.heldByOthers() > 0 && shortage.nextReleaseAt() == null
                ? null
                : new Refusal(shortage.available(), shortage.heldByOthers(), shortage.nextReleaseAt());
    }

    /** Whether it answers a request for so many units too. */
    boolean covers(long units) {
        return units > available;
    }

    boolean holdsAt(Instant now) {
        return nextReleaseAt == null || now.isBefore(nextReleaseAt);
    }

    Shortage shortage(StockKey stock, long units) {
        return new Shortage(stock, units, available, heldByOthers, nextReleaseAt);
    }

    String text() {
        var next =
                nextReleaseAt == null ? "-" : String.valueOf(ChronoUnit.MICROS.between(Instant.EPOCH, nextReleaseAt));
        return available + " " + heldByOthers + " " + next;
    }

    static @Nullable Refusal parse(String text) {
        if (text.isEmpty()) {
            return null;
        }
        var parts = text.split(" ", -1);
        var next = parts[2].equals("-") ? null : Instant.EPOCH.plus(Long.parseLong(parts[2]), ChronoUnit.MICROS);
        return new Refusal(Long.parseLong(parts[0]), Long.parseLong(parts[1]), next);
    }
}
