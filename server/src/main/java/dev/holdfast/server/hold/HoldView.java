package dev.holdfast.server.hold;

import dev.holdfast.engine.Hold;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** @param expiresInSeconds whole seconds left, rounded down; 0 once the hold has ended */
@Schema(name = "Hold", description = "A temporary claim on units: all lines or none")
record HoldView(
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) UUID id,
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) Hold.State state,
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) List<LineView> lines,
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) Instant expiresAt,

        @Schema(
                description = "Whole seconds left, rounded down; 0 once the hold has ended. In the answer to a POST,"
                        + " also a replayed one: as granted",
                example = "600",
                requiredMode = Schema.RequiredMode.REQUIRED)
        long expiresInSeconds,

        @Schema(
                types = {"string", "null"},
                example = "web")
        @Nullable
        String channel,

        @Schema(
                types = {"string", "null"},
                example = "cart-4711")
        @Nullable
        String reference) {

    /** As granted: the same on every replay. */
    static HoldView placed(Hold hold) {
        return of(hold, hold.placedAt());
    }

    static HoldView of(Hold hold, Instant now) {
        boolean live = hold.state() == Hold.State.ACTIVE && now.isBefore(hold.expiresAt());
        return new HoldView(
                hold.id(),
                hold.state(),
                LineView.of(hold),
                hold.expiresAt(),
                live ? Duration.between(now, hold.expiresAt()).toSeconds() : 0,
                hold.channel(),
                hold.reference());
    }
}
