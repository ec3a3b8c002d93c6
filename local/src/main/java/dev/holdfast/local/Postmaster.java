package dev.holdfast.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The running main process of PostgreSQL on a data directory, as {@code postmaster.pid} describes it: pid, directory,
 * start time, port, socket directory, address, shared memory, status, one a line.
 */
record Postmaster(ProcessHandle process, int port, boolean isReady) {
    private static final String FILE = "postmaster.pid";

    /** Empty if none runs. A pid alone proves nothing: after a crash it may be anybody's. */
    static Optional<Postmaster> of(Path data) throws IOException {
        List<String> lines = pidFile(data);
        if (lines.size() < 4) {
            return Optional.empty();
        }
        return ProcessHandle.of(pid(lines))
                .filter(Processes::runs)
                .filter(process -> isPostgresOf(process, data))
                .map(process -> new Postmaster(
                        process,
                        Integer.parseInt(lines.get(3).strip()),
                        lines.size() > 7 && lines.get(7).strip().equals("ready")));
    }

    /**
     * Removes a pid file whose process exists and certainly is not this PostgreSQL, but a zombie or something else:
     * PostgreSQL would refuse to start. All other stale files it judges itself. Backends that outlived their postmaster
     * still stop it: it also finds their shared memory by the directory's inode.
     */
    static void removeStalePidFile(Path data) throws IOException {
        List<String> lines = pidFile(data);
        if (!lines.isEmpty()
                && ProcessHandle.of(pid(lines))
                        .filter(process -> !Processes.runs(process) || isOther(process, data))
                        .isPresent()) {
            Files.deleteIfExists(data.resolve(FILE));
        }
    }

    private static boolean isOther(ProcessHandle process, Path data) {
        return process.info().command().isPresent() && !isPostgresOf(process, data);
    }

    long pid() {
        return process.pid();
    }

    boolean runs() {
        return Processes.runs(process);
    }

    private static boolean isPostgresOf(ProcessHandle process, Path data) {
        boolean postgres = process.info()
                .command()
                .filter(command -> command.endsWith("/postgres"))
                .isPresent();
        return postgres
                && process.info()
                        .arguments()
                        .filter(arguments -> Arrays.asList(arguments).contains(data.toString()))
                        .isPresent();
    }

    private static long pid(List<String> lines) {
        return Math.abs(Long.parseLong(lines.getFirst().strip())); // negative: a single-user backend
    }

    private static List<String> pidFile(Path data) throws IOException {
        try {
            return Files.readAllLines(data.resolve(FILE));
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }
}
