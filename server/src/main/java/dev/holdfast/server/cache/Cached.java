package dev.holdfast.server.cache;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a cache says of one key.
 *
 * @param value null: there is no such thing
 * @param version the last change that it certainly includes
 * @param readAt it is what the database said then, or a moment later
 * @param memoryBytes what the value takes, about
 */
public record Cached<V>(@Nullable V value, long version, Instant readAt, int memoryBytes) {
    /** Not below zero, whatever the clocks of two nodes say. */
    public Duration age(Instant now) {
        var age = Duration.between(readAt, now);
        return age.isNegative() ? Duration.ZERO : age;
    }
}
