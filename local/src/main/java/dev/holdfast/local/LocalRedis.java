package dev.holdfast.local;

import java.io.IOException;
import java.io.UncheckedIOException;
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
 * <p>One that outlived its killed owner is taken over with what it holds. It needs no account of its own for root.
 *
 * <p>Failures are {@link IllegalStateException} with what to do about them, or {@link UncheckedIOException}.
 */
public final class LocalRedis extends LocalServer {
    private static final String SERVER = "Redis";
    /** Of the directories of temporary servers. */
    static final String TEMPORARY = "redis";

    private final RedisServer server;

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
        return openTemporary(
                TEMPORARY, (directory, temporary) -> new LocalRedis(directory, RedisBinary::choose, temporary));
    }

    /** Stops the server that a killed owner left on a directory; false if there is none. */
    static boolean stopOrphan(Path dataDirectory) throws IOException {
        return stopOrphan(SERVER, dataDirectory, RedisServer::running, RedisServer::stop);
    }

    private LocalRedis(Path directory, Choice choice, @Nullable Path temporary) throws IOException {
        super(SERVER, directory, temporary);
        try {
            this.server = new RedisServer(data, choice.binary());
            server.start();
        } catch (IOException | RuntimeException e) {
            disclaim();
            throw e;
        }
    }

    /** {@code redis://:<password>@127.0.0.1:<port>/0}. */
    public String url() {
        return "redis://:" + password() + "@127.0.0.1:" + port() + "/0";
    }

    @Override
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

    @Override
    boolean runs() {
        return server.runs();
    }

    @Override
    void restart() throws IOException {
        server.startAgain();
    }

    @Override
    void stop(boolean forGood) {
        server.stop(); // it has nothing to write
    }
}
