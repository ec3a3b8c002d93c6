package dev.holdfast.engine;

import dev.holdfast.engine.redis.RedisWritePaths;
import dev.holdfast.local.LocalRedis;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** A Cluster of three, which refuses a script whose keys are not all in one place, and a server that is found by Sentinel. */
class RedisTopologyTest {
    private static final int SLOTS = 16_384;
    private static final int NODES = 3;
    private static final int BUS_PORT_OFFSET = 10_000;

    private static final List<Process> PROCESSES = new ArrayList<>();
    private static final LocalRedis SERVER = LocalRedis.startTemporary();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private static Path directory;

    private static String cluster = "";
    private static String sentinel = "";

    @BeforeAll
    static void start() throws Exception {
        cluster = startCluster();
        sentinel = startSentinel();
    }

    @AfterAll
    static void stop() {
        PROCESSES.forEach(Process::destroyForcibly);
        PROCESSES.forEach(process -> process.onExit().join());
        SERVER.close();
    }

    @Test
    void aLockWorksOnACluster() {
        buyersBuyCarts((database, meters) ->
                RedisWritePaths.lock(database.dataSource(), TestDatabase.UNSWEPT, meters, cluster));
    }

    @Test
    void countersWorkOnACluster() {
        buyersBuyCarts((database, meters) ->
                RedisWritePaths.counter(database.dataSource(), TestDatabase.UNSWEPT, meters, cluster));
    }

    @Test
    void aLockWorksBehindSentinel() {
        buyersBuyCarts((database, meters) ->
                RedisWritePaths.lock(database.dataSource(), TestDatabase.UNSWEPT, meters, sentinel));
    }

    @Test
    void countersWorkBehindSentinel() {
        buyersBuyCarts((database, meters) ->
                RedisWritePaths.counter(database.dataSource(), TestDatabase.UNSWEPT, meters, sentinel));
    }

    private interface Opening {
        StockEngine open(TestDatabase database, MeterRegistry meters);
    }

    /** Ten carts of five SKUs for 60 buyers; every call of Redis must have been answered. */
    private static void buyersBuyCarts(Opening opening) {
        var meters = new SimpleMeterRegistry();
        var database = TestDatabase.create();
        try (var shop = new Shop(database, opening.open(database, meters))) {
            var cart = IntStream.range(0, 5).mapToObj(i -> Line.of("S" + i, 1)).toArray(Line[]::new);
            for (var line : cart) {
                shop.receive(line.stock().sku().value(), 10);
            }
            // Until it is connected, it goes on without Redis; then it must not.
            Awaitility.await().until(() -> {
                shop.engine().execute(Shop.placing(60, Line.of("S0", 1_000)));
                return calls(meters, true) > 0;
            });
            double failed = calls(meters, false);
            var outcomes = Callers.together(60, _ -> shop.engine().execute(Shop.placing(60, cart)));
            assertThat(outcomes).filteredOn(Outcome.Placed.class::isInstance).hasSize(10);
            assertThat(outcomes)
                    .filteredOn(Outcome.Insufficient.class::isInstance)
                    .hasSize(50);
            assertThat(calls(meters, true)).isGreaterThanOrEqualTo(60);
            assertThat(calls(meters, false)).isEqualTo(failed);
        }
    }

    private static double calls(MeterRegistry meters, boolean answered) {
        return meters.find("holdfast.redis.calls").tag("answered", String.valueOf(answered)).timers().stream()
                .mapToDouble(timer -> timer.count())
                .sum();
    }

    private static String startCluster() throws Exception {
        var ports = new ArrayList<Integer>();
        for (int node = 0; node < NODES; node++) {
            int port = freePort();
            ports.add(port);
            int first = SLOTS * node / NODES;
            int end = SLOTS * (node + 1) / NODES;
            launch(port, List.of(), """
                    cluster-enabled yes
                    cluster-config-file nodes-%d.conf
                    """.formatted(port));
            on(port, redis -> redis.clusterAddSlots(IntStream.range(first, end).toArray()));
        }
        on(ports.getFirst(), redis -> ports.forEach(port -> redis.clusterMeet("127.0.0.1", port)));
        for (int port : ports) {
            on(
                    port,
                    redis -> Awaitility.await()
                            .atMost(Duration.ofSeconds(30))
                            .until(() -> redis.clusterInfo().contains("cluster_state:ok")
                                    && redis.clusterInfo().contains("cluster_known_nodes:" + NODES)));
        }
        return ports.stream().map(port -> "redis://127.0.0.1:" + port).collect(Collectors.joining(","));
    }

    private static String startSentinel() throws Exception {
        int port = freePort();
        launch(port, List.of("--sentinel"), """
                sentinel monitor shop 127.0.0.1 %d 1
                sentinel auth-pass shop %s
                """.formatted(SERVER.port(), SERVER.password()));
        on(port, redis -> assertThat(redis.info()).contains("master0:name=shop"));
        return "redis-sentinel://:%s@127.0.0.1:%d/0#shop".formatted(SERVER.password(), port);
    }

    /** The program that the local server is an instance of. */
    private static void launch(int port, List<String> options, String settings) throws IOException {
        var config = Files.writeString(directory.resolve(port + ".conf"), """
                bind 127.0.0.1
                port %d
                dir %s
                save ""
                ignore-warnings ARM64-COW-BUG
                """.formatted(port, directory) + settings);
        var command = new ArrayList<String>();
        command.add(ProcessHandle.of(SERVER.pid())
                .flatMap(server -> server.info().command())
                .orElseThrow());
        command.add(config.toString());
        command.addAll(options);
        PROCESSES.add(new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve(port + ".log").toFile())
                .start());
    }

    private static void on(int port, Consumer<RedisCommands<String, String>> action) {
        try (var client = RedisClient.create(RedisURI.create("127.0.0.1", port))) {
            var connection = Awaitility.await()
                    .ignoreException(RedisConnectionException.class)
                    .until(client::connect, _ -> true);
            action.accept(connection.sync());
        }
    }

    /** Free, and so is the port that a cluster's nodes talk on. */
    private static int freePort() throws IOException {
        while (true) {
            try (var socket = new ServerSocket(0)) {
                int port = socket.getLocalPort() % 20_000 + 20_000;
                if (isFree(port) && isFree(port + BUS_PORT_OFFSET)) {
                    return port;
                }
            }
        }
    }

    private static boolean isFree(int port) {
        try (var _ = new ServerSocket(port)) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
