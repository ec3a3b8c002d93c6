package dev.holdfast.server.catalog;

import dev.holdfast.server.sql.Migrations;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.DependsOn;
import org.springframework.stereotype.Component;

/**
 * The catalogue's tables, with a history of their own beside the engine's. After the engine, because that one waits for the database.
 *
 * <p>Trigrams find parts of words and forgive typing errors, but need the extension {@code pg_trgm}, which not everybody may
 * create; without it search knows whole words.
 */
@Component(CatalogueSchema.NAME)
@DependsOn("stockEngine")
class CatalogueSchema {
    static final String NAME = "catalogueSchema";
    private static final Logger LOG = LoggerFactory.getLogger(CatalogueSchema.class);

    /** Two nodes that start at once may both try to create the extension; the second try finds it. */
    private static final int TRIES = 2;

    private final boolean hasTrigrams;

    CatalogueSchema(DataSource dataSource, @Value("${holdfast.engine.migrate:true}") boolean migrate) {
        if (migrate) {
            Migrations.run(dataSource, CatalogueSchema.class, "catalog");
            hasTrigrams = createTrigrams(dataSource);
        } else {
            hasTrigrams = findTrigrams(dataSource);
        }
    }

    boolean hasTrigrams() {
        return hasTrigrams;
    }

    private static boolean createTrigrams(DataSource dataSource) {
        SQLException last = null;
        for (int i = 0; i < TRIES; i++) {
            try (Connection connection = dataSource.getConnection();
                    var statement = connection.createStatement()) {
                statement.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm");
                statement.execute("CREATE INDEX IF NOT EXISTS product_by_trigrams ON product"
                        + " USING gin (search_text gin_trgm_ops)");
                return true;
            } catch (SQLException e) {
                last = e;
            }
        }
        LOG.warn(
                "Products are found by whole words only, because the extension pg_trgm cannot be used here ({})."
                        + " To change that: CREATE EXTENSION pg_trgm as an owner of the database, then restart",
                last == null ? "" : last.getMessage());
        return false;
    }

    private static boolean findTrigrams(DataSource dataSource) {
        try (Connection connection = dataSource.getConnection();
                var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT to_regclass('product_by_trigrams') IS NOT NULL")) {
            return rows.next() && rows.getBoolean(1);
        } catch (SQLException e) {
            throw new IllegalStateException("the catalogue's tables could not be read", e);
        }
    }
}
