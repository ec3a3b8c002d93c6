package dev.holdfast.engine;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A temporary claim on units, all lines or none.
 *
 * @param id the id of the idempotency key it was placed with
 * @param lines one line a stock, in the order asked
 * @param expiresAt when it ends by itself unless confirmed, released or extended before
 */
public record Hold(
        UUID id,
        State state,
        List<Line> lines,
        Instant placedAt,
        Instant expiresAt,
        @Nullable String channel,
        @Nullable String reference) {

    /** ACTIVE until one of the ends, which is reached once. */
    public enum State {
        ACTIVE(0),
        CONFIRMED(1),
        RELEASED(2),
        EXPIRED(3);

        private static final State[] BY_CODE = values();

        /** What the database stores. */
        final short code;

        State(int code) {
            this.code = (short) code;
        }

        static State of(short code) {
            return BY_CODE[code];
        }
    }

    /** True from the deadline on, whether or not the sweeper has passed. */
    public boolean isDue(Instant now) {
        return state == State.ACTIVE && !now.isBefore(expiresAt);
    }

    Hold in(State next) {
        return new Hold(id, next, lines, placedAt, expiresAt, channel, reference);
    }

    Hold until(Instant deadline) {
        return new Hold(id, state, lines, placedAt, deadline, channel, reference);
    }
}
