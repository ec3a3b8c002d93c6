package dev.holdfast.server.audit;

import dev.holdfast.server.sql.Migrations;
import javax.sql.DataSource;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.DependsOn;
import org.springframework.stereotype.Component;

/** The audit's table. After the engine, because that one waits for the database. */
@Component
@DependsOn("stockEngine")
class AuditSchema {
    AuditSchema(DataSource dataSource, @Value("${holdfast.engine.migrate:true}") boolean migrate) {
        if (migrate) {
            Migrations.run(dataSource, AuditSchema.class, "audit");
        }
    }
}
