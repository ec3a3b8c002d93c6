package dev.holdfast.server.catalog;

import dev.holdfast.engine.Location;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is known of a place where units lie. Stock may lie at others too: the engine knows locations by their codes only. */
@Entity
@Table(name = "location")
class StockLocation {
    enum Kind {
        WAREHOUSE,
        STORE,
        TILL
    }

    /** @param latitude degrees, WGS 84 */
    record Position(double latitude, double longitude) {}

    /** What people write about it. */
    record About(
            String name, Kind kind, int priority, @Nullable Position position) {
        /** By name, without those that are not known. */
        Map<String, Object> fields() {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("name", name);
            fields.put("kind", kind);
            fields.put("priority", priority);
            if (position != null) {
                fields.put("latitude", position.latitude);
                fields.put("longitude", position.longitude);
            }
            return fields;
        }
    }

    @Id
    private String code;

    @Version
    private @Nullable Long version; // null until it is stored, so that save() of a new one inserts

    private String name;

    @Enumerated(EnumType.STRING)
    private Kind kind;

    private int priority;
    private @Nullable Double latitude;
    private @Nullable Double longitude;

    @SuppressWarnings("NullAway.Init") // Hibernate's
    protected StockLocation() {}

    StockLocation(Location location, About about) {
        this.code = location.value();
        this.name = about.name;
        this.kind = about.kind;
        write(about);
    }

    void write(About about) {
        name = about.name;
        kind = about.kind;
        priority = about.priority;
        latitude = about.position == null ? null : about.position.latitude;
        longitude = about.position == null ? null : about.position.longitude;
    }

    boolean isAt(@Nullable Long expectedVersion) {
        return expectedVersion == null || expectedVersion == version();
    }

    String code() {
        return code;
    }

    /** 0 is the first. */
    long version() {
        return version == null ? 0 : version;
    }

    About about() {
        return new About(
                name, kind, priority, latitude == null || longitude == null ? null : new Position(latitude, longitude));
    }
}
