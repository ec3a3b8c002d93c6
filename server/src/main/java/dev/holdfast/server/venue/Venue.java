package dev.holdfast.server.venue;

import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A place where people sit or stand.
 *
 * @param version grows when the name or the map changes
 * @param map null: it has none
 * @param hash of the request that created it; null if it had no key
 */
record Venue(
        UUID id,
        long version,
        String name,
        @Nullable Plan map,
        Instant createdAt,
        Instant updatedAt,
        @Nullable Long hash) {

    /** What is known of a version of its map without reading it. */
    @Schema(name = "VenuePlan", description = "The newest map")
    record Plan(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            long version,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            int seats,

            @Schema(description = "Places in areas", requiredMode = Schema.RequiredMode.REQUIRED)
            int standing,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            int sections) {
        static Plan of(long version, VenueMap map) {
            return new Plan(version, map.seats(), map.standing(), map.sections().size());
        }
    }

    boolean isAt(@Nullable Long expectedVersion) {
        return expectedVersion == null || expectedVersion == version;
    }

    /** 0: it has none. */
    long mapVersion() {
        return map == null ? 0 : map.version;
    }

    /** For the audit. */
    Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", name);
        if (map != null) {
            fields.put("mapVersion", map.version);
            fields.put("seats", map.seats);
            fields.put("standing", map.standing);
            fields.put("sections", map.sections);
        }
        return fields;
    }
}
