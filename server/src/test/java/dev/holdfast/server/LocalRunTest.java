package dev.holdfast.server;

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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What a person sees who starts the server on their machine: whole processes, ended by signals. */
final class LocalRunTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern URL = Pattern.compile("API {8}(http://127\\.0\\.0\\.1:(\\d+))/v1");

    @TempDir
    private Path directory;

    private final HttpClient client = HttpClient.newHttpClient();

    /** A started process and where its words go. */
    private record Run(Process process, Path output) {
        String said() throws IOException {
            return Files.readString(output);
        }

        String ready() {
            await().atMost(PATIENCE).until(() -> said().contains("Ctrl-C stops everything.") || !process.isAlive());
            try {
                Matcher url = URL.matcher(said());
                assertThat(url.find()).as(said()).isTrue();
                return url.group(1);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }

        int ended() throws InterruptedException {
            assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            return process.exitValue();
        }
    }

    private Run start(String name, String... more) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                HoldfastServer.class.getName(),
                "--spring.profiles.active=local"));
        command.addAll(List.of(more));
        Path output = directory.resolve(name + ".out");
        var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().keySet().removeIf(variable -> variable.startsWith("HOLDFAST_"));
        return new Run(builder.start(), output);
    }

    private String get(String url) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString())
                .body();
    }

    @Test
    void oneCommandToStartAndOneKeyToStop() throws Exception {
        String data = "--holdfast.data=" + directory.resolve("data");
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = "--server.port=" + taken.getLocalPort();
            Run first = start("first", data, port);
            try {
                String url = first.ready();
                assertThat(first.said()).contains("(" + taken.getLocalPort() + " is taken)");
                assertThat(first.said()).doesNotContain("WARN").doesNotContain("ERROR");
                assertThat(get(url + "/v1/stock/LAST-ONE")).contains("\"available\":1");

                Run second = start("second", data, port);
                assertThat(second.ended()).isZero();
                assertThat(second.said()).contains("already runs").contains(url);
            } finally {
                first.process.destroy(); // SIGTERM
                first.ended();
            }
            assertThat(first.said())
                    .endsWith("Stopped.\n")
                    .doesNotContain("ERROR")
                    .doesNotContain("Exception");
            assertThat(directory.resolve("data/instance.properties")).doesNotExist();
            assertThat(directory.resolve("data/postgres/postmaster.pid")).doesNotExist();

            Run third = start("third", data, port);
            try {
                assertThat(get(third.ready() + "/v1/stock/LAST-ONE/movements"))
                        .as("received once, on the first run only")
                        .contains("\"version\":1,")
                        .doesNotContain("\"version\":2,");
            } finally {
                third.process.destroy();
                third.ended();
            }
        }
    }

    @Test
    void aDatabaseThatDoesNotStartAgainAtOnceIsTriedUntilItDoes() throws Exception {
        Path data = directory.resolve("data");
        Run run = start("broken", "--holdfast.data=" + data, "--server.port=0");
        try {
            String url = run.ready();
            Path settings = data.resolve("postgres/postgresql.conf");
            String whole = Files.readString(settings);
            Files.writeString(settings, whole + "\nno such setting\n");
            long pid = Long.parseLong(
                    Files.readAllLines(data.resolve("postgres/postmaster.pid")).getFirst());
            ProcessHandle.of(pid).orElseThrow().destroyForcibly();
            await().atMost(PATIENCE).until(() -> run.said().contains("does not start"));

            Files.writeString(settings, whole);

            await().atMost(PATIENCE).until(() -> run.said().contains("was gone and runs again"));
            await().atMost(PATIENCE).until(() -> get(url + "/v1/stock/LAST-ONE").contains("\"available\":1"));
            assertThat(run.said().split("does not start", -1)).as("said once").hasSize(2);
        } finally {
            run.process.destroy();
            run.ended();
        }
    }

    @Test
    void withoutItsDatabaseItEndsWithAnErrorAndSaysWhatToDo() throws Exception {
        Run run = start(
                "away",
                "--holdfast.data=" + directory.resolve("data"),
                "--server.port=0",
                "--holdfast.database.url=jdbc:postgresql://127.0.0.1:9/none",
                "--holdfast.database.start-wait=1s",
                "--holdfast.database.connection-wait=300ms");

        assertThat(run.ended()).isEqualTo(1);
        assertThat(run.said())
                .contains("did not answer within 1 s")
                .contains("HOLDFAST_DATABASE_URL")
                .doesNotContain("\tat ");
    }
}
