package dev.holdfast.local;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

class LocalRedisTest {
    private static final LocalRedis SHARED = LocalRedis.startTemporary();

    @TempDir
    private Path directory;

    @AfterAll
    static void stop() {
        SHARED.close();
    }

    /** Starts a server, says its process, and waits for its death. */
    static final class Owner {
        private Owner() {}

        public static void main(String[] arguments) throws InterruptedException {
            LocalRedis redis = LocalRedis.start(Path.of(arguments[0]));
            System.out.println(redis.pid());
            new CountDownLatch(1).await();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "bind, 127.0.0.1",
        "protected-mode, yes",
        "appendonly, no",
        "save, ''",
        "maxmemory, 268435456",
        "maxmemory-policy, noeviction",
    })
    void runsWithThe(String setting, String value) throws IOException {
        assertThat(lines(SHARED, "CONFIG GET " + setting, 5).getLast()).isEqualTo(value);
    }

    @Test
    void theUrlIsAllAClientNeeds() throws IOException {
        URI url = URI.create(SHARED.url());
        assertThat(url)
                .hasScheme("redis")
                .hasHost("127.0.0.1")
                .hasPort(SHARED.port())
                .hasPath("/0");
        assertThat(url.getUserInfo()).isEqualTo(":" + SHARED.password());
        assertThat(SHARED.password()).hasSize(32);
        assertThat(ask(SHARED, "PING")).isEqualTo("+PONG");
    }

    @Test
    void letsNobodyInWithoutThePassword() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), SHARED.port())) {
            assertThat(say(socket, "GET a", 1)).first().asString().startsWith("-NOAUTH");
            assertThat(say(socket, "AUTH guessed", 1)).first().asString().startsWith("-WRONGPASS");
        }
    }

    @Test
    void isNotReachedFromOutside() throws IOException {
        List<InetAddress> outside = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
                .toList();
        assumeTrue(!outside.isEmpty(), "this machine has no other address");
        assertThat(outside)
                .allSatisfy(address -> assertThatThrownBy(() -> new Socket(address, SHARED.port()).close())
                        .isInstanceOf(ConnectException.class));
    }

    @Test
    void thePasswordIsOnNoCommandLineAndInNoFileOfOthers() throws IOException {
        Path data = directory.resolve("redis");
        try (LocalRedis redis = LocalRedis.start(data)) {
            ProcessHandle process = ProcessHandle.of(redis.pid()).orElseThrow();
            assertThat(process.info().commandLine().orElseThrow())
                    .contains(data.resolve("redis.conf").toString())
                    .doesNotContain(redis.password());
            try (var files = Files.list(data)) {
                for (Path file : files.toList()) {
                    if (Files.readString(file).contains(redis.password())) {
                        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                                .as(file.toString())
                                .isEqualTo("rw-------");
                    }
                }
            }
        }
    }

    @Test
    void keepsPortAndPasswordButNoDataBetweenRuns() throws IOException {
        Path data = directory.resolve("a \"b\" \\ c").resolve("redis");
        String url;
        try (LocalRedis first = LocalRedis.start(data)) {
            url = first.url();
            assertThat(ask(first, "SET a 1")).isEqualTo("+OK");
        }
        assertThat(data.resolve("redis.pid")).doesNotExist();
        try (LocalRedis second = LocalRedis.start(data)) {
            assertThat(second.url()).isEqualTo(url);
            assertThat(ask(second, "GET a")).isEqualTo("$-1");
        }
    }

    @Test
    void isThereAgainAfterKill() throws IOException {
        try (LocalRedis redis = LocalRedis.start(directory.resolve("redis"))) {
            String url = redis.url();
            long pid = redis.pid();
            assertThat(redis.startIfGone()).isFalse();
            redis.kill();
            // Refused; or reset, while the kernel still clears up what the process left.
            assertThatThrownBy(() -> ask(redis, "PING")).isInstanceOf(SocketException.class);
            assertThat(redis.startIfGone()).isTrue();
            assertThat(redis.url()).isEqualTo(url);
            assertThat(redis.pid()).isNotEqualTo(pid);
            assertThat(ask(redis, "PING")).isEqualTo("+PONG");
        }
    }

    @Test
    void aPausedOneAnswersWhenItIsResumedAndCanBeClosedPaused() throws IOException {
        LocalRedis redis = LocalRedis.start(directory.resolve("redis"));
        ProcessHandle process = ProcessHandle.of(redis.pid()).orElseThrow();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), redis.port())) {
            redis.pause();
            assertThat(redis.startIfGone()).as("paused is not gone").isFalse();
            send(socket, "AUTH " + redis.password());
            socket.setSoTimeout(100);
            assertThatThrownBy(() -> socket.getInputStream().read()).hasMessageContaining("timed out");
            redis.resume();
            socket.setSoTimeout(10_000);
            assertThat(socket.getInputStream().read()).isEqualTo('+');
        }
        redis.pause();
        redis.close();
        redis.close();
        assertThat(Processes.runs(process)).isFalse();
    }

    @Test
    void closeLeavesNothingOfATemporaryServer() throws IOException {
        LocalRedis temporary = LocalRedis.startTemporary();
        ProcessHandle process = ProcessHandle.of(temporary.pid()).orElseThrow();
        Path data = Path.of(lines(temporary, "CONFIG GET dir", 5).getLast());
        temporary.close();
        assertThat(data.getParent()).doesNotExist();
        assertThat(Processes.runs(process)).isFalse();
        assertThatThrownBy(temporary::startAgain).hasMessage("closed");
    }

    @Test
    void secondOwnerIsRefusedAndHarmless() throws IOException {
        Path data = directory.resolve("redis");
        try (LocalRedis first = LocalRedis.start(data)) {
            assertThatThrownBy(() -> LocalRedis.start(data))
                    .hasMessageContaining("The Redis in " + data)
                    .hasMessageContaining(
                            "in use by process " + ProcessHandle.current().pid());
            assertThat(ask(first, "PING")).isEqualTo("+PONG");
        }
    }

    @Test
    void orphanIsRefusedWhileItsOwnerLivesAndTakenOverRunningAfterwards() throws Exception {
        Path data = directory.resolve("redis");
        try (OtherJvm owner = OtherJvm.run(Owner.class, data)) {
            long pid = Long.parseLong(owner.line());
            assertThatThrownBy(() -> LocalRedis.start(data)).hasMessageContaining("in use by process " + owner.pid());
            owner.kill();
            assertThat(RedisServer.running(data).map(ProcessHandle::pid)).hasValue(pid);
            try (LocalRedis heir = LocalRedis.start(data)) {
                assertThat(heir.pid()).isEqualTo(pid);
                assertThat(ask(heir, "PING")).isEqualTo("+PONG");
            }
            assertThat(RedisServer.running(data)).isEmpty();
        }
    }

    @Test
    void orphanThatDoesNotAnswerIsReplaced() throws Exception {
        Path data = directory.resolve("redis");
        try (OtherJvm owner = OtherJvm.run(Owner.class, data)) {
            long pid = Long.parseLong(owner.line());
            owner.kill();
            Processes.signal("STOP", pid);
            ProcessHandle orphan = ProcessHandle.of(pid).orElseThrow();
            try (LocalRedis heir = LocalRedis.start(data)) {
                assertThat(Processes.runs(orphan)).isFalse();
                assertThat(ask(heir, "PING")).isEqualTo("+PONG");
            }
        }
    }

    @Test
    void orphanIsStoppedOnRequest() throws Exception {
        Path data = directory.resolve("redis");
        try (OtherJvm owner = OtherJvm.run(Owner.class, data)) {
            owner.line();
            owner.kill();
        }
        assertThat(RedisServer.running(data)).isPresent();
        assertThat(LocalRedis.stopOrphan(data)).isTrue();
        assertThat(RedisServer.running(data)).isEmpty();
        assertThat(LocalRedis.stopOrphan(data)).isFalse();
        assertThat(LocalRedis.stopOrphan(directory.resolve("never-was"))).isFalse();
    }

    @Test
    void aPidFileThatNamesAnotherProgramIsNoObstacleAndDoesItNoHarm() throws Exception {
        Path data = directory.resolve("redis");
        LocalRedis.start(data).close();
        Process other = new ProcessBuilder("sleep", "600").start();
        try {
            Files.writeString(data.resolve("redis.pid"), other.pid() + "\n");
            assertThat(LocalRedis.stopOrphan(data)).isFalse();
            try (LocalRedis redis = LocalRedis.start(data)) {
                assertThat(ask(redis, "PING")).isEqualTo("+PONG");
                assertThat(redis.pid()).isNotEqualTo(other.pid());
            }
            assertThat(other.isAlive()).isTrue();
        } finally {
            other.destroyForcibly();
        }
    }

    @Test
    void anotherPortServesWhenTheRememberedOneIsTakenButNotAfterAKill() throws Exception {
        Path data = directory.resolve("redis");
        int port;
        try (LocalRedis first = LocalRedis.start(data)) {
            port = first.port();
        }
        try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
                LocalRedis second = LocalRedis.start(data)) {
            assertThat(second.port()).isNotEqualTo(port);
            assertThat(ask(second, "PING")).isEqualTo("+PONG");
            second.kill();
            assertTimeoutPreemptively(Duration.ofSeconds(10), () -> {
                while (!Ports.isFree(second.port())) { // the kernel may still be closing the dead one's connections
                    Thread.onSpinWait();
                }
            });
            try (ServerSocket _ = new ServerSocket(second.port(), 1, InetAddress.getLoopbackAddress())) {
                assertThatThrownBy(second::startAgain)
                        .hasMessageContaining("port " + second.port() + " is taken by another program");
            }
        }
    }

    @Test
    void saysWhyItDoesNotStartAndLetsGo() throws Exception {
        Path data = directory.resolve("redis");
        Path broken = program("broken", "echo no such library >&2; exit 127");
        assertThatThrownBy(() -> LocalRedis.start(data, () -> broken))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Redis did not start in " + data)
                .hasMessageContaining("no such library");
        LocalRedis.start(data).close();
    }

    @Test
    void takesTheMachinesOwnOnlyIfItIsNewEnough() throws IOException {
        String path = directory.toRealPath().toString();
        assertThat(RedisBinary.onPath(path)).isEmpty();
        Path valkey = program("valkey-server", "echo 'Valkey server v=8.0.1 sha=00000000:0 malloc=jemalloc'");
        assertThat(RedisBinary.onPath("relative:/nowhere:" + path)).hasValue(valkey);
        Path redis = program("redis-server", "echo 'Redis server v=6.2.14 sha=00000000:0'");
        assertThat(RedisBinary.onPath(path)).hasValue(valkey);
        Files.writeString(redis, "#!/bin/sh\necho 'Redis server v=7.0.15 sha=00000000:0'\n");
        assertThat(RedisBinary.onPath(path)).hasValue(redis);
        Files.writeString(redis, "#!/bin/sh\necho 'Redis server v=10.0.0'; exit 1\n");
        assertThat(RedisBinary.onPath(path)).hasValue(valkey);
    }

    @Test
    void aDamagedUnpackedProgramIsUnpackedAgain() throws IOException {
        Path program = RedisBinary.unpacked(directory);
        assertThat(program).isExecutable();
        Path kept = Files.copy(program, directory.resolve("kept"));
        Files.writeString(program, "half of it");
        assertThat(RedisBinary.unpacked(directory)).isEqualTo(program).hasSameBinaryContentAs(kept);
        assertThat(program).isExecutable();
    }

    private Path program(String name, String script) throws IOException {
        Path program = Files.writeString(directory.toRealPath().resolve(name), "#!/bin/sh\n" + script + "\n");
        return Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** The first line of the answer, as the protocol has it. */
    static String ask(LocalRedis redis, String command) throws IOException {
        return lines(redis, command, 1).getFirst();
    }

    private static List<String> lines(LocalRedis redis, String command, int count) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), redis.port())) {
            socket.setSoTimeout(10_000);
            assertThat(say(socket, "AUTH " + redis.password(), 1)).containsExactly("+OK");
            return say(socket, command, count);
        }
    }

    private static List<String> say(Socket socket, String command, int lines) throws IOException {
        send(socket, command);
        // Nothing is sent ahead of its question, so what the reader takes beyond a line is only this answer's.
        var reader = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        var answer = new java.util.ArrayList<String>();
        for (int i = 0; i < lines; i++) {
            answer.add(reader.readLine());
        }
        return answer;
    }

    private static void send(Socket socket, String command) throws IOException {
        socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.UTF_8));
    }
}
