package dev.holdfast.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One server process on one directory, and this process its only owner.
 *
 * <p>The server is a daemon of its own session: Ctrl-C in the terminal does not reach it, so its owner can drain first and close
 * it last. If the owner is killed, the server lives on, and the next start on the directory takes it over. {@code
 * <directory>.lock}, held for the life of the owning process, tells an orphan from a server in use.
 *
 * <p>Failures are {@link IllegalStateException} with what to do about them, or {@link UncheckedIOException}.
 */
abstract sealed class LocalServer implements AutoCloseable permits LocalPostgres, LocalRedis {
    private final String name;
    private final FileClaim claim;
    final Path data;
    private final @Nullable Path temporary;
    private final AtExit atExit = new AtExit();
    private boolean closed;

    /**
     * Claims the directory; what comes after in a subclass's constructor must {@link #disclaim} it if it fails.
     *
     * @param name of the product
     * @param temporary to be deleted at close; null for a server that lasts
     */
    LocalServer(String name, Path directory, @Nullable Path temporary) throws IOException {
        this.name = name;
        this.temporary = temporary;
        Files.createDirectories(Trees.parentOf(directory));
        this.data = Trees.real(directory);
        this.claim = FileClaim.ofServer(name, data);
    }

    interface Opener<S> {
        S open(Path directory, Path temporary) throws IOException;
    }

    /** A new server in a new temporary directory; what a killed JVM left is stopped and deleted here. */
    static <S extends LocalServer> S openTemporary(String kind, Opener<S> opener) {
        try {
            Temporaries.sweep();
            Path directory = Temporaries.create(kind);
            try {
                return opener.open(directory.resolve(kind), directory);
            } catch (IOException | RuntimeException e) {
                Trees.delete(directory);
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("no " + kind + " in a temporary directory", e);
        }
    }

    interface Finder<P> {
        Optional<P> running(Path data) throws IOException;
    }

    /** Stops the server that a killed owner left on a directory; false if there is none. */
    static <P> boolean stopOrphan(String name, Path dataDirectory, Finder<P> finder, Consumer<P> stop)
            throws IOException {
        if (!Files.isDirectory(dataDirectory)) {
            return false;
        }
        Path data = Trees.real(dataDirectory);
        try (FileClaim _ = FileClaim.ofServer(name, data)) {
            Optional<P> orphan = finder.running(data);
            orphan.ifPresent(stop);
            return orphan.isPresent();
        }
    }

    final void disclaim() {
        claim.close();
    }

    /** Of the loopback interface. */
    public abstract int port();

    abstract boolean runs();

    abstract void restart() throws IOException;

    /** @param forGood that its directory is about to be deleted */
    abstract void stop(boolean forGood);

    /** After a kill: same port, same password, ready, with what it had kept on the disk. */
    public final synchronized void startAgain() {
        if (closed) {
            throw new IllegalStateException("closed");
        }
        if (runs()) {
            throw new IllegalStateException(name + " already runs on port " + port());
        }
        try {
            restart();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Starts the server again if it is gone, as after an out-of-memory killer; for owners that look after it. A paused one is not
     * gone.
     *
     * @return true if it was gone and runs again
     */
    public final synchronized boolean startIfGone() {
        if (closed || runs()) {
            return false;
        }
        startAgain();
        return true;
    }

    /** Closes the server when the JVM ends in good order; for owners with nothing of their own to drain before. */
    public final synchronized void closeAtExit() {
        if (!closed) {
            atExit.run("stop " + name + " on port " + port(), this::shutDown);
        }
    }

    /** Stops the server in good order. Again: nothing happens. */
    @Override
    public final void close() {
        shutDown();
        atExit.forget();
    }

    private synchronized void shutDown() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            stop(temporary != null);
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
