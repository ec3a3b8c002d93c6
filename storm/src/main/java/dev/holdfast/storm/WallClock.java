package dev.holdfast.storm;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** This machine's clock, as servers state times by theirs. */
final class WallClock {

    private WallClock() {}

    /** In µs since 1970. */
    static long micros() {
        return micros(Instant.now());
    }

    static long micros(Instant instant) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
    }
}
