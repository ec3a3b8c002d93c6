package dev.holdfast.server.ticketing;

import dev.holdfast.server.sql.Migrations;
import javax.sql.DataSource;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.DependsOn;
import org.springframework.stereotype.Component;

/** The tables of events. After the engine, because that one waits for the database. */
@Component(TicketingSchema.NAME)
@DependsOn("stockEngine")
class TicketingSchema {
    static final String NAME = "ticketingSchema";

    TicketingSchema(DataSource dataSource, @Value("${holdfast.engine.migrate:true}") boolean migrate) {
        if (migrate) {
            Migrations.run(dataSource, TicketingSchema.class, "ticketing");
        }
    }
}
