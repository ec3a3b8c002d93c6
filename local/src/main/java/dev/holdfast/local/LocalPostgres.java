package dev.holdfast.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One PostgreSQL server on one data directory: real, durable, of this machine's user alone.
 *
 * <p>The server is a daemon of its own session: Ctrl-C in the terminal does not reach it, so its owner can drain first
 * and close it last. If the owner is killed, the server lives on; the next {@link #start} on the directory takes it over.
 * {@code <directory>.lock}, held for the life of the owning process, tells an orphan from a server in use.
 *
 * <p>Failures are {@link IllegalStateException} with what to do about them, or {@link UncheckedIOException}.
 */
public final class LocalPostgres implements AutoCloseable {
    private static final String SERVER = "PostgreSQL";
    private static final String DATABASE = "holdfast";

    /** Of the directories of temporary servers. */
    static final String TEMPORARY = "postgres";

    private final FileClaim claim;
    private final @Nullable Path temporary;
    private final Cluster cluster;
    private final AtExit atExit = new AtExit();
    private boolean closed;

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
        try {
            Temporaries.sweep();
            Path directory = Temporaries.create(TEMPORARY);
            try {
                return new LocalPostgres(directory.resolve(TEMPORARY), directory);
            } catch (IOException | RuntimeException e) {
                Trees.delete(directory);
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("PostgreSQL cannot use a temporary directory", e);
        }
    }

    /** Stops the server that a killed owner left on a directory; false if there is none. */
    static boolean stopOrphan(Path dataDirectory) throws IOException {
        if (!Files.isDirectory(dataDirectory)) {
            return false;
        }
        Path data = Trees.real(dataDirectory);
        try (FileClaim _ = FileClaim.ofServer(SERVER, data)) {
            Optional<Postmaster> orphan = Postmaster.of(data);
            orphan.ifPresent(Cluster::stop);
            return orphan.isPresent();
        }
    }

    private LocalPostgres(Path directory, @Nullable Path temporary) throws IOException {
        Path parent = Files.createDirectories(Trees.parentOf(directory));
        Path data = Trees.real(directory);
        this.temporary = temporary;
        this.claim = FileClaim.ofServer(SERVER, data);
        try {
            Path binaries = Binaries.home();
            this.cluster = new Cluster(data, binaries, Account.choose(binaries, Files.exists(data) ? data : parent));
            cluster.start();
            ensureDatabase(cluster);
        } catch (IOException | RuntimeException e) {
            claim.close();
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

    public int port() {
        return cluster.port();
    }

    /** A new, empty database on this server: tests that share a server get one each. */
    public void createDatabase(String name) {
        execute("CREATE DATABASE " + quoted(name));
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

    /** After {@link #kill}: same port, same data, recovered and ready. */
    public synchronized void startAgain() {
        if (closed) {
            throw new IllegalStateException("closed");
        }
        if (cluster.runs()) {
            throw new IllegalStateException("PostgreSQL already runs on port " + port());
        }
        try {
            cluster.startAgain();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Starts the server again if it is gone, as after an out-of-memory killer; for owners that look after it.
     *
     * @return true if it was gone and runs again
     */
    public synchronized boolean startIfGone() {
        if (closed || cluster.runs()) {
            return false;
        }
        startAgain();
        return true;
    }

    /** Closes the server when the JVM ends in good order; for owners with nothing of their own to drain before. */
    public synchronized void closeAtExit() {
        if (!closed) {
            atExit.run("stop PostgreSQL on port " + port(), this::shutDown);
        }
    }

    /** Shuts the server down: open transactions are rolled back, everything is written. Again: nothing happens. */
    @Override
    public void close() {
        shutDown();
        atExit.forget();
    }

    private synchronized void shutDown() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            if (temporary == null) {
                cluster.stop();
            } else {
                cluster.abandon(); // writing hundreds of test databases down to delete them took half a minute
            }
        } finally {
            claim.close();
        }
        if (temporary != null) {
            try {
                Trees.delete(temporary);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
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
