package dev.holdfast.engine;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The client's name for one intent. The same key with the same request is answered with the first answer again; with another
 * request it is refused. The key's id is the id of what the command creates: a hold is known by it before it exists.
 *
 * <p>A key that is a UUIDv7 <em>is</em> the id: time-ordered ids fall on the same few index pages, which made inserts 18 %
 * cheaper than random ones (docs/decisions). Any other key is hashed together with its caller (UUIDv8). The caller is part of the request
 * hash, so a UUIDv7 that another caller used before is refused, never answered with the other caller's hold.
 *
 * @param caller the scope of the key, at most 255 characters; empty where there is only one
 */
public record IdempotencyKey(String caller, UUID id) {
    public static final int LENGTH_MAX = 255;

    public IdempotencyKey {
        Text.requireNote("caller", caller, LENGTH_MAX);
    }

    /**
     * The key a caller sent.
     *
     * @throws IllegalArgumentException if the key is empty, longer than 255 characters or has control characters
     */
    public static IdempotencyKey of(String caller, String key) {
        Text.requireName("idempotency key", key, LENGTH_MAX);
        return new IdempotencyKey(caller, isUuidV7(key) ? UUID.fromString(key) : hashed(caller, key));
    }

    /** A new key of its own: for commands that are not retried, or whose key the caller stores before it sends them. */
    public static IdempotencyKey random() {
        return new IdempotencyKey("", randomUuidV7());
    }

    /** RFC 9562, section 5.7: 48 bits of Unix milliseconds, then random bits. */
    public static UUID randomUuidV7() {
        var random = ThreadLocalRandom.current();
        long high = System.currentTimeMillis() << 16 | 0x7000 | random.nextInt(1 << 12);
        long low = (random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
        return new UUID(high, low);
    }

    private static boolean isUuidV7(String key) {
        if (key.length() != 36 || key.charAt(14) != '7' || "89abAB".indexOf(key.charAt(19)) < 0) {
            return false;
        }
        for (int i = 0; i < 36; i++) {
            boolean dash = i == 8 || i == 13 || i == 18 || i == 23;
            if (dash ? key.charAt(i) != '-' : Character.digit(key.charAt(i), 16) < 0 || key.charAt(i) > 'f') {
                return false;
            }
        }
        return true;
    }

    private static UUID hashed(String caller, String key) {
        byte[] digest = RequestHash.sha256(
                ByteBuffer.wrap((caller.length() + ":" + caller + key).getBytes(StandardCharsets.UTF_8)));
        var bits = ByteBuffer.wrap(digest);
        long high = (bits.getLong() & 0xFFFF_FFFF_FFFF_0FFFL) | 0x8000;
        long low = (bits.getLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
        return new UUID(high, low);
    }
}
