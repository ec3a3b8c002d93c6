package dev.holdfast.server.catalog;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.UUID;
import java.util.zip.CRC32;

/**
 * An opaque place in a list of products: behind the one shown last. 24 bytes, 32 characters.
 *
 * @param rank how well it fits what was looked for; 0 where nothing was
 */
record ProductCursor(float rank, UUID id) {
    private static final int LENGTH_BYTES = Float.BYTES + 2 * Long.BYTES + Integer.BYTES;

    /** @param filter what the list was asked for, as text */
    String encode(String filter) {
        var bytes = ByteBuffer.allocate(LENGTH_BYTES)
                .putFloat(rank)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits());
        bytes.putInt(checksum(bytes.array(), filter));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
    }

    /** @throws IllegalArgumentException if the text is no cursor of a list with this filter */
    static ProductCursor decode(String cursor, String filter) {
        byte[] bytes = Base64.getUrlDecoder().decode(cursor);
        if (bytes.length != LENGTH_BYTES) {
            throw new IllegalArgumentException("not a cursor");
        }
        var buffer = ByteBuffer.wrap(bytes);
        var decoded = new ProductCursor(buffer.getFloat(), new UUID(buffer.getLong(), buffer.getLong()));
        if (buffer.getInt() != checksum(bytes, filter) || !Float.isFinite(decoded.rank)) {
            throw new IllegalArgumentException("not a cursor of this list");
        }
        return decoded;
    }

    /** Tells another list's cursor and a mistyped one; no secret. */
    private static int checksum(byte[] bytes, String filter) {
        var checksum = new CRC32();
        checksum.update(bytes, 0, LENGTH_BYTES - Integer.BYTES);
        checksum.update(filter.getBytes(StandardCharsets.UTF_8));
        return (int) checksum.getValue();
    }
}
