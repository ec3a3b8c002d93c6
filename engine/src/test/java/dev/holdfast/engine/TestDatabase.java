package dev.holdfast.engine;

import dev.holdfast.local.LocalPostgres;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Databases of their own on one embedded PostgreSQL that the whole test run shares. */
final class TestDatabase {
    private static final AtomicInteger COUNT = new AtomicInteger();

    private static final class Shared {
        static final LocalPostgres SERVER = LocalPostgres.startTemporary();

        static {
            Runtime.getRuntime().addShutdownHook(new Thread(SERVER::close));
        }
    }

    private TestDatabase() {}

    /** An empty database. */
    static DataSource create() {
        var name = "test_" + COUNT.incrementAndGet();
        Shared.SERVER.createDatabase(name);
        return dataSource(Shared.SERVER, name);
    }

    static DataSource dataSource(LocalPostgres server, String database) {
        var dataSource = new PGSimpleDataSource();
        dataSource.setUrl(server.jdbcUrl(database));
        dataSource.setUser(server.user());
        dataSource.setPassword(server.password());
        return dataSource;
    }
}
