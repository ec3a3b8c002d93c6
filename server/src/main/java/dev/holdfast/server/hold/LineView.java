package dev.holdfast.server.hold;

import dev.holdfast.engine.Line;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;

@Schema(name = "Line", description = "So many units of one stock")
record LineView(
        @Schema(example = "TSHIRT-M", requiredMode = Schema.RequiredMode.REQUIRED)
        String sku,

        @Schema(example = "main", requiredMode = Schema.RequiredMode.REQUIRED)
        String location,

        @Schema(example = "2", requiredMode = Schema.RequiredMode.REQUIRED)
        long quantity) {
    static List<LineView> of(List<Line> lines) {
        return lines.stream()
                .map(line -> new LineView(
                        line.stock().sku().value(), line.stock().location().value(), line.units()))
                .toList();
    }
}
