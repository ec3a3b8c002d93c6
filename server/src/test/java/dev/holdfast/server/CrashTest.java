package dev.holdfast.server;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Whole processes killed in the middle of a storm. The storm's buyers retry with their keys, and afterwards it checks from the
 * outside that every acknowledged hold is there, none was given twice, and the books balance: its exit code is the verdict.
 */
final class CrashTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String ALL_SOLD = "HELD FAST: 3,000 sold, 3,000 refused, 0 errors.";
    private static final Pattern PLACED =
            Pattern.compile("(?m)^holdfast_outcomes_total\\{.*outcome=\"Placed\".*} (\\S+)$");

    private static final Pattern RECONNECTS = Pattern.compile("(?m)^holdfast_lane_reconnects_total (\\S+)$");

    @TempDir
    private Path directory;

    private final HttpClient client = HttpClient.newHttpClient();
    private final List<Process> started = new ArrayList<>();
    private int port;
    private Process server;

    @BeforeEach
    void startServer() throws Exception {
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        server = server("first");
        await().atMost(PATIENCE).until(() -> placed() >= 0);
    }

    @AfterEach
    void stopEverything() throws Exception {
        server.destroy();
        assertThat(server.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        started.forEach(Process::destroyForcibly);
    }

    @Test
    void theServerIsKilledInMidStorm() throws Exception {
        Process storm = holds();
        awaitMidStorm(storm, 300);

        killServer("second");

        assertHeldFast(storm, ALL_SOLD);
        assertBuyersNoticed();
    }

    /** With units for all, so that every kind of errand comes to something, whoever is first. */
    @Test
    void theServerIsKilledTwiceWhileManyCheckOut() throws Exception {
        Process storm =
                storm("checkout", "--buyers=200", "--units=1000", "--connections=32", "--seed=7", "--settle=60s");
        for (String next : List.of("second", "third")) {
            awaitMidStorm(storm, 20);
            killServer(next);
        }

        assertHeldFast(storm, "HELD FAST: ");
        assertBuyersNoticed();
    }

    @Test
    void theDatabaseIsKilledInMidStorm() throws Exception {
        Process storm = holds();
        awaitMidStorm(storm, 300);

        ProcessHandle postgres = postmaster();
        postgres.destroyForcibly(); // SIGKILL; its children notice and end, the server starts it again

        assertHeldFast(storm, ALL_SOLD);
        assertThat(postmaster().pid()).isNotEqualTo(postgres.pid());
        assertThat(metric(RECONNECTS)).as("the engine noticed").isGreaterThan(1);
    }

    /** Enough holds that the kill hits the middle, whatever the machine: 6,000 buyers, 3,000 units, one in three a duplicate. */
    private Process holds() throws IOException {
        return storm("--buyers=6000", "--units=3000", "--skus=10", "--connections=32", "--duplicates=30%", "--seed=7");
    }

    private Process storm(String... options) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(options));
        arguments.add("--url=http://127.0.0.1:" + port);
        return java("storm", "dev.holdfast.storm.Storm", arguments.toArray(String[]::new));
    }

    private void killServer(String next) throws Exception {
        server.destroyForcibly(); // SIGKILL
        server.waitFor();
        server = server(next);
    }

    private void awaitMidStorm(Process storm, int placed) {
        await().atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> placed() > placed || !storm.isAlive());
        assertThat(storm.isAlive()).as(said("storm")).isTrue();
    }

    private void assertHeldFast(Process storm, String verdict) throws Exception {
        assertThat(storm.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        String said = said("storm");
        assertThat(storm.exitValue()).as(said).isZero();
        assertThat(said).contains(verdict);
    }

    private void assertBuyersNoticed() {
        assertThat(said("storm")).doesNotContainPattern("retries +0\\b");
    }

    /** Holds placed since the server started; −1 while it does not answer. */
    private double placed() {
        return metric(PLACED);
    }

    private double metric(Pattern line) {
        try {
            var metrics = client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/actuator/prometheus"))
                            .build(),
                    BodyHandlers.ofString());
            var value = line.matcher(metrics.body());
            return metrics.statusCode() != 200 ? -1 : value.find() ? Double.parseDouble(value.group(1)) : 0;
        } catch (IOException e) {
            return -1;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private ProcessHandle postmaster() throws IOException {
        Path pidFile = directory.resolve("data/postgres/postmaster.pid");
        return ProcessHandle.of(Long.parseLong(Files.readAllLines(pidFile).getFirst()))
                .orElseThrow();
    }

    private Process server(String name) throws IOException {
        return java(
                name,
                HoldfastServer.class.getName(),
                "--spring.profiles.active=local",
                "--holdfast.data=" + directory.resolve("data"),
                "--server.port=" + port,
                "--holdfast.cart.hold-ttl=10s"); // what is left in carts is over soon
    }

    private Process java(String name, String main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                main));
        command.addAll(List.of(arguments));
        File output = directory.resolve(name + ".out").toFile();
        var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output);
        builder.environment().keySet().removeIf(variable -> variable.startsWith("HOLDFAST_"));
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private String said(String name) {
        try {
            return Files.readString(directory.resolve(name + ".out"));
        } catch (IOException e) {
            return e.toString();
        }
    }
}
