package dev.holdfast.local;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

class InstanceTest {
    @TempDir
    private Path directory;

    /** Claims a directory and waits for its death. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] arguments) throws Exception {
            Instance instance = Instance.claim(Path.of(arguments[0]));
            instance.ready(8099, "http://localhost:8099", Map.of());
            System.out.println("ready");
            new CountDownLatch(1).await();
        }
    }

    @Test
    void secondClaimLearnsWhoRunsWhere() throws Exception {
        try (Instance first = Instance.claim(directory)) {
            first.ready(8081, "http://localhost:8081", Map.of("database", "jdbc:postgresql://127.0.0.1:1/holdfast"));
            AlreadyRunningException refusal =
                    catchThrowableOfType(AlreadyRunningException.class, () -> Instance.claim(directory));
            assertThat(refusal.url()).isEqualTo("http://localhost:8081");
            assertThat(refusal.pid()).isEqualTo(ProcessHandle.current().pid());
            assertThat(refusal.properties())
                    .containsEntry("port", "8081")
                    .containsEntry("database", "jdbc:postgresql://127.0.0.1:1/holdfast")
                    .containsKey("startedAt");
        }
        assertThat(directory.resolve("instance.properties")).doesNotExist();
        Instance.claim(directory).close();
    }

    @Test
    void refusalNamesTheProcessThatIsStillStarting() throws Exception {
        try (Instance _ = Instance.claim(directory)) {
            assertThatThrownBy(() -> Instance.claim(directory))
                    .isInstanceOf(AlreadyRunningException.class)
                    .hasMessageContaining("process " + ProcessHandle.current().pid() + ", still starting");
        }
    }

    @Test
    void killFreesTheDirectoryAndItsNewsAreForgotten() throws Exception {
        try (OtherJvm holder = OtherJvm.run(Holder.class, directory)) {
            assertThat(holder.line()).isEqualTo("ready");
            AlreadyRunningException refusal =
                    catchThrowableOfType(AlreadyRunningException.class, () -> Instance.claim(directory));
            assertThat(refusal.pid()).isEqualTo(holder.pid());
            assertThat(refusal.url()).isEqualTo("http://localhost:8099");
            holder.kill();
        }
        assertThat(directory.resolve("instance.properties")).exists();
        try (Instance _ = Instance.claim(directory)) {
            assertThat(directory.resolve("instance.properties")).doesNotExist();
        }
    }

    @Test
    void propertiesAreOneLineEachWithNothingEscaped() throws Exception {
        try (Instance instance = Instance.claim(directory.resolve("not yet there"))) {
            instance.ready(80, "http://a:80/?b=c", Map.of("x", "a b:c"));
            assertThat(Files.readAllLines(instance.data().resolve("instance.properties")))
                    .contains("url=http://a:80/?b=c", "x=a b:c", "port=80");
            assertThatThrownBy(() -> instance.ready(80, "two\nlines", Map.of()))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void freePortIsThePreferredOneOrTheNext() throws Exception {
        int port = Ports.forDatabase();
        try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            assertThat(Instance.freePort(port)).isBetween(port + 1, port + 99);
        }
        assertThat(Instance.freePort(port)).isEqualTo(port);
        try (ServerSocket _ = new ServerSocket(port)) {
            assertThat(Ports.isFree(port)).isFalse();
        }
        assertThatThrownBy(() -> Instance.freePort(65_536)).hasMessageContaining("choose another");
    }
}
