package dev.holdfast.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Processes of the operating system: run, signal, wait. */
final class Processes {
    private static final Duration POLL = Duration.ofMillis(5);

    private Processes() {}

    /** How a program ended and what it said. */
    record Result(int exit, String output) {
        boolean ok() {
            return exit == 0;
        }
    }

    /**
     * Runs a program to its end, in {@code directory}, without the caller's PG* variables (a PGPORT of the user's shell
     * would win over ours) and with English messages.
     */
    static Result run(Path directory, List<String> command, Duration atMost) {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
        builder.environment().put("LC_ALL", "C");
        try {
            // Into a file, not a pipe: a daemon that the program leaves behind may keep a pipe open for ever.
            Path output = Files.createTempFile("holdfast-", ".out");
            try {
                Process process = builder.redirectOutput(output.toFile()).start();
                if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
                    process.destroyForcibly();
                    throw new IllegalStateException(command.getFirst() + " did not end within " + atMost.toSeconds()
                            + " s: " + Files.readString(output, StandardCharsets.ISO_8859_1));
                }
                return new Result(process.exitValue(), Files.readString(output, StandardCharsets.ISO_8859_1));
            } finally {
                Files.deleteIfExists(output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for " + command.getFirst(), e);
        }
    }

    /** Sends a signal by its POSIX name; one to a process that is gone is lost. */
    static void signal(String name, long pid) {
        run(Path.of("/"), List.of("/bin/sh", "-c", "kill -s " + name + " " + pid), Duration.ofSeconds(10));
    }

    /**
     * Whether a process still runs. A zombie does not: an orphan's end is reaped by process 1, which in a container
     * may be late or never, and the JDK counts it as alive until then.
     */
    static boolean runs(ProcessHandle process) {
        return process.isAlive() && !isZombie(process.pid());
    }

    private static boolean isZombie(long pid) {
        try {
            // "pid (name) state …"; the name may hold anything, so count from its closing parenthesis.
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"), StandardCharsets.ISO_8859_1);
            return stat.startsWith("Z", stat.lastIndexOf(')') + 2);
        } catch (IOException e) {
            return false; // no /proc here (macOS, where launchd reaps), or gone in this moment
        }
    }

    static boolean awaitGone(Collection<ProcessHandle> processes, Duration atMost) {
        return await(() -> processes.stream().noneMatch(Processes::runs), atMost);
    }

    static boolean await(BooleanSupplier condition, Duration atMost) {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                return false;
            }
            LockSupport.parkNanos(POLL.toNanos());
        }
        return true;
    }
}
