package dev.holdfast.storm;

import java.util.UUID;

/** Time-ordered UUIDs (RFC 9562, version 7): 48 bits of milliseconds, 74 random bits. */
final class Uuid7 {

    private Uuid7() {}

    static UUID of(long epochMillis, long randomHigh, long randomLow) {
        long high = (epochMillis << 16) | 0x7000 | (randomHigh & 0x0FFF);
        long low = (randomLow & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
        return new UUID(high, low);
    }
}
