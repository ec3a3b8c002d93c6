package dev.holdfast.server.sql;

import javax.sql.DataSource;
import org.flywaydb.core.Flyway;

/** Creates and changes a feature's tables, beside the engine's and with a history of their own. */
public final class Migrations {
    private Migrations() {}

    /**
     * Runs the scripts in the folder {@code migration} beside the feature's class that it has not run yet. Nodes that start together
     * wait for one another.
     *
     * @param name of the feature: its history is {@code holdfast_<name>_history}
     */
    public static void run(DataSource dataSource, Class<?> feature, String name) {
        Flyway.configure(feature.getClassLoader())
                .dataSource(dataSource)
                .locations("classpath:" + feature.getPackageName().replace('.', '/') + "/migration")
                .table("holdfast_" + name + "_history")
                .baselineOnMigrate(true)
                .baselineVersion("0")
                .load()
                .migrate();
    }
}
