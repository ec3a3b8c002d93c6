package dev.holdfast.server.catalog;

import dev.holdfast.server.catalog.StockLocation.About;
import dev.holdfast.server.catalog.StockLocation.Kind;
import dev.holdfast.server.catalog.StockLocation.Position;
import io.swagger.v3.oas.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

@Schema(name = "Location", description = "A place where units lie")
record LocationView(
        @Schema(example = "main", requiredMode = Schema.RequiredMode.REQUIRED)
        String code,

        @Schema(description = "For If-Match; the first is 0", requiredMode = Schema.RequiredMode.REQUIRED)
        long version,

        @Schema(example = "Main warehouse", requiredMode = Schema.RequiredMode.REQUIRED)
        String name,

        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) Kind kind,

        @Schema(description = "The smaller, the sooner", example = "10", requiredMode = Schema.RequiredMode.REQUIRED)
        int priority,

        @Schema(
                types = {"number", "null"},
                description = "Degrees, WGS 84")
        @Nullable
        Double latitude,

        @Schema(types = {"number", "null"}) @Nullable Double longitude) {
    static LocationView of(StockLocation location) {
        About about = location.about();
        Position position = about.position();
        return new LocationView(
                location.code(),
                location.version(),
                about.name(),
                about.kind(),
                about.priority(),
                position == null ? null : position.latitude(),
                position == null ? null : position.longitude());
    }
}
