package dev.holdfast.engine.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import java.time.Duration;

/**
 * How a client of Redis is set up wherever it is only there for speed: a command is sent at once or fails at once, none is sent twice
 * by itself, and the connection is made again for as long as it takes.
 */
public final class RedisClients {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);
    private static final Delay RECONNECT_DELAY = Delay.constant(Duration.ofMillis(200));

    private RedisClients() {}

    /** Whether the URL names the nodes of a Cluster: several, with commas between them, as no Sentinels. */
    public static boolean isCluster(String url) {
        return !url.contains("-sentinel://") && url.indexOf(',') >= 0;
    }

    /** Threads and timers of clients; whoever asks for them shuts them down. */
    public static ClientResources resources() {
        return ClientResources.builder().reconnectDelay(RECONNECT_DELAY).build();
    }

    /** For one server, or one that is found by Sentinel. */
    public static ClientOptions options() {
        return common(ClientOptions.builder()).build();
    }

    public static ClusterClientOptions clusterOptions() {
        return common(ClusterClientOptions.builder())
                .topologyRefreshOptions(ClusterTopologyRefreshOptions.builder()
                        .enablePeriodicRefresh(Duration.ofSeconds(10))
                        .build())
                .build();
    }

    private static <B extends ClientOptions.Builder> B common(B options) {
        options.autoReconnect(true)
                .disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS)
                .replayFilter(_ -> true)
                .socketOptions(
                        SocketOptions.builder().connectTimeout(CONNECT_TIMEOUT).build());
        return options;
    }
}
