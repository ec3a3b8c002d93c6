package dev.holdfast.server.hold;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.holdfast.engine.Hold;
import dev.holdfast.engine.Line;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(name = "Line", description = "So many units of one stock")
record LineView(
        @Schema(example = "TSHIRT-M", requiredMode = Schema.RequiredMode.REQUIRED)
        String sku,

        @Schema(example = "main", requiredMode = Schema.RequiredMode.REQUIRED)
        String location,

        @Schema(example = "2", requiredMode = Schema.RequiredMode.REQUIRED)
        long quantity,

        @Schema(description = "Still held; this and the next three only where they are not the same for all lines")
        @Nullable
        Long held,

        @Schema(description = "Allocated to an order and not given back since") @Nullable
        Long confirmed,

        @Schema(description = "Given back") @Nullable Long released,

        @Schema(description = "Of those confirmed") @Nullable
        Long shipped) {
    static List<LineView> of(List<Line> lines) {
        return lines.stream().map(line -> of(line, null, null, null, null)).toList();
    }

    static List<LineView> of(Hold hold) {
        return hold.parts().isEmpty()
                ? of(hold.lines())
                : IntStream.range(0, hold.lines().size())
                        .mapToObj(i -> of(hold, i))
                        .toList();
    }

    private static LineView of(Hold hold, int i) {
        Hold.Part part = hold.part(i);
        return of(hold.lines().get(i), hold.held(i), part.confirmed(), part.released() + part.lapsed(), part.shipped());
    }

    private static LineView of(
            Line line, @Nullable Long held, @Nullable Long confirmed, @Nullable Long released, @Nullable Long shipped) {
        return new LineView(
                line.stock().sku().value(),
                line.stock().location().value(),
                line.units(),
                held,
                confirmed,
                released,
                shipped);
    }
}
