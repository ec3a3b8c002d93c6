package dev.holdfast.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
    private static final String USER = "holdfast";
    private static final String DATABASE = "holdfast";
    private static final String MAINTENANCE_DATABASE = "postgres";

    private static final Duration INITDB_MAX = Duration.ofMinutes(2);
    /** Longer than the 40 s that {@link Settings} gives for the worst recovery; pg_ctl returns as soon as it is ready. */
    private static final Duration START_MAX = Duration.ofMinutes(2);
    /** A fast shutdown writes at most shared_buffers = 256 MB; slower than 9 MB/s is a broken disk. */
    private static final Duration STOP_MAX = Duration.ofSeconds(30);
    /** A killed process is gone once the disk has answered its last fsync. */
    private static final Duration KILL_MAX = Duration.ofSeconds(30);
    /** Backends whose postmaster was killed alone leave when they notice: at once if idle, after their statement if not. */
    private static final Duration LEFTOVER_MAX = Duration.ofSeconds(20);

    private static final int PORT_TRIES_MAX = 5;

    private final Path data;
    private final FileClaim claim;
    private final @Nullable Path temporary;
    private final Path binaries;
    private final Account account;
    private @Nullable Thread closeAtExit;
    private volatile Credentials credentials;
    private @Nullable Postmaster postmaster;
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
            Path directory = Temporaries.create();
            try {
                return new LocalPostgres(directory.resolve("postgres"), directory);
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
        Path data = dataDirectory.toRealPath();
        try (FileClaim _ = claim(data)) {
            Optional<Postmaster> orphan = Postmaster.of(data);
            orphan.ifPresent(LocalPostgres::stop);
            return orphan.isPresent();
        }
    }

    private LocalPostgres(Path directory, @Nullable Path temporary) throws IOException {
        Path parent = parent(directory);
        Files.createDirectories(parent);
        this.data = parent.toRealPath().resolve(directory.getFileName());
        this.temporary = temporary;
        this.claim = claim(data);
        try {
            this.binaries = Binaries.home();
            this.account = Account.choose(program("postgres"), Files.exists(data) ? data : parent);
            if (!Files.exists(data.resolve("PG_VERSION"))) {
                initialize();
            }
            requireSameMajorVersion();
            account.own(data);
            this.credentials = Credentials.read(data);
            if (!takeOver()) {
                launch(true);
            }
            ensureDatabase();
        } catch (IOException | RuntimeException e) {
            claim.close();
            throw e;
        }
    }

    private static Path parent(Path directory) {
        Path parent = directory.toAbsolutePath().normalize().getParent();
        if (parent == null) {
            throw new IllegalArgumentException(directory + " cannot be a data directory");
        }
        return parent;
    }

    private static FileClaim claim(Path data) throws IOException {
        Path parent = parent(data);
        String lock = data.getFileName() + ".lock";
        Optional<FileClaim> claim = FileClaim.tryClaim(parent, lock);
        if (claim.isEmpty()) {
            throw new IllegalStateException("The PostgreSQL in " + data + " is in use by process "
                    + FileClaim.holder(parent, lock) + "; stop that first");
        }
        return claim.get();
    }

    /** {@code jdbc:postgresql://127.0.0.1:<port>/holdfast}. */
    public String jdbcUrl() {
        return jdbcUrl(DATABASE);
    }

    public String jdbcUrl(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port() + "/" + database;
    }

    public String user() {
        return USER;
    }

    public String password() {
        return credentials.password();
    }

    public int port() {
        return credentials.port();
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
        if (postmaster != null) {
            kill(postmaster);
            postmaster = null;
        }
    }

    /** After {@link #kill}: same port, same data, recovered and ready. */
    public synchronized void startAgain() {
        if (closed) {
            throw new IllegalStateException("closed");
        }
        if (postmaster != null && postmaster.runs()) {
            throw new IllegalStateException("PostgreSQL already runs on port " + port());
        }
        try {
            launch(false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Closes the server when the JVM ends in good order; for owners with nothing of their own to drain before. */
    public synchronized void closeAtExit() {
        if (closeAtExit == null && !closed) {
            closeAtExit = new Thread(this::shutDown, "stop PostgreSQL on port " + port());
            Runtime.getRuntime().addShutdownHook(closeAtExit);
        }
    }

    /** Shuts the server down: open transactions are rolled back, everything is written. Again: nothing happens. */
    @Override
    public void close() {
        shutDown();
        Thread hook = closeAtExit;
        if (hook != null && !Thread.currentThread().equals(hook)) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // The JVM is ending; the hook finds nothing left to do.
            }
        }
    }

    private synchronized void shutDown() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            if (postmaster != null) {
                stop(postmaster);
                postmaster = null;
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

    // --- first use -----------------------------------------------------------------------------------------------

    /** Complete or not at all: made beside its place, with the password inside, then renamed. */
    private void initialize() throws IOException {
        Path work = data.resolveSibling(data.getFileName() + ".new");
        Trees.delete(work); // of a first start that was killed; we hold the lock
        Files.createDirectory(work, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path fresh = Files.createDirectory(work.resolve("data"));
        Credentials first = Credentials.fresh(Ports.forDatabase());
        Path password = Files.writeString(work.resolve("password"), first.password());
        account.own(work);
        // The locale is PostgreSQL's own: one order of text on every machine, that of the code points.
        run(
                INITDB_MAX,
                "initdb",
                "--pgdata=" + fresh,
                "--username=" + USER,
                "--pwfile=" + password,
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8");
        first.write(fresh);
        Files.move(fresh, data, StandardCopyOption.ATOMIC_MOVE);
        Trees.delete(work);
        try (FileChannel directory = FileChannel.open(parent(data), StandardOpenOption.READ)) {
            directory.force(true); // the rename too survives a power cut
        }
    }

    private void requireSameMajorVersion() throws IOException {
        String written = Files.readString(data.resolve("PG_VERSION")).strip();
        String ours = Binaries.majorVersion();
        if (!written.equals(ours)) {
            throw new IllegalStateException(data + " was written by PostgreSQL " + written + ", this is " + ours
                    + ": move it away, or dump it with the old version and load it with this one");
        }
    }

    private void ensureDatabase() {
        try (Connection connection = connect(MAINTENANCE_DATABASE);
                Statement statement = connection.createStatement();
                ResultSet found =
                        statement.executeQuery("SELECT 1 FROM pg_database WHERE datname = '" + DATABASE + "'")) {
            if (found.next()) {
                return;
            }
        } catch (SQLException e) {
            throw new IllegalStateException("PostgreSQL on port " + port() + " started but does not let us in", e);
        }
        createDatabase(DATABASE);
    }

    // --- start, take over, stop ----------------------------------------------------------------------------------

    /** An orphan that answers as ours is kept, one that does not is stopped. */
    private boolean takeOver() throws IOException {
        Optional<Postmaster> orphan = Postmaster.of(data);
        if (orphan.isEmpty()) {
            return false;
        }
        if (orphan.get().isReady() && answers(orphan.get().port())) {
            postmaster = orphan.get();
            return true;
        }
        stop(orphan.get());
        return false;
    }

    private boolean answers(int port) throws IOException {
        if (port != port()) {
            remember(credentials.movedTo(port));
        }
        try (Connection connection = connect(MAINTENANCE_DATABASE);
                Statement statement = connection.createStatement();
                ResultSet directory = statement.executeQuery("SHOW data_directory")) {
            return directory.next() && data.equals(Path.of(directory.getString(1)));
        } catch (SQLException e) {
            return false;
        }
    }

    /** @param mayMove whether another port will do if the remembered one is taken */
    private void launch(boolean mayMove) throws IOException {
        Path log = data.resolve("start.log");
        long leftoverDeadline = System.nanoTime() + LEFTOVER_MAX.toNanos();
        int portTries = 0;
        while (true) {
            if (!Ports.isFree(port())) {
                if (!mayMove || ++portTries > PORT_TRIES_MAX) {
                    throw new IllegalStateException(
                            "Port " + port() + " of PostgreSQL in " + data + " is taken by another program");
                }
                remember(credentials.movedTo(Ports.forDatabase()));
            }
            Postmaster.removeStalePidFile(data);
            Files.deleteIfExists(log);
            Processes.Result result = pgCtlStart(log);
            if (result.ok()) {
                postmaster = Postmaster.of(data)
                        .orElseThrow(() -> new IllegalStateException("PostgreSQL ended at once; see " + data));
                return;
            }
            String said = Files.exists(log) ? Files.readString(log, StandardCharsets.ISO_8859_1) : "";
            boolean leftovers = said.contains("pre-existing shared memory block");
            boolean portLost = mayMove && !Ports.isFree(port());
            if (!(leftovers && System.nanoTime() < leftoverDeadline) && !portLost) {
                throw new IllegalStateException("PostgreSQL did not start in " + data + ": "
                        + result.output().strip() + "\n" + said + Logs.tail(data.resolve("log")));
            }
        }
    }

    /** pg_ctl makes it a daemon in a session of its own and returns when it accepts connections. */
    private Processes.Result pgCtlStart(Path log) {
        return Processes.run(
                binaries,
                account.command(List.of(
                        program("pg_ctl").toString(),
                        "start",
                        "--wait",
                        "--timeout=" + START_MAX.toSeconds(),
                        "--pgdata=" + data,
                        "--log=" + log,
                        "--options=" + Settings.commandLine(port()))),
                START_MAX.plusSeconds(10));
    }

    private static void stop(Postmaster postmaster) {
        Processes.signal("INT", postmaster.pid()); // "fast": does not wait for clients
        if (!Processes.awaitGone(List.of(postmaster.process()), STOP_MAX)) {
            kill(postmaster); // nothing committed is lost: the next start recovers from the log
        }
    }

    private static void kill(Postmaster postmaster) {
        Processes.signal("STOP", postmaster.pid()); // it starts no more children while we list them
        List<ProcessHandle> all =
                new ArrayList<>(postmaster.process().descendants().toList());
        all.add(postmaster.process());
        all.forEach(ProcessHandle::destroyForcibly);
        if (!Processes.awaitGone(all, KILL_MAX)) {
            throw new IllegalStateException("PostgreSQL (pid " + postmaster.pid() + ") cannot be killed");
        }
    }

    private void remember(Credentials changed) throws IOException {
        changed.write(data);
        credentials = changed;
    }

    // --- programs and SQL ----------------------------------------------------------------------------------------

    private Path program(String name) {
        return binaries.resolve("bin").resolve(name);
    }

    private void run(Duration atMost, String program, String... arguments) {
        List<String> command = new ArrayList<>(List.of(program(program).toString()));
        command.addAll(List.of(arguments));
        Processes.Result result = Processes.run(binaries, account.command(command), atMost);
        if (!result.ok()) {
            throw new IllegalStateException(
                    program + " failed in " + data + ": " + result.output().strip());
        }
    }

    private Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(jdbcUrl(database), USER, password());
    }

    private void execute(String sql) {
        try (Connection connection = connect(MAINTENANCE_DATABASE);
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
