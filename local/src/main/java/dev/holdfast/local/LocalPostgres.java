package dev.holdfast.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * One PostgreSQL server on one data directory: real, durable, of this machine's user alone.
 *
 * <p>A daemon that outlives a killed owner; the next {@link #start} on the directory takes it over.
 *
 * <p>Failures are {@link IllegalStateException} with what to do about them, or {@link UncheckedIOException}.
 */
public final class LocalPostgres extends LocalServer {
    private static final String SERVER = "PostgreSQL";
    private static final String DATABASE = "holdfast";

    /** Of the directories of temporary servers. */
    static final String TEMPORARY = "postgres";

    private final Cluster cluster;

    /**
     * The server of a directory, started and ready: created on first use, recovered after a crash, taken over with its
     * port if a killed owner left it running.
     *
     * @throws IllegalStateException if another process, or this one, already owns the directory's server
     */
    public static LocalPostgres start(Path dataDirectory) {
        try {
            return new LocalPostgres(dataDirectory, null);
        } catch (IOException e) {
            throw new UncheckedIOException("PostgreSQL cannot use " + dataDirectory, e);
        }
    }

    /**
     * A new server in a new temporary directory, just as durable as one that lasts; deleted at close, which happens at the end
     * of the JVM at the latest. What a killed JVM left is stopped and deleted here.
     */
    public static LocalPostgres startTemporary() {
        LocalPostgres postgres = startTemporaryWithoutHook();
        postgres.closeAtExit();
        return postgres;
    }

    static LocalPostgres startTemporaryWithoutHook() {
        return openTemporary(TEMPORARY, LocalPostgres::new);
    }

    /** Stops the server that a killed owner left on a directory; false if there is none. */
    static boolean stopOrphan(Path dataDirectory) throws IOException {
        return stopOrphan(SERVER, dataDirectory, Postmaster::of, Cluster::stop);
    }

    private LocalPostgres(Path directory, @Nullable Path temporary) throws IOException {
        super(SERVER, directory, temporary);
        try {
            Path binaries = Binaries.home();
            this.cluster = new Cluster(
                    data, binaries, Account.choose(binaries, Files.exists(data) ? data : Trees.parentOf(data)));
            cluster.start();
            ensureDatabase(cluster);
        } catch (IOException | RuntimeException e) {
            disclaim();
            throw e;
        }
    }

    /** {@code jdbc:postgresql://127.0.0.1:<port>/holdfast}. */
    public String jdbcUrl() {
        return jdbcUrl(DATABASE);
    }

    public String jdbcUrl(String database) {
        return cluster.jdbcUrl(database);
    }

    public String user() {
        return Cluster.USER;
    }

    public String password() {
        return cluster.password();
    }

    @Override
    public int port() {
        return cluster.port();
    }

    /** A new, empty database on this server: tests that share a server get one each. */
    public void createDatabase(String name) {
        execute("CREATE DATABASE " + quoted(name));
    }

    /** The same with all that is in another one, which nobody may be connected to. */
    public void createDatabase(String name, String template) {
        execute("CREATE DATABASE " + quoted(name) + " TEMPLATE " + quoted(template));
    }

    /** Drops a database, if it exists, and cuts off who still uses it. */
    public void dropDatabase(String name) {
        execute("DROP DATABASE IF EXISTS " + quoted(name) + " WITH (FORCE)");
    }

    /**
     * SIGKILL to the server and all its processes, as an out-of-memory killer would; returns when they are gone. What was
     * committed is there again after {@link #startAgain}.
     */
    public synchronized void kill() {
        cluster.kill();
    }

    @Override
    boolean runs() {
        return cluster.runs();
    }

    @Override
    void restart() throws IOException {
        cluster.startAgain();
    }

    @Override
    void stop(boolean forGood) {
        if (forGood) {
            cluster.abandon(); // writing hundreds of test databases down to delete them took half a minute
        } else {
            cluster.stop();
        }
    }

    private static void ensureDatabase(Cluster cluster) {
        try (Connection connection = cluster.connect(Cluster.MAINTENANCE_DATABASE);
                Statement statement = connection.createStatement()) {
            try (ResultSet found =
                    statement.executeQuery("SELECT 1 FROM pg_database WHERE datname = '" + DATABASE + "'")) {
                if (found.next()) {
                    return;
                }
            }
            statement.execute("CREATE DATABASE " + DATABASE);
        } catch (SQLException e) {
            cluster.stop();
            throw new IllegalStateException(
                    "PostgreSQL on port " + cluster.port() + " started but does not let us in", e);
        }
    }

    private void execute(String sql) {
        try (Connection connection = cluster.connect(Cluster.MAINTENANCE_DATABASE);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql + ": " + e.getMessage(), e);
        }
    }

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
