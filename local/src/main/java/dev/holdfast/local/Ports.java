package dev.holdfast.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/** TCP ports of this machine. */
final class Ports {
    /**
     * Where PostgreSQL and Redis get their ports from: below the ports that the system hands to outgoing connections (from 32768 on
     * Linux, 49152 on macOS). There a client that reconnects to a killed server can be given the server's own port,
     * connects to itself, and the server cannot come back to it.
     */
    private static final int DATABASE_MIN = 15_432;

    private static final int DATABASE_MAX = 32_000;

    /** 16,568 ports to draw from: fifty taken ones in a row mean that something else is wrong. */
    private static final int DRAWS_MAX = 50;

    private Ports() {}

    /**
     * Whether a server could listen here. Loopback and wildcard are both tried: macOS lets one address be bound beside
     * a wildcard listener.
     */
    static boolean isFree(int port) {
        return binds(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                && binds(new InetSocketAddress(port));
    }

    /** Waits for it. */
    static boolean awaitFree(int port, Duration max) {
        long deadline = System.nanoTime() + max.toNanos();
        while (!isFree(port)) {
            if (System.nanoTime() - deadline > 0) {
                return false;
            }
            LockSupport.parkNanos(10_000_000);
        }
        return true;
    }

    private static boolean binds(InetSocketAddress address) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true); // connections of a past server that linger in TIME_WAIT are no obstacle
            socket.bind(address);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** The first free port of {@code count} from {@code first} on. */
    static OptionalInt firstFree(int first, int count) {
        for (int port = first; port < first + count && port <= 65_535; port++) {
            if (isFree(port)) {
                return OptionalInt.of(port);
            }
        }
        return OptionalInt.empty();
    }

    /** Drawn at random, so that two servers that start at once rarely want the same one. */
    static int forDatabase() {
        for (int draw = 0; draw < DRAWS_MAX; draw++) {
            int port = ThreadLocalRandom.current().nextInt(DATABASE_MIN, DATABASE_MAX);
            if (isFree(port)) {
                return port;
            }
        }
        throw new IllegalStateException("no free port between " + DATABASE_MIN + " and " + DATABASE_MAX);
    }
}
