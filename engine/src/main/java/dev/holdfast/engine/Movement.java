package dev.holdfast.engine;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One change of one stock level, in the ledger.
 *
 * @param version 1 for the stock's first movement, then gapless
 * @param cause the id of the hold or of the command that caused it
 * @param note the reference or reason given with it
 * @param at the database's clock, read once per batch
 */
public record Movement(
        StockKey stock,
        long version,
        Kind kind,
        long onHandDelta,
        long heldDelta,
        long allocatedDelta,
        long shortfallDelta,
        UUID cause,
        @Nullable String note,
        Instant at) {

    /** What happened. Append only: the codes are stored. */
    public enum Kind {
        RECEIVE(0),
        ADJUST(1),
        COUNT(2),
        TRANSFER_OUT(3),
        TRANSFER_IN(4),
        PLACE(5),
        CONFIRM(6),
        RELEASE(7),
        EXPIRE(8),
        SELL(9),
        SHIP(10),
        RETURN(11),
        SET_LIMITS(12),
        DEALLOCATE(13);

        private static final Kind[] BY_CODE = values();

        /** What the database stores. */
        final short code;

        Kind(int code) {
            this.code = (short) code;
        }

        static Kind of(short code) {
            return BY_CODE[code];
        }
    }
}
