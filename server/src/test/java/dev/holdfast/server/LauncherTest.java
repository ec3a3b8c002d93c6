package dev.holdfast.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The launcher's own decisions, in a repository whose build and JDK are scripts that write down how they were called. */
final class LauncherTest {
    private static final String JAVA = """
            #!/bin/sh
            echo "java $*" >>"$LOG"
            case " $* " in *" --foo "*) exit 2 ;; esac
            """;
    private static final String MAVEN = """
            #!/bin/sh
            echo begin >>"$LOG"
            sleep 1
            for module in bench local storm server; do
                mkdir -p "$ROOT/$module/target"
                : >"$ROOT/$module/target/holdfast-$module.jar"
            done
            : >"$ROOT/server/target/holdfast-server-exec.jar"
            echo end >>"$LOG"
            """;

    @TempDir
    private Path root;

    private final List<Process> started = new ArrayList<>();

    private record Run(int exit, String said) {}

    @BeforeEach
    void repository() throws IOException {
        root = root.toRealPath();
        script("holdfast", Files.readString(Path.of("../holdfast")));
        script("mvnw", MAVEN);
        script("jdk/bin/java", JAVA);
        script("jdk/bin/javac", "");
        Files.writeString(root.resolve("jdk/release"), "JAVA_VERSION=\"25\"\n");
        Files.createDirectories(root.resolve("bench/src/main"));
        Files.writeString(root.resolve("pom.xml"), "");
        Files.writeString(root.resolve("bench/pom.xml"), "");
    }

    @AfterEach
    void end() {
        started.forEach(Process::destroyForcibly);
    }

    private void script(String name, String text) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    private Process start(String... command) throws IOException {
        var builder = new ProcessBuilder(command).directory(root.toFile()).redirectErrorStream(true);
        builder.environment().put("JAVA_HOME", root.resolve("jdk").toString());
        builder.environment().put("ROOT", root.toString());
        builder.environment().put("LOG", root.resolve("log").toString());
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private Run run(String... command) throws Exception {
        return ended(start(command));
    }

    private static Run ended(Process process) throws Exception {
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("it hangs").isTrue();
        return new Run(
                process.exitValue(), new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    }

    /** Waits for ever, under the name and with the arguments given. */
    private Process idle(String... arguments) throws IOException {
        var command = new ArrayList<>(List.of("sh", "-c", "while :; do sleep 1; done"));
        command.addAll(Arrays.asList(arguments));
        return start(command.toArray(String[]::new));
    }

    private List<String> log() throws IOException {
        Path log = root.resolve("log");
        return Files.exists(log) ? Files.readAllLines(log) : List.of();
    }

    private Path dataOf(Process process) throws IOException {
        Path data = Files.createDirectories(root.resolve("data"));
        Files.writeString(data.resolve("instance.properties"), "pid=" + process.pid() + "\nurl=http://127.0.0.1:9\n");
        Files.writeString(data.resolve("lock"), process.pid() + "\n");
        return data;
    }

    @Test
    void anotherProgramWithTheServersNumberIsNeitherTakenForItNorStopped() throws Exception {
        for (String argument : List.of("up", "--holdfast.data=" + root + "/data2", "--holdfast.data=" + root)) {
            Process other = idle("./holdfast", "--data", root + "/data", argument);
            String data = dataOf(other).toString();

            assertThat(run("./holdfast", "status", "--data", data).exit()).isEqualTo(3);
            assertThat(run("./holdfast", "down", "--data", data))
                    .isEqualTo(new Run(0, "Nothing runs on " + data + "\n"));
            assertThat(other.isAlive()).isTrue();
        }
    }

    @Test
    void theNumberMayBeTheLaunchersOwn() throws Exception {
        dataOf(idle());
        Run run = run("sh", "-c", "echo pid=$$ >data/instance.properties; exec ./holdfast status --data data");
        assertThat(run.exit()).isEqualTo(3);
    }

    @Test
    void theServerIsFoundUnderAnyNameOfItsDirectory() throws Exception {
        Process server = idle("server", "--holdfast.data=" + root + "/data");
        dataOf(server);
        Files.createSymbolicLink(root.resolve("link"), root.resolve("data"));
        for (String name : List.of("data", "./data/", root + "/bench/../data", "link")) {
            assertThat(run("./holdfast", "status", "--data", name).exit())
                    .as(name)
                    .isZero();
        }
        assertThat(run("./holdfast", "down", "--data", "link").said()).startsWith("Stopped Holdfast");
        assertThat(server.isAlive()).isFalse();
    }

    /** The holder has ended, its number is another program's, or is this launcher's own: in a container it is always 1. */
    @ParameterizedTest
    @ValueSource(strings = {"echo 99999999", "echo $PPID", "echo $$"})
    void theClaimOfABuildThatIsGoneIsVoid(String pid) throws Exception {
        Run run = run("sh", "-c", "mkdir -p target/building; " + pid + " >target/building/pid; exec ./holdfast bench");
        assertThat(run.exit()).as(run.said()).isZero();
        assertThat(log()).startsWith("begin", "end");
        assertThat(root.resolve("target/building")).doesNotExist();
    }

    @Test
    void aBuildThatIsInterruptedGivesUpItsClaim() throws Exception {
        Process build = start("./holdfast", "bench");
        await().until(() -> log().contains("begin"));
        build.toHandle().destroy();
        assertThat(ended(build).exit()).isEqualTo(143);
        assertThat(root.resolve("target/building")).doesNotExist();
    }

    @Test
    void ofManyThatFindAVoidClaimOneBuilds() throws Exception {
        Files.createDirectories(root.resolve("target/building"));
        Files.writeString(root.resolve("target/building/pid"), "99999999\n");
        List<Process> launchers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            launchers.add(start("./holdfast", "bench"));
        }
        for (Process launcher : launchers) {
            assertThat(ended(launcher).exit()).isZero();
        }
        assertThat(log().stream().filter(line -> !line.startsWith("java"))).containsExactly("begin", "end");
        assertThat(Collections.frequency(
                        log().stream().map(line -> line.startsWith("java")).toList(), true))
                .isEqualTo(8);
    }

    @Test
    void stormStartsNothingForAWrongOption() throws Exception {
        for (String[] more : List.of(new String[0], new String[] {"--unsafe"}, new String[] {"checkout", "--kill"})) {
            Run run = run(Stream.concat(Stream.of("./holdfast", "storm", "--foo"), Arrays.stream(more))
                    .toArray(String[]::new));
            assertThat(run.exit()).as(run.said()).isEqualTo(2);
            assertThat(run.said()).doesNotContain("temporary");
        }
        assertThat(log())
                .noneMatch(line -> line.contains("holdfast-server.jar") || line.contains("holdfast-local.jar"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dance",
                "help dance",
                "up --foo",
                "up --port x",
                "down --port 1",
                "status --data",
                "storm --gate on --url http://x",
                "storm --gate=off --unsafe",
                "storm --kill",
                "storm checkout --kill --url http://x",
                "crash --data x --foo"
            })
    void wrongUseIsTwo(String arguments) throws Exception {
        Run run = run(("./holdfast " + arguments).split(" ", -1));
        assertThat(run.exit()).isEqualTo(2);
        assertThat(run.said()).contains("--help");
    }

    @Test
    void theHelpNamesTheCodeOfWrongUse() throws Exception {
        for (String command : List.of("up", "down", "status", "storm")) {
            assertThat(run("./holdfast", command, "--help").said())
                    .as(command)
                    .contains("2 wrong use")
                    .doesNotContain("64");
        }
    }
}
