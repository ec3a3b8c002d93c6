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

    /** Starts a temporary Redis, says its process, and waits for its death. */
    static final class RedisOwner {
        private RedisOwner() {}

        public static void main(String[] arguments) throws Exception {
            LocalRedis redis = LocalRedis.startTemporary();
            System.out.println(ProcessHandle.of(redis.pid())
                    .orElseThrow()
                    .info()
                    .arguments()
                    .orElseThrow()[0]);
            new CountDownLatch(1).await();
        }
    }

    @Test
    void redisOfAKilledJvmIsRemovedAndThatOfATerminatedOneEndsWithIt() throws Exception {
        try (OtherJvm killed = OtherJvm.run(RedisOwner.class);
                OtherJvm terminated = OtherJvm.run(RedisOwner.class)) {
            Path data = Trees.parentOf(Path.of(killed.line()));
            Path directory = Trees.parentOf(data);
            ProcessHandle redis = RedisServer.running(data).orElseThrow();
            Files.setLastModifiedTime(directory, FileTime.from(Instant.now().minus(Duration.ofMinutes(2))));
            Temporaries.sweep();
            assertThat(Processes.runs(redis)).isTrue();
            killed.kill();
            Temporaries.sweep();
            assertThat(Processes.runs(redis)).isFalse();
            assertThat(directory).doesNotExist();

            Path other = Trees.parentOf(Path.of(terminated.line()));
            assertThat(RedisServer.running(other)).isPresent();
            terminated.terminate();
            terminated.exit();
            assertThat(other).doesNotExist();
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
