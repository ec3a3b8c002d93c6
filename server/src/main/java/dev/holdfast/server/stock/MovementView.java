package dev.holdfast.server.stock;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.holdfast.engine.Movement;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A movement as JSON: its note is a {@code reason} where people correct numbers, else a {@code reference}. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(name = "Movement", description = "One change of one stock level, in the ledger")
record MovementView(
        @Schema(example = "TSHIRT-M", requiredMode = Schema.RequiredMode.REQUIRED)
        String sku,

        @Schema(example = "main", requiredMode = Schema.RequiredMode.REQUIRED)
        String location,

        @Schema(
                description = "1 for the stock's first movement, then gapless",
                example = "7",
                requiredMode = Schema.RequiredMode.REQUIRED)
        long version,

        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) Movement.Kind kind,

        @Schema(example = "100", requiredMode = Schema.RequiredMode.REQUIRED)
        long onHandDelta,

        @Schema(example = "0", requiredMode = Schema.RequiredMode.REQUIRED)
        long heldDelta,

        @Schema(example = "0", requiredMode = Schema.RequiredMode.REQUIRED)
        long allocatedDelta,

        @Schema(example = "0", requiredMode = Schema.RequiredMode.REQUIRED)
        long shortfallDelta,

        @Schema(
                description = "The id of the hold, sale or command that caused it",
                requiredMode = Schema.RequiredMode.REQUIRED)
        UUID cause,

        @Schema(description = "As given with a receipt, hold or sale", example = "PO-4711") @Nullable
        String reference,

        @Schema(description = "As given with an adjustment or a count", example = "broken") @Nullable
        String reason,

        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) Instant at) {
    static MovementView of(Movement movement) {
        boolean isReason = switch (movement.kind()) {
            case ADJUST, COUNT, SET_LIMITS -> true;
            case RECEIVE, TRANSFER_OUT, TRANSFER_IN, PLACE, CONFIRM, RELEASE, EXPIRE, SELL, SHIP, RETURN, DEALLOCATE ->
                false;
        };
        return new MovementView(
                movement.stock().sku().value(),
                movement.stock().location().value(),
                movement.version(),
                movement.kind(),
                movement.onHandDelta(),
                movement.heldDelta(),
                movement.allocatedDelta(),
                movement.shortfallDelta(),
                movement.cause(),
                isReason ? null : movement.note(),
                isReason ? movement.note() : null,
                movement.at());
    }
}
