package dev.holdfast.server.hold;

import dev.holdfast.engine.Outcome.Sold;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

@Schema(name = "Sale", description = "Units taken and gone at once")
record SaleView(
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) UUID id,
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) List<LineView> lines,

        @Schema(
                types = {"string", "null"},
                example = "till")
        @Nullable
        String channel,

        @Schema(
                types = {"string", "null"},
                example = "receipt-0815")
        @Nullable
        String reference,

        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) Instant at) {
    static SaleView of(Sold sold) {
        return new SaleView(sold.id(), LineView.of(sold.lines()), sold.channel(), sold.reference(), sold.at());
    }
}
