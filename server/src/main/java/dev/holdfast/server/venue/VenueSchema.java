package dev.holdfast.server.venue;

import dev.holdfast.server.sql.Migrations;
import javax.sql.DataSource;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.DependsOn;
import org.springframework.stereotype.Component;

/** The tables of venues and maps. After the engine, because that one waits for the database. */
@Component(VenueSchema.NAME)
@DependsOn("stockEngine")
class VenueSchema {
    static final String NAME = "venueSchema";

    VenueSchema(DataSource dataSource, @Value("${holdfast.engine.migrate:true}") boolean migrate) {
        if (migrate) {
            Migrations.run(dataSource, VenueSchema.class, "venue");
        }
    }
}
