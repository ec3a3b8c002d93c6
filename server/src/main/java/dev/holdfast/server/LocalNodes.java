package dev.holdfast.server;

import dev.holdfast.local.Instance;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * The further servers of {@code up --nodes N}: processes like this one, on its database and its Redis, each on a port of its
 * own. This one is the first node; it alone owns the data directory, starts a node again that ends by itself, and outlives them
 * all.
 *
 * <p>A node ends when its standard input does, which is a pipe from the first: whatever becomes of the first, no node stays
 * behind. Addresses and passwords go by environment, where other accounts do not see them.
 */
final class LocalNodes {
    static final int MAX = 8;

    /** Of every node but the first; beside {@code local}. */
    static final String PROFILE = "node";

    /** A start takes some 4 s of both cores; this is seven at once on a machine four times as busy. */
    private static final Duration READY_MAX = Duration.ofMinutes(2);

    /** Longer than a server lets requests finish. */
    private static final Duration STOP_MAX = Duration.ofSeconds(30);

    private static final Duration ASK_MAX = Duration.ofSeconds(2);
    private static final long ASK_EVERY_MILLIS = 50;

    private final List<String> command;
    private final Map<String, String> environment;
    private final PrintStream out;
    private final Runnable changed;
    private final Map<Integer, Node> nodes = new TreeMap<>(); // by number, from 2 on
    private boolean stopping;

    private record Node(int number, int port, String remark, Process process) {
        String url() {
            return "http://127.0.0.1:" + port;
        }

        @Override
        public String toString() {
            return "Node " + number + " (" + url() + ")";
        }
    }

    /**
     * @param arguments what this server was started with
     * @param environment what the nodes need to know of it
     * @param changed called when a node was replaced or given up
     */
    LocalNodes(String[] arguments, Map<String, String> environment, PrintStream out, Runnable changed) {
        this.command = command(arguments);
        this.environment = environment;
        this.out = out;
        this.changed = changed;
    }

    /** In a node: ends this process when the first node is gone. */
    static void endWithTheFirst() {
        Thread.ofPlatform().daemon().name("first-node").start(() -> {
            try {
                System.in.transferTo(OutputStream.nullOutputStream());
            } catch (IOException e) {
                // No longer there either.
            }
            System.exit(0);
        });
    }

    /**
     * Returns when nodes 2 to {@code count} are ready.
     *
     * @throws IllegalStateException if one does not become so
     */
    void start(int count, int firstPort) {
        int port = firstPort;
        for (int number = 2; number <= count; number++) {
            int wanted = port + 1;
            port = Instance.freePort(wanted);
            launch(number, port, port == wanted ? "" : "   (" + wanted + " is taken)");
        }
        for (Node node : all()) {
            if (!becomesReady(node)) {
                throw new IllegalStateException(node + " did not start: " + end(node));
            }
            watch(node);
        }
    }

    /** For {@link Instance#ready}: {@code node2.url}, {@code node2.pid} and so on. */
    Map<String, String> properties() {
        Map<String, String> properties = new LinkedHashMap<>();
        for (Node node : all()) {
            properties.put("node" + node.number + ".url", node.url());
            properties.put("node" + node.number + ".pid", Long.toString(node.process.pid()));
        }
        return properties;
    }

    /** For people, a line each. */
    String lines() {
        StringBuilder lines = new StringBuilder();
        all().forEach(node -> lines.append("  Node %d     %s%s\n".formatted(node.number, node.url(), node.remark)));
        return lines.toString();
    }

    /** Lets all finish what they began, and returns at once. */
    synchronized void stop() {
        stopping = true;
        nodes.values().forEach(node -> node.process.destroy()); // SIGTERM
    }

    /** After {@link #stop}: returns when all are gone. */
    void awaitEnd() {
        long deadline = System.nanoTime() + STOP_MAX.toNanos();
        for (Node node : all()) {
            if (!ends(node, deadline - System.nanoTime())) {
                out.println(node + " does not stop and is killed; what it acknowledged is safe.");
                node.process.destroyForcibly();
            }
        }
    }

    private synchronized List<Node> all() {
        return List.copyOf(nodes.values());
    }

    private synchronized boolean isStopping() {
        return stopping;
    }

    /** Does nothing if all are to stop. */
    private synchronized void launch(int number, int port, String remark) {
        if (stopping) {
            return;
        }
        List<String> withPort = new ArrayList<>(command);
        withPort.add("--server.port=" + port);
        ProcessBuilder builder = new ProcessBuilder(withPort)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().putAll(environment);
        try {
            nodes.put(number, new Node(number, port, remark, builder.start()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void watch(Node node) {
        Thread.ofVirtual().name("local-node-" + node.number).start(() -> {
            node.process.onExit().join();
            startAgain(node);
        });
    }

    /** On its port, where its clients are. One that then does not become ready is given up. */
    private void startAgain(Node gone) {
        if (isStopping()) {
            return;
        }
        out.println(gone + " is gone (" + end(gone) + "); starting it again.");
        launch(gone.number, gone.port, gone.remark);
        Node fresh = node(gone.number);
        boolean ready = becomesReady(fresh);
        if (!ready) {
            giveUp(fresh);
        }
        announce();
        if (ready) {
            out.println(fresh + " runs again.");
            watch(fresh);
        }
    }

    private synchronized Node node(int number) {
        return Objects.requireNonNull(nodes.get(number));
    }

    private synchronized void giveUp(Node node) {
        if (!stopping) {
            out.println(node + " does not start again: " + end(node) + ". The others go on.");
            node.process.destroyForcibly();
            nodes.remove(node.number);
        }
    }

    private synchronized void announce() {
        if (!stopping) {
            changed.run();
        }
    }

    /** False if it ends before, or takes too long. */
    private static boolean becomesReady(Node node) {
        long deadline = System.nanoTime() + READY_MAX.toNanos();
        var question = HttpRequest.newBuilder(URI.create(node.url() + "/actuator/health/readiness"))
                .timeout(ASK_MAX)
                .build();
        try (var client = HttpClient.newBuilder().connectTimeout(ASK_MAX).build()) {
            while (System.nanoTime() < deadline && !ends(node, TimeUnit.MILLISECONDS.toNanos(ASK_EVERY_MILLIS))) {
                try {
                    if (client.send(question, BodyHandlers.discarding()).statusCode() == 200) {
                        return true;
                    }
                } catch (IOException e) {
                    // Not yet.
                }
            }
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts this thread", e);
        }
    }

    private static boolean ends(Node node, long withinNanos) {
        try {
            return node.process.waitFor(withinNanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts this thread", e);
        }
    }

    private static String end(Node node) {
        return node.process.isAlive() ? "not ready in time" : "exit code " + node.process.exitValue();
    }

    /** As this process was started, but for what belongs to the first node alone. */
    private static List<String> command(String[] arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> !argument.startsWith("-agentlib:jdwp")) // its port is taken
                .forEach(command::add);
        boolean unpacked = ClassLoader.getSystemClassLoader().equals(HoldfastServer.class.getClassLoader());
        command.addAll(
                unpacked
                        ? List.of("-cp", System.getProperty("java.class.path"), HoldfastServer.class.getName())
                        : List.of("-jar", System.getProperty("java.class.path")));
        Arrays.stream(arguments)
                .filter(argument -> !argument.startsWith("--spring.profiles.active=")
                        && !argument.startsWith("--server.port=")
                        && !argument.startsWith("--holdfast.nodes="))
                .forEach(command::add);
        command.add("--spring.profiles.active=local," + PROFILE);
        return command;
    }
}
