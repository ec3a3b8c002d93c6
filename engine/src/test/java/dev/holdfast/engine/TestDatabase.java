package dev.holdfast.engine;

import dev.holdfast.local.LocalPostgres;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.postgresql.ds.PGSimpleDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/** A database of its own, on one embedded PostgreSQL that the whole test run shares or on a server of the test's own. */
final class TestDatabase {
    private static final AtomicInteger COUNT = new AtomicInteger();

    /** The sweeper as good as off: requests expire what they need themselves. */
    static final StockEngine.Options UNSWEPT =
            StockEngine.Options.DEFAULT.withSweepInterval(Duration.ofHours(1)).withConnections(6);

    private static final class Shared {
        static final LocalPostgres SERVER = LocalPostgres.startTemporary();
    }

    /** As engines find it that were there before: to migrate an empty one takes three times as long as to copy this. */
    private static final class Template {
        static final String NAME = migrated("template_of_tests");

        private static String migrated(String name) {
            Shared.SERVER.createDatabase(name);
            var database = on(Shared.SERVER, name);
            Schema.migrate(database.dataSource);
            new Partitions(database.dataSource).keepAhead();
            return name;
        }
    }

    private final DataSource dataSource;

    private TestDatabase(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    /** With the engine's tables. */
    static TestDatabase create() {
        var name = newName();
        Shared.SERVER.createDatabase(name, Template.NAME);
        return on(Shared.SERVER, name);
    }

    static TestDatabase createEmpty() {
        return createEmpty(Shared.SERVER);
    }

    static TestDatabase createEmpty(LocalPostgres server) {
        var name = newName();
        server.createDatabase(name);
        return on(server, name);
    }

    private static String newName() {
        return "test_" + COUNT.incrementAndGet();
    }

    private static TestDatabase on(LocalPostgres server, String name) {
        var dataSource = new PGSimpleDataSource();
        dataSource.setUrl(server.jdbcUrl(name));
        dataSource.setUser(server.user());
        dataSource.setPassword(server.password());
        return new TestDatabase(dataSource);
    }

    DataSource dataSource() {
        return dataSource;
    }

    StockEngine open() {
        return StockEngine.open(dataSource);
    }

    StockEngine open(StockEngine.Options options) {
        return open(options, new SimpleMeterRegistry());
    }

    StockEngine open(Path path, StockEngine.Options options) {
        return open(path, options, new SimpleMeterRegistry());
    }

    StockEngine open(Path path, StockEngine.Options options, MeterRegistry meters) {
        return path.open(dataSource, options, meters);
    }

    StockEngine open(StockEngine.Options options, MeterRegistry meters) {
        return StockEngine.open(dataSource, options, meters);
    }

    void execute(String... statements) {
        try (var connection = dataSource.getConnection();
                var statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The rows of a query, columns joined by commas. */
    List<String> rows(String sql) {
        try (var connection = dataSource.getConnection()) {
            return rows(connection, sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> rows(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            var all = new ArrayList<String>();
            while (rows.next()) {
                var row = new ArrayList<String>();
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    row.add(String.valueOf(rows.getString(i)));
                }
                all.add(String.join(",", row));
            }
            return all;
        }
    }

    long number(String sql) {
        return Long.parseLong(rows(sql).getFirst());
    }

    /** Every row of every table of ours. */
    Map<String, List<String>> everything() {
        var tables = new TreeMap<String, List<String>>();
        try (var connection = dataSource.getConnection()) {
            for (String table :
                    List.of("stock_level", "hold", "ledger", "ledger_opening", "hold_deadline", "idempotency_entry")) {
                tables.put(table, rows(connection, "SELECT t::text FROM " + table + " t ORDER BY 1"));
            }
            return tables;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Waits until the database's clock has passed a moment. */
    void awaitClock(Instant moment) {
        await("clock_timestamp() > '" + moment + "'");
    }

    /** Waits until a condition in SQL is true. */
    void await(String condition) {
        Awaitility.await()
                .pollInterval(Duration.ofMillis(10))
                .atMost(Duration.ofSeconds(30))
                .until(() -> rows("SELECT " + condition).equals(List.of("t")));
    }

    /** Waits until so many sessions stand before a lock. */
    void awaitBlocked(int sessions) {
        await("count(*) >= " + sessions
                + " FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'");
    }

    /** Locks a stock's row as a long transaction of somebody else would, until closed. */
    Lock lock(StockKey stock) {
        return lock(
                "SELECT FROM stock_level WHERE sku = ? AND location = ? FOR UPDATE",
                stock.sku().value(),
                stock.location().value());
    }

    /** It can be read meanwhile, and not written. */
    Lock lockTable(String table) {
        return lock("LOCK TABLE " + table + " IN SHARE MODE");
    }

    private Lock lock(String sql, String... parameters) {
        try {
            var connection = dataSource.getConnection();
            connection.setAutoCommit(false);
            try (var statement = connection.prepareStatement(sql)) {
                for (int i = 0; i < parameters.length; i++) {
                    statement.setString(i + 1, parameters[i]);
                }
                statement.execute();
            }
            return new Lock(connection);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    record Lock(Connection connection) implements AutoCloseable {
        @Override
        public void close() {
            try {
                connection.close();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    static void assertBooksAreRight(StockEngine engine) {
        assertThat(engine.invariants())
                .hasSize(6)
                .allSatisfy(invariant ->
                        assertThat(invariant.violations()).as(invariant.name()).isEmpty());
    }
}
