package dev.holdfast.server.admission;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.util.Optional;
import java.util.UUID;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * What a ticket's QR code says, so that a gate without a network can tell a ticket of ours from any other: {@code HF1:} and the Base45 of
 *
 * <pre>
 * 1 byte     id of the key
 * 3 bytes    generation
 * 16 bytes   id of the ticket
 * 16 bytes   id of the event
 * 64 bytes   Ed25519 signature (RFC 8032) over the four characters HF1: and the 36 bytes before it
 * </pre>
 *
 * These 154 characters are exactly what the smallest QR code that holds them has room for at level M: version 6, 41 × 41 modules. One byte more
 * would be the next size, and half of the event's id would be none smaller. Whether the ticket was given to somebody else since, only the
 * server knows.
 *
 * @param keyId of the key that it is signed with, 0 to 255
 * @param generation of the ticket, 1 to {@link #GENERATION_MAX}
 */
record TicketCode(int keyId, int generation, UUID ticket, UUID event) {
    static final String PREFIX = "HF1:";
    static final String ALGORITHM = "Ed25519";
    static final int GENERATION_MAX = 0xff_ffff;
    static final int LENGTH = 154;

    private static final byte[] DOMAIN = PREFIX.getBytes(StandardCharsets.US_ASCII);
    private static final int BODY = 36;
    private static final int SIGNATURE = 64;

    /** The text of the QR code. The same each time: Ed25519 is deterministic. */
    String signed(PrivateKey key) {
        byte[] body = body();
        try {
            var signer = Signature.getInstance(ALGORITHM);
            signer.initSign(key);
            signer.update(DOMAIN);
            signer.update(body);
            byte[] code = ByteBuffer.allocate(BODY + SIGNATURE)
                    .put(body)
                    .put(signer.sign())
                    .array();
            return PREFIX + Base45.encode(code);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has " + ALGORITHM, e);
        }
    }

    /**
     * What a text says that one of our keys has signed; empty for every other text.
     *
     * @param keys by their ids; null for an unknown one
     */
    static Optional<TicketCode> read(String text, IntFunction<@Nullable PublicKey> keys) {
        if (!text.startsWith(PREFIX) || text.length() != LENGTH) {
            return Optional.empty();
        }
        return Base45.decode(text.substring(PREFIX.length()))
                .filter(bytes -> isSigned(bytes, keys.apply(bytes[0] & 0xff)))
                .map(TicketCode::of);
    }

    private static boolean isSigned(byte[] bytes, @Nullable PublicKey key) {
        if (key == null) {
            return false;
        }
        try {
            var verifier = Signature.getInstance(ALGORITHM);
            verifier.initVerify(key);
            verifier.update(DOMAIN);
            verifier.update(bytes, 0, BODY);
            return verifier.verify(bytes, BODY, SIGNATURE);
        } catch (SignatureException e) {
            return false; // no signature at all
        } catch (InvalidKeyException e) {
            throw new IllegalStateException("not a key of ours", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has " + ALGORITHM, e);
        }
    }

    private static TicketCode of(byte[] bytes) {
        var body = ByteBuffer.wrap(bytes);
        int keyAndGeneration = body.getInt();
        var ticket = new UUID(body.getLong(), body.getLong());
        var event = new UUID(body.getLong(), body.getLong());
        return new TicketCode(keyAndGeneration >>> 24, keyAndGeneration & GENERATION_MAX, ticket, event);
    }

    private byte[] body() {
        return ByteBuffer.allocate(BODY)
                .putInt(keyId << 24 | generation)
                .putLong(ticket.getMostSignificantBits())
                .putLong(ticket.getLeastSignificantBits())
                .putLong(event.getMostSignificantBits())
                .putLong(event.getLeastSignificantBits())
                .array();
    }
}
