package dev.holdfast.local;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class MainTest {
    private static final String SAY =
            "echo \"$HOLDFAST_DATABASE_URL $HOLDFAST_DATABASE_USER ${#HOLDFAST_DATABASE_PASSWORD}\"";

    @TempDir
    private Path directory;

    @Test
    void execGivesTheCommandADatabaseAndPassesItsExitCodeThrough() throws Exception {
        try (OtherJvm main = OtherJvm.run(Main.class, "exec", "--", "sh", "-c", SAY + "; exit 99")) {
            assertThat(main.rest()).matches("jdbc:postgresql://127.0.0.1:\\d+/holdfast holdfast 32");
            assertThat(main.exit()).isEqualTo(99);
        }
    }

    @Test
    void execLeavesADatabaseThatIsGivenAlone() throws Exception {
        Map<String, String> given = Map.of("HOLDFAST_DATABASE_URL", "jdbc:given", "HOLDFAST_DATABASE_USER", "me");
        try (OtherJvm main = OtherJvm.run(Main.class, given, "exec", "--data", directory, "--", "sh", "-c", SAY)) {
            assertThat(main.rest()).isEqualTo("jdbc:given me 0");
            assertThat(main.exit()).isZero();
        }
        assertThat(directory.resolve("postgres")).doesNotExist();
    }

    @Test
    void onASignalTheCommandEndsBeforeItsDatabase() throws Exception {
        Path data = directory.resolve("data");
        String drain = "trap 'kill -0 $(head -n 1 " + data + "/postgres/postmaster.pid) && echo drained; exit' TERM;"
                + " echo up; while :; do sleep 0.05; done";
        try (OtherJvm main = OtherJvm.run(Main.class, "exec", "--data", data, "--", "sh", "-c", drain)) {
            assertThat(main.line()).isEqualTo("up");
            assertThat(Postmaster.of(data.resolve("postgres"))).isPresent();
            main.terminate();
            assertThat(main.rest()).isEqualTo("drained");
            assertThat(main.exit()).isEqualTo(143);
        }
        assertThat(Postmaster.of(data.resolve("postgres"))).isEmpty();
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
