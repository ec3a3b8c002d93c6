package dev.holdfast.local;

import java.io.IOException;
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
 * A data directory of PostgreSQL and the server on it: made, started, taken over, stopped, killed. Its user holds the
 * directory's lock and calls from one thread at a time; {@link #port} and {@link #password} may be asked by any.
 */
final class Cluster {
    static final String USER = "holdfast";
    static final String MAINTENANCE_DATABASE = "postgres";

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
    private final Path parent;
    private final Path binaries;
    private final Account account;
    private volatile Credentials credentials;
    private @Nullable Postmaster postmaster;

    /** Makes the data directory on first use; starts nothing. */
    Cluster(Path data, Path binaries, Account account) throws IOException {
        this.data = data;
        this.parent = Trees.parentOf(data);
        this.binaries = binaries;
        this.account = account;
        if (!Files.exists(data.resolve("PG_VERSION"))) {
            initialize();
        }
        requireSameMajorVersion();
        account.own(data);
        this.credentials = Credentials.read(data);
    }

    int port() {
        return credentials.port();
    }

    String password() {
        return credentials.password();
    }

    boolean runs() {
        return postmaster != null && postmaster.runs();
    }

    /** Running and ready afterwards; on another port if the remembered one is taken. */
    void start() throws IOException {
        if (!takeOver()) {
            launch(true);
        }
    }

    /** As {@link #start}, on the same port or not at all. */
    void startAgain() throws IOException {
        launch(false);
    }

    void stop() {
        if (postmaster != null) {
            stop(postmaster);
            postmaster = null;
        }
    }

    /** Ends it without writing anything, for data that nobody will read again: shared memory is given back, and that is all. */
    void abandon() {
        if (postmaster != null) {
            Processes.signal("QUIT", postmaster.pid()); // "immediate"
            if (!Processes.awaitGone(List.of(postmaster.process()), KILL_MAX)) {
                kill(postmaster);
            }
            postmaster = null;
        }
    }

    void kill() {
        if (postmaster != null) {
            kill(postmaster);
            postmaster = null;
        }
    }

    String jdbcUrl(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port() + "/" + database;
    }

    Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(jdbcUrl(database), USER, password());
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
        try (FileChannel directory = FileChannel.open(parent, StandardOpenOption.READ)) {
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
            // Processes of a killed server that are still on their way out.
            boolean leftovers = said.contains("pre-existing shared memory block")
                    || said.contains("lock file \"postmaster.pid\" already exists");
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

    static void stop(Postmaster postmaster) {
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
}
