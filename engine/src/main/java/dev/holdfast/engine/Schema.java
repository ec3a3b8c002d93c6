package dev.holdfast.engine;

import javax.sql.DataSource;
import org.flywaydb.core.Flyway;

/** The engine's tables. Their history has a table of its own, so that they can live beside the tables of an application. */
final class Schema {
    private Schema() {}

    static void migrate(DataSource dataSource) {
        Flyway.configure(Schema.class.getClassLoader())
                .dataSource(dataSource)
                .locations("classpath:dev/holdfast/engine/migration")
                .table("holdfast_schema_history")
                .baselineOnMigrate(true)
                .baselineVersion("0")
                .load()
                .migrate();
    }
}
