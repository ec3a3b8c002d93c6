package dev.holdfast.bench;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/**
 * A schema of one run's own in a database that may be somebody's: made at the start, dropped at the end, also after Ctrl-C. What a
 * killed run left is dropped by one that starts a day later; its name tells when it was made.
 */
final class BenchSchema implements AutoCloseable {
    private static final Pattern NAME = Pattern.compile("holdfast_bench_([0-9]{10,12})_[0-9a-z]+");

    /** Longer than any run. */
    private static final Duration STALE_AFTER = Duration.ofDays(1);

    /** Each ends what still runs on the schema, then waits for 3 s: a vacuum gives way after one. */
    private static final int DROP_TRIES_MAX = 10;

    private final Database database;
    private final String name;
    private final Thread atExit = new Thread(this::drop, "drop the schema");
    private boolean dropped;

    BenchSchema(Database database, Instant now) throws SQLException {
        this.database = database;
        this.name = "holdfast_bench_%d_%s"
                .formatted(
                        now.getEpochSecond(),
                        Long.toString(ThreadLocalRandom.current().nextLong(1L << 40), Character.MAX_RADIX));
        try (var pool = database.pool(1);
                var connection = pool.getConnection()) {
            for (var stale : stale(connection, now)) {
                WritePathBench.progress("removing what an earlier run left: " + stale);
                execute(connection, "DROP SCHEMA IF EXISTS " + stale + " CASCADE");
            }
            Runtime.getRuntime().addShutdownHook(atExit);
            execute(connection, "CREATE SCHEMA " + name);
        }
    }

    String name() {
        return name;
    }

    HikariDataSource pool(int connections) {
        return database.pool(connections, name);
    }

    static List<String> stale(Connection connection, Instant now) throws SQLException {
        var stale = new ArrayList<String>();
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT nspname FROM pg_namespace"
                        + " WHERE starts_with(nspname, 'holdfast_bench_') AND pg_has_role(nspowner, 'USAGE')")) {
            while (rows.next()) {
                var matcher = NAME.matcher(rows.getString(1));
                if (matcher.matches()
                        && Instant.ofEpochSecond(Long.parseLong(matcher.group(1)))
                                .isBefore(now.minus(STALE_AFTER))) {
                    stale.add(rows.getString(1));
                }
            }
        }
        return stale;
    }

    @Override
    public void close() {
        drop();
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            // the JVM is ending; the hook finds nothing left to do
        }
    }

    private synchronized void drop() {
        if (dropped) {
            return;
        }
        SQLException failure = null;
        for (int attempt = 0; attempt < DROP_TRIES_MAX && !dropped; attempt++) {
            try (var pool = database.pool(1);
                    var connection = pool.getConnection()) {
                execute(
                        connection,
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '" + name
                                + "'");
                execute(connection, "SET lock_timeout = '3s'");
                execute(connection, "DROP SCHEMA IF EXISTS " + name + " CASCADE");
                dropped = true;
            } catch (SQLException e) {
                failure = e;
            }
        }
        if (failure != null && !dropped) {
            System.err.println("bench: could not remove its schema, please do: DROP SCHEMA " + name + " CASCADE ("
                    + failure.getMessage() + ")");
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
