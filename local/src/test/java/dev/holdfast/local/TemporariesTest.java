package dev.holdfast.local;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class TemporariesTest {
    /** Starts a temporary server, says where, and waits for its death. */
    static final class Owner {
        private Owner() {}

        public static void main(String[] arguments) throws Exception {
            LocalPostgres postgres = LocalPostgres.startTemporary();
            System.out.println(LocalPostgresTest.ask(postgres, "SHOW data_directory"));
            new CountDownLatch(1).await();
        }
    }

    @Test
    void serverOfAKilledJvmIsRemovedButNotThatOfALivingOne() throws Exception {
        try (OtherJvm owner = OtherJvm.run(Owner.class)) {
            Path data = Path.of(owner.line());
            Path directory = data.resolve("..").normalize();
            Files.setLastModifiedTime(directory, FileTime.from(Instant.now().minus(Duration.ofMinutes(2))));
            Temporaries.sweep();
            ProcessHandle postgres = Postmaster.of(data).orElseThrow().process();
            owner.kill();
            Temporaries.sweep();
            assertThat(Processes.runs(postgres)).isFalse();
            assertThat(directory).doesNotExist();
        }
    }

    @Test
    void serverEndsWithItsJvm() throws Exception {
        try (OtherJvm owner = OtherJvm.run(Owner.class)) {
            Path data = Path.of(owner.line());
            assertThat(Postmaster.of(data)).isPresent();
            owner.terminate();
            owner.exit();
            assertThat(data).doesNotExist();
        }
    }
}
