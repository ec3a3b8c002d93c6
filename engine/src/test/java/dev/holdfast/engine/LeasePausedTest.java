package dev.holdfast.engine;

import dev.holdfast.engine.lease.Lease;
import dev.holdfast.engine.lease.LeaseFailure;
import dev.holdfast.engine.lease.Leases;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A holder in a process of its own is stopped (SIGSTOP) where it hurts most, somebody else takes over and writes, and the
 * holder wakes up in the belief that nothing has happened.
 */
class LeasePausedTest {
    private static final Duration TTL = Duration.ofSeconds(1);

    @Test
    void whatAPausedHolderWritesLateIsRefusedAndIsTheHarmWithoutTheToken() throws Exception {
        var database = TestDatabase.create();
        Schema.migrate(database.dataSource());
        database.execute(
                "CREATE TABLE answer (how text, value text)",
                "INSERT INTO answer VALUES ('unfenced', ''), ('fenced', '')");
        var leases = Leases.open(database.dataSource());
        try (var holder = new Child((PGSimpleDataSource) database.dataSource())) {
            // It has looked, found the lease its own, and is about to write.
            assertThat(holder.answer()).isEqualTo("holds 1, lost false");
            holder.signal("STOP");
            long token = leases.withLease("job", TTL, Duration.ofMinutes(1), lease -> {
                database.execute("UPDATE answer SET value = 'newer'");
                return lease.token();
            });
            assertThat(token).isEqualTo(2);
            holder.signal("CONT");
            holder.say("write");

            assertThat(holder.answer()).isEqualTo("unfenced written");
            assertThat(holder.answer()).isEqualTo("fenced refused");
            assertThat(database.rows("SELECT how, value FROM answer ORDER BY 1"))
                    .containsExactly("fenced,newer", "unfenced,late");

            // Stopped once more, between check and commit: nobody takes over until the server has ended its
            // transaction.
            holder.say("again");
            assertThat(holder.answer()).isEqualTo("checked 3");
            holder.signal("STOP");
            var value = leases.withLease(
                    "job",
                    TTL,
                    Duration.ofMinutes(1),
                    _ -> database.rows("SELECT value FROM answer WHERE how = 'fenced'"));
            assertThat(value).containsExactly("newer");
            holder.signal("CONT");
            holder.say("commit");
            assertThat(holder.answer()).isEqualTo("not committed");

            // And a crash: it is killed while it holds the lease.
            holder.say("again");
            assertThat(holder.answer()).isEqualTo("checked 5");
            holder.signal("KILL");
            assertThat((long) leases.withLease("job", TTL, Duration.ofMinutes(1), Lease::token))
                    .isEqualTo(6);
        }
    }

    /** The holder: {@link #main} in a JVM of its own. */
    private static final class Child implements AutoCloseable {
        private final Process process;
        private final BufferedReader out;
        private final PrintWriter in;

        Child(PGSimpleDataSource database) throws IOException {
            process = new ProcessBuilder(
                            ProcessHandle.current().info().command().orElseThrow(),
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            LeasePausedTest.class.getName(),
                            database.getURL(),
                            String.valueOf(database.getUser()))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            in = new PrintWriter(process.getOutputStream(), true, StandardCharsets.UTF_8);
            say(String.valueOf(database.getPassword()));
        }

        void say(String line) {
            in.println(line);
        }

        String answer() throws IOException {
            return String.valueOf(out.readLine());
        }

        void signal(String signal) throws IOException, InterruptedException {
            int exit = new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                    .start()
                    .waitFor();
            assertThat(exit).isZero();
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    private static final BufferedReader ORDERS =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));

    /** Does as it is told, one word a line. */
    public static void main(String... arguments) throws Exception {
        var database = new PGSimpleDataSource();
        database.setUrl(arguments[0]);
        database.setUser(arguments[1]);
        database.setPassword(order());
        var leases = Leases.open(database);
        leases.withLease("job", TTL, TTL, lease -> {
            System.out.println("holds " + lease.token() + ", lost " + lease.isLost());
            order(); // stopped here: behind every question it could have asked itself
            try (var connection = database.getConnection()) {
                connection.setAutoCommit(false);
                write(connection, "unfenced");
                connection.commit();
                System.out.println("unfenced written");
                lease.check(connection);
                write(connection, "fenced");
                connection.commit();
                System.out.println("fenced written");
            } catch (LeaseFailure.Lost e) {
                System.out.println("fenced refused");
            }
            return order();
        });
        while (true) {
            leases.withLease("job", TTL, Duration.ofMinutes(1), lease -> {
                try (var connection = database.getConnection()) {
                    connection.setAutoCommit(false);
                    lease.check(connection);
                    write(connection, "fenced");
                    System.out.println("checked " + lease.token());
                    order();
                    connection.commit();
                    System.out.println("committed");
                } catch (SQLException e) {
                    System.out.println("not committed");
                }
                return order();
            });
        }
    }

    private static String order() {
        try {
            return String.valueOf(ORDERS.readLine());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Connection connection, String how) throws SQLException {
        try (var update = connection.prepareStatement("UPDATE answer SET value = 'late' WHERE how = ?")) {
            update.setString(1, how);
            update.executeUpdate();
        }
    }
}
