package dev.holdfast.server.catalog;

import dev.holdfast.engine.Location;
import java.util.List;
import org.springframework.context.annotation.DependsOn;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * The catalogue's locations in the order of their priority, those of one priority in the order of their codes. Answers from
 * memory; {@link ForSale} has it read anew when the catalogue has changed, and what it says of staleness is true of this too.
 */
@Component
@DependsOn(CatalogueSchema.NAME)
public final class LocationOrder {
    private final JdbcTemplate database;
    private volatile List<Location> locations = List.of();

    LocationOrder(JdbcTemplate database) {
        this.database = database;
    }

    /** Empty if the catalogue has none. */
    public List<Location> locations() {
        return locations;
    }

    void read() {
        locations = List.copyOf(database.query(
                "SELECT code FROM location ORDER BY priority, code", (row, _) -> new Location(row.getString(1))));
    }
}
