package dev.holdfast.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A directory of Redis and the server on it: started, taken over, stopped, killed. Its user holds the directory's lock and
 * calls from one thread at a time; {@link #port} and {@link #password} may be asked by any.
 */
final class RedisServer {
    /** An empty Redis starts in some 20 ms; the rest is for a machine that is busy with everything else. */
    private static final Duration START_MAX = Duration.ofSeconds(15);
    /** It has nothing to write and notices a signal ten times a second. */
    private static final Duration STOP_MAX = Duration.ofSeconds(5);

    private static final Duration KILL_MAX = Duration.ofSeconds(10);
    private static final Duration ANSWER_MAX = Duration.ofSeconds(2);
    private static final int PORT_TRIES_MAX = 5;

    /** A counter and a marker for each of a million SKUs at some 100 bytes a key are 200 MB. */
    private static final String MEMORY_MAX = "256mb";

    private final Path data;
    private final Path binary;
    private volatile Credentials credentials;
    private @Nullable ProcessHandle process;

    /** Makes the directory on first use; starts nothing. */
    RedisServer(Path data, Path binary) throws IOException {
        this.data = data;
        this.binary = binary;
        if (Files.notExists(data)) {
            Files.createDirectory(
                    data, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        if (!Credentials.exist(data)) {
            Credentials.fresh(Ports.forDatabase()).write(data);
        }
        this.credentials = Credentials.read(data);
    }

    int port() {
        return credentials.port();
    }

    String password() {
        return credentials.password();
    }

    boolean runs() {
        return process != null && Processes.runs(process);
    }

    /** Of the process that was started last, whether or not it still runs. */
    long pid() {
        if (process == null) {
            throw new IllegalStateException("Redis in " + data + " was not started");
        }
        return process.pid();
    }

    /** Running and ready afterwards; on another port if the remembered one is taken. */
    void start() throws IOException {
        Optional<ProcessHandle> orphan = running(data);
        if (orphan.isPresent() && answers()) {
            process = orphan.get();
            return;
        }
        orphan.ifPresent(RedisServer::stop);
        launch(true);
    }

    /** As {@link #start}, on the same port or not at all. */
    void startAgain() throws IOException {
        launch(false);
    }

    void stop() {
        if (process != null) {
            stop(process);
        }
    }

    void kill() {
        if (process != null) {
            kill(process);
        }
    }

    void signal(String name) {
        Processes.signal(name, pid());
    }

    // --- processes -----------------------------------------------------------------------------------------------

    /** The server that runs on a directory. A pid alone proves nothing: after a crash it may be anybody's. */
    static Optional<ProcessHandle> running(Path data) throws IOException {
        String pid;
        try {
            pid = Files.readString(pidFile(data)).strip();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        return pid.isEmpty()
                ? Optional.empty()
                : ProcessHandle.of(Long.parseLong(pid))
                        .filter(Processes::runs)
                        .filter(process -> isRedisOf(process, data));
    }

    private static boolean isRedisOf(ProcessHandle process, Path data) {
        // Debian's redis-server is a link to redis-check-rdb.
        boolean redis = process.info()
                .command()
                .map(command -> Path.of(command).getFileName().toString())
                .filter(name -> name.contains("redis") || name.contains("valkey"))
                .isPresent();
        return redis
                && process.info()
                        .arguments()
                        .filter(arguments ->
                                Arrays.asList(arguments).contains(config(data).toString()))
                        .isPresent();
    }

    static void stop(ProcessHandle process) {
        process.destroy(); // SIGTERM
        Processes.signal("CONT", process.pid()); // a paused one does not hear it before
        if (!Processes.awaitGone(List.of(process), STOP_MAX)) {
            kill(process);
        }
    }

    private static void kill(ProcessHandle process) {
        process.destroyForcibly();
        if (!Processes.awaitGone(List.of(process), KILL_MAX)) {
            throw new IllegalStateException("Redis (pid " + process.pid() + ") cannot be killed");
        }
    }

    // --- start ---------------------------------------------------------------------------------------------------

    /** A killed server's connections are closed by the kernel after its process has gone: a moment on a busy machine. */
    private static final Duration PORT_FREE_MAX = Duration.ofSeconds(3);

    /** @param mayMove whether another port will do if the remembered one is taken */
    private void launch(boolean mayMove) throws IOException {
        for (int tries = 1; ; tries++) {
            if (mayMove && !Ports.isFree(port())) {
                credentials = credentials.movedTo(Ports.forDatabase());
                credentials.write(data);
            }
            boolean wasFree = Ports.awaitFree(port(), PORT_FREE_MAX);
            String failure = wasFree ? tryLaunch() : "port " + port() + " is taken by another program";
            if (failure.isEmpty()) {
                return;
            }
            boolean portLost = !Ports.isFree(port());
            if (!mayMove || !portLost || tries == PORT_TRIES_MAX) {
                throw new IllegalStateException("Redis did not start in " + data + ": " + failure);
            }
        }
    }

    /** What went wrong, on one line; empty if it runs. */
    private String tryLaunch() throws IOException {
        Path log = data.resolve("redis.log");
        if (Files.exists(log)) { // this run's and the last one's
            Files.move(log, data.resolve("redis.log.1"), StandardCopyOption.REPLACE_EXISTING);
        }
        writeConfig(log);
        // It makes itself a daemon in a session of its own, so that Ctrl-C in the terminal does not reach it.
        Processes.Result result =
                Processes.run(data, List.of(binary.toString(), config(data).toString()), START_MAX);
        if (!result.ok()) {
            return String.join(" ", result.output().strip().lines().toList());
        }
        Processes.await(() -> answers() || hasGivenUp(log), START_MAX);
        Optional<ProcessHandle> started = running(data);
        if (started.isPresent() && answers()) {
            process = started.get();
            return "";
        }
        started.ifPresent(RedisServer::kill);
        return Logs.lastLine(log) + " (" + log + ")";
    }

    /** The daemon ends after the program that started it has said that all is well. */
    private static boolean hasGivenUp(Path log) {
        try {
            return Logs.lastLine(log).contains("Failed listening on port");
        } catch (IOException e) {
            return false;
        }
    }

    private void writeConfig(Path log) throws IOException {
        Path fresh = Files.createTempFile(
                data,
                "redis.conf",
                ".new",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(
                fresh, """
                # Written at each start.
                bind 127.0.0.1
                port %d
                protected-mode yes
                requirepass %s

                # What is in here may be lost at any time.
                save ""
                appendonly no

                # Full is an error that its user sees; a key that is silently gone is not.
                maxmemory %s
                maxmemory-policy noeviction

                daemonize yes
                # The command line stays as it is: it tells this server from others.
                set-proc-title no
                # A bug of some kernels that concerns only what is saved in the background; without this it refuses to start.
                ignore-warnings ARM64-COW-BUG

                dir %s
                pidfile %s
                logfile %s
                """.formatted(port(), password(), MEMORY_MAX, quoted(data), quoted(pidFile(data)), quoted(log)));
        Files.move(fresh, config(data), StandardCopyOption.ATOMIC_MOVE);
    }

    private static Path config(Path data) {
        return data.resolve("redis.conf");
    }

    private static Path pidFile(Path data) {
        return data.resolve("redis.pid");
    }

    private static String quoted(Path path) {
        return '"' + path.toString().replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    // --- the protocol, as far as needed --------------------------------------------------------------------------

    /** Whether the server on our port takes our password and answers. */
    boolean answers() {
        String expected = "+OK\r\n+PONG\r\n";
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port()), (int) ANSWER_MAX.toMillis());
            socket.setSoTimeout((int) ANSWER_MAX.toMillis());
            socket.getOutputStream().write(("AUTH " + password() + "\r\nPING\r\n").getBytes(StandardCharsets.US_ASCII));
            byte[] answer = socket.getInputStream().readNBytes(expected.length());
            return new String(answer, StandardCharsets.US_ASCII).equals(expected);
        } catch (IOException e) {
            return false;
        }
    }
}
