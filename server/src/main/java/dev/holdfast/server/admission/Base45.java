package dev.holdfast.server.admission;

import java.io.ByteArrayOutputStream;
import java.util.Optional;

/**
 * Bytes in the 45 characters that a QR code packs tightest, 5.5 bits each (RFC 9285): two bytes are three of them, a single last byte two. One
 * of them is the space, so a text may end with one.
 */
final class Base45 {
    private static final String DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    private static final int BASE = DIGITS.length();

    private Base45() {}

    static String encode(byte[] bytes) {
        var text = new StringBuilder((bytes.length * 3 + 1) / 2);
        for (int i = 0; i < bytes.length; i += 2) {
            boolean isPair = i + 1 < bytes.length;
            int value = isPair ? (bytes[i] & 0xff) << 8 | (bytes[i + 1] & 0xff) : bytes[i] & 0xff;
            text.append(DIGITS.charAt(value % BASE)).append(DIGITS.charAt(value / BASE % BASE));
            if (isPair) {
                text.append(DIGITS.charAt(value / BASE / BASE));
            }
        }
        return text.toString();
    }

    /** Empty unless {@link #encode} could have made it: no two texts are the same bytes. */
    static Optional<byte[]> decode(String text) {
        var bytes = new ByteArrayOutputStream(text.length() * 2 / 3);
        for (int i = 0; i < text.length(); i += 3) {
            int length = Math.min(3, text.length() - i);
            int value = 0;
            for (int j = i + length - 1; j >= i; j--) {
                int digit = DIGITS.indexOf(text.charAt(j));
                if (digit < 0) {
                    return Optional.empty();
                }
                value = value * BASE + digit;
            }
            if (length == 1 || value > (length == 3 ? 0xffff : 0xff)) {
                return Optional.empty();
            }
            if (length == 3) {
                bytes.write(value >> 8);
            }
            bytes.write(value);
        }
        return Optional.of(bytes.toByteArray());
    }
}
