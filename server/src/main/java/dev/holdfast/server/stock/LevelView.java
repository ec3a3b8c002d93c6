package dev.holdfast.server.stock;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.holdfast.engine.Level;
import dev.holdfast.server.stock.StockRequests.BufferBody;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;

@Schema(name = "Level", description = "The numbers of one stock")
record LevelView(
        @Schema(example = "main", requiredMode = Schema.RequiredMode.REQUIRED)
        String location,

        @Schema(description = "Physically there", example = "100", requiredMode = Schema.RequiredMode.REQUIRED)
        long onHand,

        @Schema(description = "Promised to live holds", example = "2", requiredMode = Schema.RequiredMode.REQUIRED)
        long held,

        @Schema(
                description = "Promised to confirmed holds, not yet shipped",
                example = "0",
                requiredMode = Schema.RequiredMode.REQUIRED)
        long allocated,

        @Schema(description = "Kept back from new promises", example = "0", requiredMode = Schema.RequiredMode.REQUIRED)
        long safetyStock,

        @Schema(
                description = "Units that may be promised beyond what is on hand",
                example = "0",
                requiredMode = Schema.RequiredMode.REQUIRED)
        long backorderLimit,

        @Schema(
                description = "Units promised that a count could not find",
                example = "0",
                requiredMode = Schema.RequiredMode.REQUIRED)
        long shortfall,

        @Schema(
                description = "Units kept for channels; absent if there are none",
                example = "[{\"channel\": \"till\", \"units\": 2, \"priority\": 10}]")
        @JsonInclude(JsonInclude.Include.NON_EMPTY)
        List<BufferBody> buffers,

        @Schema(
                description = "What may still be promised to whoever names no channel",
                example = "98",
                requiredMode = Schema.RequiredMode.REQUIRED)
        long available,

        @Schema(
                description = "The number of this stock's last movement; for If-Match",
                example = "2",
                requiredMode = Schema.RequiredMode.REQUIRED)
        long version) {
    static LevelView of(Level level) {
        return new LevelView(
                level.stock().location().value(),
                level.onHand(),
                level.held(),
                level.allocated(),
                level.safetyStock(),
                level.backorderLimit(),
                level.shortfall(),
                level.buffers().stream().map(BufferBody::of).toList(),
                level.available(),
                level.version());
    }
}
