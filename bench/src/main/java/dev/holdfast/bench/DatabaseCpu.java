package dev.holdfast.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Objects;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * CPU time of a PostgreSQL on this machine: its main process with all that ended under it, and every process that runs under it now:
 * backends, writers, vacuum. Linux only, as it reads {@code /proc}.
 */
record DatabaseCpu(long postmaster) {
    /** USER_HZ, 100 on every Linux that Java runs on. */
    private static final double TICKS_PER_SECOND = 100;

    /** Positions after the name, which ends with a parenthesis; see proc_pid_stat(5). */
    private static final int PARENT = 1;

    private static final int USER = 11;
    private static final int SYSTEM = 12;
    private static final int USER_OF_ENDED = 13;
    private static final int SYSTEM_OF_ENDED = 14;

    /** Empty if the database is elsewhere: a number of a process here that is certainly our backend's would be needed. */
    static Optional<DatabaseCpu> of(DataSource dataSource) throws SQLException {
        try (var connection = dataSource.getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery("SELECT pg_backend_pid(), coalesce(inet_client_port(), -1)")) {
            row.next();
            long backend = row.getLong(1);
            // Its title, "postgres: user database 127.0.0.1(54321) SELECT", names the port that we hold.
            var title = Files.readString(Path.of("/proc", Long.toString(backend), "cmdline"), StandardCharsets.UTF_8);
            if (!title.startsWith("postgres") || !title.contains("(" + row.getInt(2) + ")")) {
                return Optional.empty();
            }
            return Optional.of(new DatabaseCpu(fields(backend)[PARENT]));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Since the server's start. */
    double seconds() throws IOException {
        var own = fields(postmaster);
        long ticks = own[USER] + own[SYSTEM] + own[USER_OF_ENDED] + own[SYSTEM_OF_ENDED];
        var children = ProcessHandle.of(postmaster)
                .map(process -> process.children().toList())
                .orElseThrow(() -> new IOException("PostgreSQL is gone"));
        for (var child : children) {
            try {
                var fields = fields(child.pid());
                ticks += fields[USER] + fields[SYSTEM];
            } catch (IOException e) {
                // ended in this moment; the next reading finds it with the ended ones
            }
        }
        return ticks / TICKS_PER_SECOND;
    }

    private static long[] fields(long pid) throws IOException {
        var stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"), StandardCharsets.ISO_8859_1);
        var words = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        var fields = new long[SYSTEM_OF_ENDED + 1];
        for (int i = PARENT; i < fields.length; i++) {
            fields[i] = Long.parseLong(Objects.requireNonNull(words[i]));
        }
        return fields;
    }
}
