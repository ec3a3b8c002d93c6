package dev.holdfast.server.venue;

import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

@Schema(name = "Venue", description = "A place where people sit or stand")
record VenueView(
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) UUID id,

        @Schema(
                description = "For If-Match; grows when the name or the map changes",
                requiredMode = Schema.RequiredMode.REQUIRED)
        long version,

        @Schema(example = "Town hall", requiredMode = Schema.RequiredMode.REQUIRED)
        String name,

        @Schema(
                types = {"object", "null"},
                description = "What there is of the newest map; null if there is none")
        Venue.@Nullable Plan map,

        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) Instant createdAt,

        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) Instant updatedAt) {
    static VenueView of(Venue venue) {
        return new VenueView(
                venue.id(), venue.version(), venue.name(), venue.map(), venue.createdAt(), venue.updatedAt());
    }
}
