package dev.holdfast.engine;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * An opaque place in the merged ledgers of a SKU: behind the movement shown last. 28 bytes, 38 characters, however many locations
 * there are.
 *
 * @param at when that movement was made, or a later one of its stock if the clock went back meanwhile (see {@link Reads})
 */
record MovementCursor(Instant at, long stockId, long version) {
    /** Before the newest of any ledger: the year 10000. */
    static final MovementCursor START = new MovementCursor(Instant.ofEpochSecond(253_402_300_800L), 0, 0);

    private static final int LENGTH_BYTES = 3 * Long.BYTES + Integer.BYTES;

    String encode(Sku sku, @Nullable Location location) {
        var bytes = ByteBuffer.allocate(LENGTH_BYTES)
                .putLong(BatchWriter.micros(at))
                .putLong(stockId)
                .putLong(version);
        bytes.putInt(checksum(bytes.array(), sku, location));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
    }

    /** @throws IllegalArgumentException if the text is no cursor of this list */
    static MovementCursor decode(String cursor, Sku sku, @Nullable Location location) {
        byte[] bytes = Base64.getUrlDecoder().decode(cursor);
        if (bytes.length != LENGTH_BYTES) {
            throw new IllegalArgumentException("not a cursor");
        }
        var buffer = ByteBuffer.wrap(bytes);
        var at = Instant.EPOCH.plus(buffer.getLong(), ChronoUnit.MICROS);
        var decoded = new MovementCursor(at, buffer.getLong(), buffer.getLong());
        boolean possible =
                !at.isBefore(Instant.EPOCH) && at.isBefore(START.at) && decoded.stockId > 0 && decoded.version > 0;
        if (!possible || buffer.getInt() != checksum(bytes, sku, location)) {
            throw new IllegalArgumentException("not a cursor of this list");
        }
        return decoded;
    }

    /** Tells another list's cursor and a mistyped one; no secret. Neither name has a line feed. */
    private static int checksum(byte[] bytes, Sku sku, @Nullable Location location) {
        var checksum = new CRC32();
        checksum.update(bytes, 0, 3 * Long.BYTES);
        checksum.update((sku + "\n" + (location == null ? "" : location)).getBytes(StandardCharsets.UTF_8));
        return (int) checksum.getValue();
    }
}
