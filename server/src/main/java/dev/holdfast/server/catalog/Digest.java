package dev.holdfast.server.catalog;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** 64 bits of SHA-256 over a record: records say in {@code toString} all they are. */
final class Digest {
    private Digest() {}

    /** For an answer that has no version. */
    static String etag(Record value) {
        return "\"" + Long.toHexString(of(value)) + "\"";
    }

    static long of(Record value) {
        return of(value.toString().getBytes(StandardCharsets.UTF_8));
    }

    static long of(byte[] bytes) {
        try {
            return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(bytes))
                    .getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
