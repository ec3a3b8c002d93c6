package dev.holdfast.server;

import dev.holdfast.local.LocalPostgres;
import dev.holdfast.server.checkout.Crashes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** A server in a process of its own whose drivers stop where {@link Crashes} says, until it is killed there. */
final class DoomedServer implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Process process;
    private final TestClient client;
    private final Set<UUID> stopped = ConcurrentHashMap.newKeySet();

    private DoomedServer(Process process, int port) {
        this.process = process;
        this.client = new TestClient(port);
    }

    /** Its drivers stand still, and nobody takes up what they are at as long as it lives. */
    static DoomedServer start(LocalPostgres postgres, String database, List<String> more) throws IOException {
        int port = freePort();
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Crashes.class.getName(),
                "--server.address=127.0.0.1",
                "--server.port=" + port,
                "--holdfast.database.url=" + postgres.jdbcUrl(database),
                "--holdfast.database.user=" + postgres.user(),
                "--holdfast.database.password=" + postgres.password(),
                "--holdfast.checkout.taken-up-after=10m",
                "--logging.level.root=error"));
        command.addAll(more);
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(variable -> variable.startsWith("HOLDFAST_"));
        var server = new DoomedServer(builder.start(), port);
        Thread.startVirtualThread(server::listen);
        await().atMost(PATIENCE).until(() -> server.isReady() || !server.process.isAlive());
        assertThat(server.process.isAlive()).as("the server runs").isTrue();
        return server;
    }

    private static int freePort() throws IOException {
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private void listen() {
        process.inputReader()
                .lines()
                .filter(line -> line.startsWith(Crashes.STOPPED))
                .forEach(line -> stopped.add(UUID.fromString(line.substring(Crashes.STOPPED.length()))));
    }

    private boolean isReady() {
        try {
            return client.get("/actuator/health/readiness").status() == 200;
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    TestClient client() {
        return client;
    }

    /** Whether the checkout's driver stands before its step. */
    boolean hasStopped(UUID checkout) {
        return stopped.contains(checkout);
    }

    /** SIGKILL. */
    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
        client.close();
    }
}
