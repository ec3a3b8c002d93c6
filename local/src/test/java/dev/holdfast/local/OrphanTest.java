package dev.holdfast.local;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static dev.holdfast.local.LocalPostgresTest.ask;
import static dev.holdfast.local.LocalPostgresTest.tell;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** What is left when an owner is killed, and who gets it. */
class OrphanTest {
    @TempDir
    private Path directory;

    /** Starts a server, says its port, and waits for its death. */
    static final class Owner {
        private Owner() {}

        public static void main(String[] arguments) throws InterruptedException {
            LocalPostgres postgres = LocalPostgres.start(Path.of(arguments[0]));
            System.out.println(postgres.port());
            new CountDownLatch(1).await();
        }
    }

    @Test
    void isRefusedWhileItsOwnerLivesAndTakenOverRunningAfterwards() throws Exception {
        Path data = directory.resolve("postgres");
        try (OtherJvm owner = OtherJvm.run(Owner.class, data)) {
            int port = Integer.parseInt(owner.line());
            assertThatThrownBy(() -> LocalPostgres.start(data))
                    .hasMessageContaining("in use by process " + owner.pid());
            owner.kill();
            long pid = Postmaster.of(data).orElseThrow().pid();
            try (LocalPostgres heir = LocalPostgres.start(data)) {
                assertThat(heir.port()).isEqualTo(port);
                assertThat(Postmaster.of(data).orElseThrow().pid()).isEqualTo(pid);
                tell(heir, "CREATE TABLE kept AS SELECT 1 AS one");
                heir.kill();
                heir.startAgain();
                assertThat(ask(heir, "SELECT one FROM kept")).isEqualTo("1");
            }
            assertThat(Postmaster.of(data)).isEmpty();
        }
    }

    @Test
    void isStoppedOnRequest() throws Exception {
        Path data = directory.resolve("postgres");
        try (OtherJvm owner = OtherJvm.run(Owner.class, data)) {
            owner.line();
            owner.kill();
        }
        assertThat(Postmaster.of(data)).isPresent();
        assertThat(LocalPostgres.stopOrphan(data)).isTrue();
        assertThat(Postmaster.of(data)).isEmpty();
        assertThat(LocalPostgres.stopOrphan(data)).isFalse();
        assertThat(LocalPostgres.stopOrphan(directory.resolve("never-was"))).isFalse();
    }

    @Test
    void mainProcessKilledAloneIsReplacedOnceItsLastBackendIsGone() throws Exception {
        Path data = directory.resolve("postgres");
        try (LocalPostgres postgres = LocalPostgres.start(data);
                Connection client =
                        DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password())) {
            tell(postgres, "CREATE TABLE kept AS SELECT 1 AS one");
            long backend = Long.parseLong(ask(client, "SELECT pg_backend_pid()"));
            Processes.signal("STOP", backend); // it cannot notice that its postmaster is gone
            ProcessHandle main = Postmaster.of(data).orElseThrow().process();
            main.destroyForcibly();
            assertThat(Processes.awaitGone(List.of(main), Duration.ofSeconds(10)))
                    .isTrue();

            CompletableFuture<Void> started = CompletableFuture.runAsync(postgres::startAgain);
            await().until(() -> Files.exists(data.resolve("start.log"))
                    && Files.readString(data.resolve("start.log")).contains("shared memory block"));
            Processes.signal("CONT", backend);
            started.get(30, TimeUnit.SECONDS);
            assertThat(ask(postgres, "SELECT one FROM kept")).isEqualTo("1");
        }
    }

    @Test
    void pidFileThatNamesAnotherProgramIsNoObstacle() throws Exception {
        Path data = directory.resolve("postgres");
        Process other = new ProcessBuilder("sleep", "600").start();
        try (LocalPostgres postgres = LocalPostgres.start(data)) {
            postgres.kill();
            String file = Files.readString(data.resolve("postmaster.pid"));
            Files.writeString(data.resolve("postmaster.pid"), other.pid() + file.substring(file.indexOf('\n')));
            postgres.startAgain();
            assertThat(ask(postgres, "SELECT 1")).isEqualTo("1");
            assertThat(other.isAlive()).isTrue();
        } finally {
            other.destroyForcibly();
        }
    }

    @Test
    void anotherPortServesWhenTheRememberedOneIsTaken() throws Exception {
        Path data = directory.resolve("postgres");
        int port;
        try (LocalPostgres first = LocalPostgres.start(data)) {
            port = first.port();
        }
        try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
                LocalPostgres second = LocalPostgres.start(data)) {
            assertThat(second.port()).isNotEqualTo(port);
            assertThat(ask(second, "SHOW port")).isEqualTo(Integer.toString(second.port()));
        }
    }
}
