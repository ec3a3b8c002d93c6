package dev.holdfast.server.api;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** 64 bits of SHA-256 over a record: records say in {@code toString} all they are. */
public final class Digest {
    private Digest() {}

    /** For an answer that has no version. */
    public static String etag(Record value) {
        return "\"" + Long.toHexString(of(value)) + "\"";
    }

    public static long of(Record value) {
        return of(value.toString().getBytes(StandardCharsets.UTF_8));
    }

    public static long of(byte[] bytes) {
        try {
            return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(bytes))
                    .getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
