package dev.holdfast.engine;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of a ledger, newest first.
 *
 * @param nextCursor where the next page begins; null after the last
 */
public record MovementPage(
        List<Movement> movements, @Nullable String nextCursor) {
    public static final int LIMIT_MAX = 500;

    public MovementPage {
        movements = List.copyOf(movements);
    }
}
