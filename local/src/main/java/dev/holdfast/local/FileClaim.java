package dev.holdfast.local;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A lock file that is held for the life of this process: the operating system frees it, also after {@code kill -9}.
 * The file stays when the lock goes; deleting it would let two processes lock two files of one name.
 */
final class FileClaim implements AutoCloseable {
    /**
     * What this JVM holds. POSIX drops a process's lock when the process closes <em>any</em> descriptor of the file, so
     * a second attempt inside one JVM must be refused before it opens the file.
     */
    private static final Set<Path> OURS = ConcurrentHashMap.newKeySet();

    private final Path file;
    private final FileChannel channel;

    private FileClaim(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /** Empty if somebody holds it, in this process or another. The directory must exist. */
    static Optional<FileClaim> tryClaim(Path directory, String name) throws IOException {
        Path file = directory.toRealPath().resolve(name);
        if (!OURS.add(file)) {
            return Optional.empty();
        }
        FileChannel channel = null;
        boolean claimed = false;
        try {
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            if (lock == null) {
                return Optional.empty();
            }
            channel.truncate(0);
            channel.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)));
            claimed = true;
            return Optional.of(new FileClaim(file, channel));
        } finally {
            if (!claimed) {
                if (channel != null) {
                    channel.close();
                }
                OURS.remove(file);
            }
        }
    }

    /**
     * The claim on a server's data directory: {@code <data>.lock} beside it.
     *
     * @param server what runs there, for the message
     * @throws IllegalStateException if somebody holds it
     */
    static FileClaim ofServer(String server, Path data) throws IOException {
        Path parent = Trees.parentOf(data);
        String lock = data.getFileName() + ".lock";
        return tryClaim(parent, lock)
                .orElseThrow(() -> new IllegalStateException("The " + server + " in " + data + " is in use by process "
                        + holderOrUnknown(parent, lock) + "; stop that first"));
    }

    private static String holderOrUnknown(Path directory, String name) {
        try {
            return holder(directory, name);
        } catch (IOException e) {
            return "unknown";
        }
    }

    /** The process that holds, or last held, the lock; empty if it has not said so yet. */
    static String holder(Path directory, String name) throws IOException {
        Path file = directory.toRealPath().resolve(name);
        if (OURS.contains(file)) {
            return Long.toString(ProcessHandle.current().pid());
        }
        return Files.exists(file) ? Files.readString(file).strip() : "";
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // The lock goes with the descriptor, and that is gone whatever close() answered.
        }
        OURS.remove(file);
    }
}
