package dev.holdfast.server.channel;

import dev.holdfast.engine.Outcome.Settled;
import dev.holdfast.engine.Outcome.SettledLine;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

@Schema(name = "SettledSale", description = "A sale that has happened, and where its units came from")
record SettledView(
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) UUID id,
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) List<LineView> lines,

        @Schema(description = "When it was settled", requiredMode = Schema.RequiredMode.REQUIRED)
        Instant at) {

    @Schema(name = "SettledLine")
    record LineView(
            @Schema(example = "TSHIRT-M", requiredMode = Schema.RequiredMode.REQUIRED)
            String sku,

            @Schema(example = "main", requiredMode = Schema.RequiredMode.REQUIRED)
            String location,

            @Schema(example = "2", requiredMode = Schema.RequiredMode.REQUIRED)
            long quantity,

            @Schema(
                    description = "Of these, units that the lease had",
                    example = "2",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            long leased,

            @Schema(
                    description = "Of these, units that the books did not have on hand",
                    example = "0",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            long found,

            @Schema(
                    description = "By so many units promises to others are covered no more",
                    example = "0",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            long shortfall) {
        static LineView of(SettledLine line) {
            return new LineView(
                    line.stock().sku().value(),
                    line.stock().location().value(),
                    line.units(),
                    line.leased(),
                    line.found(),
                    line.shortfall());
        }
    }

    static SettledView of(Settled settled) {
        return new SettledView(
                settled.id(), settled.lines().stream().map(LineView::of).toList(), settled.at());
    }
}
