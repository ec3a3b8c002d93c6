package dev.holdfast.engine;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a command comes to: the answer, and everything it changes.
 *
 * @param hold the hold it makes or changes, as it is afterwards
 * @param superseded the hold that ended for the sake of the one it makes
 * @param entry what to remember of its key; a hold needs none, its row is found by the key
 */
record Decision(
        Outcome outcome,
        List<Change> changes,
        @Nullable HoldRow hold,
        @Nullable HoldRow superseded,
        @Nullable Entry entry) {

    Decision(Outcome outcome, List<Change> changes, @Nullable HoldRow hold, @Nullable Entry entry) {
        this(outcome, changes, hold, null, entry);
    }

    /** An answer that changes nothing. */
    static Decision no(Outcome outcome) {
        return new Decision(outcome, List.of(), null, null);
    }

    /** One step of one level. */
    record Change(Level after, Movement movement) {}

    /**
     * What is remembered of a command's key.
     *
     * @param expiresAt the deadline of the hold that was answered with
     * @param parts those of that hold
     */
    record Entry(
            UUID id,
            long requestHash,
            Instant at,
            List<Movement> movements,
            @Nullable Instant expiresAt,
            List<Hold.Part> parts) {
        Entry(UUID id, long requestHash, Instant at, List<Movement> movements) {
            this(id, requestHash, at, movements, null, List.of());
        }

        Entry with(List<Movement> moved) {
            return new Entry(id, requestHash, at, moved, expiresAt, parts);
        }
    }

    /** A hold with what only the engine needs to know of it. */
    record HoldRow(Hold hold, long requestHash) {
        HoldRow with(Hold next) {
            return new HoldRow(next, requestHash);
        }
    }
}
