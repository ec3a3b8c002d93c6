package dev.holdfast.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One Redis server on one directory: real, on loopback, with a password, of this machine's user alone. Redis or Valkey 7 or
 * newer if the machine has one, else Redis 6.2 out of this build: commands that are newer than that have to be done without.
 *
 * <p>It writes nothing to the disk and starts empty. That is on purpose: no stock depends on what Redis remembers, so losing
 * it at any moment is a case to live with, not one to avoid. At 256 MB it refuses to store more.
 *
 * <p>Like {@link LocalPostgres} it is a daemon of its own session, which outlives a killed owner and is then taken over, with
 * what it holds, by the next {@link #start}; {@code <directory>.lock} tells an orphan from a server in use. It needs no account
 * of its own for root.
 *
 * <p>Failures are {@link IllegalStateException} with what to do about them, or {@link UncheckedIOException}.
 */
public final class LocalRedis implements AutoCloseable {
    private static final String SERVER = "Redis";
    /** Of the directories of temporary servers. */
    static final String TEMPORARY = "redis";

    private final FileClaim claim;
    private final @Nullable Path temporary;
    private final RedisServer server;
    private final AtExit atExit = new AtExit();
    private boolean closed;

    /**
     * The server of a directory, started and ready; taken over with its port if a killed owner left it running.
     *
     * @throws IllegalStateException if another process, or this one, already owns the directory's server
     */
    public static LocalRedis start(Path dataDirectory) {
        return start(dataDirectory, RedisBinary::choose);
    }

    /**
     * As {@link #start}, in the background, while something else starts.
     *
     * @param report is told why on one line if it does not start; the result is empty then, for stock does not need it
     */
    public static CompletableFuture<Optional<LocalRedis>> startBeside(Path dataDirectory, Consumer<String> report) {
        return inBackground(() -> start(dataDirectory), report);
    }

    static CompletableFuture<Optional<LocalRedis>> inBackground(Supplier<LocalRedis> start, Consumer<String> report) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return Optional.of(start.get());
                    } catch (IllegalStateException | UncheckedIOException e) {
                        report.accept("Going on without Redis, which stock does not need: " + e.getMessage());
                        return Optional.empty();
                    }
                },
                task -> Thread.ofVirtual().name("start Redis").start(task));
    }

    /** Where the program comes from. */
    interface Choice {
        Path binary();
    }

    static LocalRedis start(Path dataDirectory, Choice choice) {
        try {
            return new LocalRedis(dataDirectory, choice, null);
        } catch (IOException e) {
            throw new UncheckedIOException("Redis cannot use " + dataDirectory, e);
        }
    }

    /**
     * A new server in a new temporary directory; deleted at close, which happens at the end of the JVM at the latest. What a
     * killed JVM left is stopped and deleted here.
     */
    public static LocalRedis startTemporary() {
        LocalRedis redis = startTemporaryWithoutHook();
        redis.closeAtExit();
        return redis;
    }

    static LocalRedis startTemporaryWithoutHook() {
        try {
            Temporaries.sweep();
            Path directory = Temporaries.create(TEMPORARY);
            try {
                return new LocalRedis(directory.resolve(TEMPORARY), RedisBinary::choose, directory);
            } catch (IOException | RuntimeException e) {
                Trees.delete(directory);
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Redis cannot use a temporary directory", e);
        }
    }

    /** Stops the server that a killed owner left on a directory; false if there is none. */
    static boolean stopOrphan(Path dataDirectory) throws IOException {
        if (!Files.isDirectory(dataDirectory)) {
            return false;
        }
        Path data = Trees.real(dataDirectory);
        try (FileClaim _ = FileClaim.ofServer(SERVER, data)) {
            Optional<ProcessHandle> orphan = RedisServer.running(data);
            orphan.ifPresent(RedisServer::stop);
            return orphan.isPresent();
        }
    }

    private LocalRedis(Path directory, Choice choice, @Nullable Path temporary) throws IOException {
        Files.createDirectories(Trees.parentOf(directory));
        Path data = Trees.real(directory);
        this.temporary = temporary;
        this.claim = FileClaim.ofServer(SERVER, data);
        try {
            this.server = new RedisServer(data, choice.binary());
            server.start();
        } catch (IOException | RuntimeException e) {
            claim.close();
            throw e;
        }
    }

    /** {@code redis://:<password>@127.0.0.1:<port>/0}. */
    public String url() {
        return "redis://:" + password() + "@127.0.0.1:" + port() + "/0";
    }

    public int port() {
        return server.port();
    }

    public String password() {
        return server.password();
    }

    /** Of the server's process; another one after {@link #startAgain}. */
    public synchronized long pid() {
        return server.pid();
    }

    /** SIGKILL, as an out-of-memory killer would; returns when it is gone. */
    public synchronized void kill() {
        server.kill();
    }

    /** SIGSTOP: connections stay open, nothing is answered. */
    public synchronized void pause() {
        server.signal("STOP");
    }

    /** After {@link #pause}: what was sent meanwhile is answered. */
    public synchronized void resume() {
        server.signal("CONT");
    }

    /** After {@link #kill}: same port, same password, empty, ready. */
    public synchronized void startAgain() {
        if (closed) {
            throw new IllegalStateException("closed");
        }
        if (server.runs()) {
            throw new IllegalStateException("Redis already runs on port " + port());
        }
        try {
            server.startAgain();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Starts the server again, empty, if it is gone; for owners that look after it. A paused one is not gone.
     *
     * @return true if it was gone and runs again
     */
    public synchronized boolean startIfGone() {
        if (closed || server.runs()) {
            return false;
        }
        startAgain();
        return true;
    }

    /** Closes the server when the JVM ends in good order; for owners with nothing of their own to drain before. */
    public synchronized void closeAtExit() {
        if (!closed) {
            atExit.run("stop Redis on port " + port(), this::shutDown);
        }
    }

    /** Stops the server; what it held is gone. Again: nothing happens. */
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
            server.stop();
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
}
