package dev.holdfast.engine;

import org.jspecify.annotations.Nullable;

/**
 * Who gives a command, and why. Each level and each hold that the command changes then has an entry in the table {@code stock_audit},
 * written in the transaction of the change.
 *
 * @param name 1 to {@link #LENGTH_MAX} characters, not all white space
 * @param reason at most {@link #LENGTH_MAX} characters; null: the command's own reason or reference, if it has one
 * @param traceId of the request behind it, at most {@link #LENGTH_MAX} characters
 */
public record Actor(
        String name, @Nullable String reason, @Nullable String traceId) {
    public static final int LENGTH_MAX = 255;

    public Actor {
        if (name.isBlank()) {
            throw new IllegalArgumentException("actor must not be blank");
        }
        Text.requireNote("actor", name, LENGTH_MAX);
        Text.requireNote("reason", reason, LENGTH_MAX);
        Text.requireNote("traceId", traceId, LENGTH_MAX);
    }
}
