package dev.holdfast.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
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

    private static final Pattern SECOND_NODE = Pattern.compile("Node 2 {5}(http://127\\.0\\.0\\.1:\\d+)");

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
                assertThat(first.said()).containsPattern("Redis {6}redis://127\\.0\\.0\\.1:\\d+/0\n");
                assertThat(get(url + "/v1/stock/LAST-ONE")).contains("\"available\":1");
                assertThat(redis()).isPresent();

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
            assertThat(directory.resolve("data/redis/redis.pid")).doesNotExist();

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

    @Test
    void aRedisThatDiesRunsAgain() throws Exception {
        Run run = start("run", "--holdfast.data=" + directory.resolve("data"), "--server.port=0");
        try {
            String url = run.ready();
            long killed = redis().orElseThrow().pid();
            redis().orElseThrow().destroyForcibly();
            await().atMost(PATIENCE).until(() -> run.said().contains("Redis was gone and runs again."));
            assertThat(redis()).isPresent();
            assertThat(redis().orElseThrow().pid()).isNotEqualTo(killed);
            assertThat(hold(url, "TSHIRT-M")).isEqualTo(201);
        } finally {
            run.process.destroy();
            run.ended();
        }
        assertThat(redis()).isEmpty();
    }

    @Test
    void aRedisThatDoesNotStartIsDoneWithout() throws Exception {
        Files.createDirectories(directory.resolve("data"));
        Files.writeString(directory.resolve("data/redis"), "a file in its way");
        Run run = start("run", "--holdfast.data=" + directory.resolve("data"), "--server.port=0");
        try {
            assertThat(hold(run.ready(), "TSHIRT-M")).isEqualTo(201);
            assertThat(run.said().lines().filter(line -> line.startsWith("Going on without Redis")))
                    .hasSize(1);
            assertThat(run.said()).contains("Redis      none\n");
        } finally {
            run.process.destroy();
            run.ended();
        }
        assertThat(run.said()).endsWith("Stopped.\n");
    }

    @Test
    void aRedisUrlOfNoKindIsSaidWithoutItsPassword() throws Exception {
        Run run = start(
                "run",
                "--holdfast.data=" + directory.resolve("data"),
                "--server.port=0",
                "--holdfast.redis.url=http://:secret@127.0.0.1:9/0");

        assertThat(run.ended()).isEqualTo(1);
        assertThat(run.said())
                .contains("HOLDFAST_REDIS_URL (holdfast.redis.url) has to be redis://host:port")
                .doesNotContain("secret")
                .doesNotContain("\tat ");
        assertThat(directory.resolve("data/redis")).doesNotExist();
        assertThat(directory.resolve("data/postgres/postmaster.pid")).doesNotExist();
    }

    @Test
    void moreNodesThanThereMayBeAreRefused() throws Exception {
        Run run = start("run", "--holdfast.data=" + directory.resolve("data"), "--holdfast.nodes=9");

        assertThat(run.ended()).isEqualTo(1);
        assertThat(run.said()).contains("holdfast.nodes is 9, not 1 to 8");
    }

    @Test
    void twoNodesAreOneHoldfast() throws Exception {
        Path data = directory.resolve("data");
        Run run = start("run", "--holdfast.data=" + data, "--server.port=0", "--holdfast.nodes=2");
        try {
            String first = run.ready();
            Matcher line = SECOND_NODE.matcher(run.said());
            assertThat(line.find()).as(run.said()).isTrue();
            String second = line.group(1);
            assertThat(hold(first, "LAST-ONE")).isEqualTo(201);
            assertThat(hold(second, "LAST-ONE")).as("the same unit").isEqualTo(409);
            assertThat(hold(second, "MUG")).isEqualTo(201);
            assertThat(get(first + "/v1/stock/MUG")).contains("\"available\":24");

            ProcessHandle killed = node(data, 2);
            assertThat(launcher("status", "--data", data.toString()))
                    .contains("url       " + first)
                    .contains("redis     redis://127.0.0.1:")
                    .contains("node 2    " + second + " (process " + killed.pid() + ")");
            assertThat(launcher("status", "--json", "--data", data.toString()))
                    .contains("\"nodes\":[{\"url\":\"" + first + "\",\"pid\":" + run.process.pid() + "},{\"url\":\""
                            + second + "\",\"pid\":" + killed.pid() + "}]}");

            killed.destroyForcibly();
            await().atMost(PATIENCE).until(() -> run.said().contains("Node 2 (" + second + ") runs again."));
            assertThat(run.said()).contains("Node 2 (" + second + ") is gone (exit code 137); starting it again.");
            assertThat(hold(second, "MUG")).isEqualTo(201);

            ProcessHandle again = node(data, 2);
            assertThat(launcher("down", "--data", data.toString()))
                    .contains("Stopped Holdfast (process " + run.process.pid() + ")");
            assertThat(run.ended()).isEqualTo(143);
            assertThat(again.isAlive()).isFalse();
            assertThat(run.said())
                    .endsWith("Stopped.\n")
                    .doesNotContain("ERROR")
                    .doesNotContain("Exception");
        } finally {
            run.process.destroyForcibly();
        }
        assertThat(redis()).isEmpty();
        assertThat(data.resolve("postgres/postmaster.pid")).doesNotExist();
    }

    @Test
    void noNodeOutlivesTheFirst() throws Exception {
        Path data = directory.resolve("data");
        Run run = start("run", "--holdfast.data=" + data, "--server.port=0", "--holdfast.nodes=2");
        run.ready();
        ProcessHandle second = node(data, 2);
        ProcessHandle redis = redis().orElseThrow();
        run.process.destroyForcibly();
        second.onExit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(redis.isAlive()).as("the next run takes it over").isTrue();

        Run heir = start("heir", "--holdfast.data=" + data, "--server.port=0");
        heir.ready();
        assertThat(redis().orElseThrow().pid()).isEqualTo(redis.pid());
        heir.process.destroy();
        heir.ended();
        assertThat(redis()).isEmpty();
    }

    private Optional<ProcessHandle> redis() throws IOException {
        Path file = directory.resolve("data/redis/redis.pid");
        return Files.exists(file)
                ? ProcessHandle.of(Long.parseLong(Files.readString(file).strip()))
                : Optional.empty();
    }

    private static ProcessHandle node(Path data, int number) throws IOException {
        String key = "node" + number + ".pid=";
        return Files.readAllLines(data.resolve("instance.properties")).stream()
                .filter(line -> line.startsWith(key))
                .map(line -> Long.parseLong(line.substring(key.length())))
                .flatMap(pid -> ProcessHandle.of(pid).stream())
                .findAny()
                .orElseThrow();
    }

    /** The status of the answer to a request for one unit. */
    private int hold(String url, String sku) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(url + "/v1/holds"))
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", UUID.randomUUID().toString())
                .POST(BodyPublishers.ofString("{\"lines\": [{\"sku\": \"" + sku + "\", \"quantity\": 1}]}"))
                .build();
        return client.send(request, BodyHandlers.discarding()).statusCode();
    }

    /** What the launcher says. A copy, so that it finds nothing to build, which would replace the classes of this test. */
    private String launcher(String... arguments) throws IOException, InterruptedException {
        Path copy = directory.resolve("holdfast");
        Files.copy(
                Path.of("..", "holdfast"),
                copy,
                StandardCopyOption.REPLACE_EXISTING,
                StandardCopyOption.COPY_ATTRIBUTES);
        List<String> command = new ArrayList<>(List.of(copy.toString()));
        command.addAll(List.of(arguments));
        Path output = directory.resolve("launcher.out");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        String said = Files.readString(output);
        assertThat(process.exitValue()).as(said).isZero();
        return said;
    }
}
