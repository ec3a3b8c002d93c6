package dev.holdfast.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The one running Holdfast of a data directory: who runs, where, since when.
 *
 * <p>The claim is a lock of the operating system on {@code <data>/lock}; it ends with the process, however that ends.
 * {@code <data>/instance.properties} is for people and scripts: one {@code key=value} a line, nothing escaped; it is
 * there from {@link #ready} to {@link #close}, and stays behind a killed process, so its pid has to be checked.
 */
public final class Instance implements AutoCloseable {
    private static final String LOCK = "lock";
    private static final String PROPERTIES = "instance.properties";

    /** Enough for as many instances side by side as one machine carries; beyond it the ports have another problem. */
    private static final int PORTS_MAX = 100;

    private final Path data;
    private final FileClaim claim;
    private final Instant startedAt = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    private Instance(Path data, FileClaim claim) {
        this.data = data;
        this.claim = claim;
    }

    /**
     * Claims a data directory, which is created if need be, for the life of this process.
     *
     * @throws AlreadyRunningException if a living process holds it
     */
    public static Instance claim(Path data) throws AlreadyRunningException {
        try {
            Path directory =
                    Files.createDirectories(data.toAbsolutePath().normalize()).toRealPath();
            Optional<FileClaim> claim = FileClaim.tryClaim(directory, LOCK);
            if (claim.isEmpty()) {
                throw new AlreadyRunningException(directory, running(directory));
            }
            Files.deleteIfExists(directory.resolve(PROPERTIES)); // of a killed one
            return new Instance(directory, claim.get());
        } catch (IOException e) {
            throw new UncheckedIOException("Holdfast cannot use the data directory " + data, e);
        }
    }

    /**
     * Tells everybody that requests are answered now.
     *
     * @param more further properties, such as the database's URL; no secrets, anybody may read the file
     */
    public void ready(int port, String url, Map<String, String> more) {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("pid", Long.toString(ProcessHandle.current().pid()));
        properties.put("port", Integer.toString(port));
        properties.put("url", url);
        properties.put("startedAt", startedAt.toString());
        properties.putAll(more);
        List<String> lines = properties.entrySet().stream().map(Instance::line).toList();
        try {
            Path fresh = data.resolve(PROPERTIES + ".new");
            Files.write(fresh, lines);
            Files.move(fresh, data.resolve(PROPERTIES), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where this instance keeps everything: absolute, symbolic links resolved. */
    public Path data() {
        return data;
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(data.resolve(PROPERTIES));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            claim.close();
        }
    }

    /**
     * The preferred port, or the next free one above it.
     *
     * @throws IllegalStateException if none of the next 100 is free
     */
    public static int freePort(int preferred) {
        return Ports.firstFree(preferred, PORTS_MAX)
                .orElseThrow(() -> new IllegalStateException("No free port between " + preferred + " and "
                        + (preferred + PORTS_MAX - 1) + "; choose another with --port"));
    }

    private static String line(Map.Entry<String, String> property) {
        String line = property.getKey() + "=" + property.getValue();
        if (property.getKey().contains("=") || line.lines().count() != 1) {
            throw new IllegalArgumentException("not one key=value line: " + line);
        }
        return line;
    }

    /** What the holder of the lock says; its pid alone if the file is missing or a predecessor's. */
    private static Map<String, String> running(Path data) throws IOException {
        Map<String, String> properties = new LinkedHashMap<>();
        try {
            for (String line : Files.readAllLines(data.resolve(PROPERTIES))) {
                int equals = line.indexOf('=');
                if (equals > 0) {
                    properties.put(line.substring(0, equals), line.substring(equals + 1));
                }
            }
        } catch (NoSuchFileException e) {
            // It is still starting.
        }
        String holder = FileClaim.holder(data, LOCK);
        boolean predecessor = !holder.isEmpty() && !holder.equals(properties.getOrDefault("pid", holder));
        if (predecessor || properties.isEmpty()) {
            return holder.isEmpty() ? Map.of() : Map.of("pid", holder);
        }
        return properties;
    }
}
