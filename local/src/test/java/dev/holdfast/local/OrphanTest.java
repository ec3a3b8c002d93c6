package dev.holdfast.local;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static dev.holdfast.local.LocalPostgresTest.ask;
import static dev.holdfast.local.LocalPostgresTest.tell;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
    void survivesThatOnlyItsMainProcessIsKilled() throws Exception {
        Path data = directory.resolve("postgres");
        try (LocalPostgres postgres = LocalPostgres.start(data)) {
            tell(postgres, "CREATE TABLE kept AS SELECT 1 AS one");
            Postmaster.of(data).orElseThrow().process().destroyForcibly();
            assertThat(Processes.await(() -> !runs(data), java.time.Duration.ofSeconds(10)))
                    .isTrue();
            postgres.startAgain();
            assertThat(ask(postgres, "SELECT one FROM kept")).isEqualTo("1");
        }
    }

    @Test
    void pidFileThatNamesAnotherProgramIsNoObstacle() throws Exception {
        Path data = directory.resolve("postgres");
        try (LocalPostgres postgres = LocalPostgres.start(data)) {
            postgres.kill();
            String file = Files.readString(data.resolve("postmaster.pid"));
            long other = ProcessHandle.current().pid();
            Files.writeString(data.resolve("postmaster.pid"), other + file.substring(file.indexOf('\n')));
            postgres.startAgain();
            assertThat(ask(postgres, "SELECT 1")).isEqualTo("1");
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

    private static boolean runs(Path data) {
        try {
            return Postmaster.of(data).isPresent();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
