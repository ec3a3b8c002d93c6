package dev.holdfast.local;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class MainTest {
    private static final String SAY =
            "echo \"$HOLDFAST_DATABASE_URL $HOLDFAST_DATABASE_USER ${#HOLDFAST_DATABASE_PASSWORD} $HOLDFAST_REDIS_URL\"";

    @TempDir
    private Path directory;

    @Test
    void execGivesTheCommandADatabaseAndARedisAndPassesItsExitCodeThrough() throws Exception {
        try (OtherJvm main = OtherJvm.run(Main.class, "exec", "--", "sh", "-c", SAY + "; exit 99")) {
            assertThat(main.rest())
                    .matches("jdbc:postgresql://127.0.0.1:\\d+/holdfast holdfast 32"
                            + " redis://:[\\w-]{32}@127\\.0\\.0\\.1:\\d+/0");
            assertThat(main.exit()).isEqualTo(99);
        }
    }

    @Test
    void execLeavesWhatIsGivenAlone() throws Exception {
        Map<String, String> given = Map.of(
                "HOLDFAST_DATABASE_URL", "jdbc:given", "HOLDFAST_DATABASE_USER", "me", "HOLDFAST_REDIS_URL", "none");
        try (OtherJvm main = OtherJvm.run(Main.class, given, "exec", "--data", directory, "--", "sh", "-c", SAY)) {
            assertThat(main.rest()).isEqualTo("jdbc:given me 0 none");
            assertThat(main.exit()).isZero();
        }
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void execGoesOnWithoutARedisThatDoesNotStart() throws Exception {
        Files.writeString(directory.resolve("redis"), "a file in its way");
        Map<String, String> given = Map.of("HOLDFAST_DATABASE_URL", "jdbc:given");
        try (OtherJvm main = OtherJvm.run(Main.class, given, "exec", "--data", directory, "--", "sh", "-c", SAY)) {
            assertThat(main.rest())
                    .startsWith("holdfast: Going on without Redis, which stock does not need: ")
                    .endsWith("\njdbc:given  0 ")
                    .hasLineCount(2);
            assertThat(main.exit()).isZero();
        }
    }

    @Test
    void onASignalTheCommandEndsBeforeItsDatabase() throws Exception {
        Path data = directory.resolve("data");
        String drain = "trap 'kill -0 $(head -n 1 " + data + "/postgres/postmaster.pid) && echo drained; exit' TERM;"
                + " echo up; while :; do sleep 0.05; done";
        try (OtherJvm main = OtherJvm.run(Main.class, "exec", "--data", data, "--", "sh", "-c", drain)) {
            assertThat(main.line()).isEqualTo("up");
            assertThat(Postmaster.of(data.resolve("postgres"))).isPresent();
            assertThat(RedisServer.running(data.resolve("redis"))).isPresent();
            main.terminate();
            assertThat(main.rest()).isEqualTo("drained");
            assertThat(main.exit()).isEqualTo(143);
        }
        assertThat(Postmaster.of(data.resolve("postgres"))).isEmpty();
        assertThat(RedisServer.running(data.resolve("redis"))).isEmpty();
        assertThat(Files.exists(data.resolve("postgres/postmaster.pid"))).isFalse();
    }

    @Test
    void wrongUseIsSaidAndEndsWith2() throws Exception {
        try (OtherJvm main = OtherJvm.run(Main.class, "exec", "ls")) {
            assertThat(main.rest()).startsWith("exec needs -- and a command").contains("usage: exec");
            assertThat(main.exit()).isEqualTo(2);
        }
    }
}
