package dev.holdfast.server.api;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.UUID;
import java.util.zip.CRC32;

/**
 * An opaque place in a list: behind the one shown last. 28 bytes, 38 characters.
 *
 * @param position what the list is ordered by, as a number
 * @param id decides between two at one position
 */
public record Cursor(long position, UUID id) {
    private static final int LENGTH_BYTES = 3 * Long.BYTES + Integer.BYTES;

    /**
     * As text, for the client.
     *
     * @param filter what the list was asked for, as text
     */
    public String encode(String filter) {
        var bytes = ByteBuffer.allocate(LENGTH_BYTES)
                .putLong(position)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits());
        bytes.putInt(checksum(bytes.array(), filter));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
    }

    /**
     * From what {@link #encode} made.
     *
     * @throws IllegalArgumentException if the text is no cursor of a list with this filter
     */
    public static Cursor decode(String cursor, String filter) {
        byte[] bytes = Base64.getUrlDecoder().decode(cursor);
        if (bytes.length != LENGTH_BYTES) {
            throw new IllegalArgumentException("not a cursor");
        }
        var buffer = ByteBuffer.wrap(bytes);
        var decoded = new Cursor(buffer.getLong(), new UUID(buffer.getLong(), buffer.getLong()));
        if (buffer.getInt() != checksum(bytes, filter)) {
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
