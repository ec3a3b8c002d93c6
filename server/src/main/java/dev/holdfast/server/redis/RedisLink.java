package dev.holdfast.server.redis;

import dev.holdfast.engine.redis.Breaker;
import dev.holdfast.engine.redis.RedisClients;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.resource.ClientResources;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisNode;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnection;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * One connection for all threads, made in the background and made again whenever it is lost: a server starts without Redis, and
 * nobody ever waits for a connection. Nothing that is decided may depend on what Redis says.
 *
 * <p>It has its connection factory for itself. As a bean of its own Spring would stop it before the engine, which gives back its
 * leases when it closes.
 */
public final class RedisLink implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RedisLink.class);

    /** A command takes well under 1 ms; who needs 100 is paused, gone, or so busy that it is in the way. */
    private static final Duration ANSWER_MAX = Duration.ofMillis(100);

    /** Of the handshake of a new connection, which nobody waits for. */
    private static final Duration HANDSHAKE_MAX = Duration.ofSeconds(1);

    private static final Duration CONNECT_PAUSE = Duration.ofMillis(200);

    private final ClientResources resources = RedisClients.resources();
    private final LettuceConnectionFactory factory;
    private final Breaker breaker = new Breaker(System::nanoTime);
    private final CountDownLatch closing = new CountDownLatch(1);
    private final List<Thread> connecting = new CopyOnWriteArrayList<>();

    private volatile @Nullable RedisClusterAsyncCommands<byte[], byte[]> commands;

    /** @param url as {@code holdfast.redis.url} */
    public RedisLink(String url, MeterRegistry meters) {
        factory = factory(url, resources);
        factory.afterPropertiesSet();
        Gauge.builder("holdfast.cache.redis.breaker.open", breaker, b -> b.isOpen() ? 1 : 0)
                .description("1 while caches leave Redis alone because it does not answer")
                .strongReference(true)
                .register(meters);
        untilConnected(() -> commands = ((LettuceConnection) factory.getConnection()).getNativeConnection());
    }

    private static LettuceConnectionFactory factory(String url, ClientResources resources) {
        boolean isCluster = RedisClients.isCluster(url);
        List<RedisURI> nodes = isCluster
                ? Arrays.stream(url.split(",", -1)).map(RedisURI::create).toList()
                : List.of(RedisURI.create(url));
        var client = LettuceClientConfiguration.builder()
                .clientResources(resources)
                .clientOptions(isCluster ? RedisClients.clusterOptions() : RedisClients.options())
                .commandTimeout(HANDSHAKE_MAX)
                .shutdownQuietPeriod(Duration.ZERO)
                .apply(nodes.getFirst())
                .build();
        return new LettuceConnectionFactory(
                isCluster ? cluster(nodes) : LettuceConnectionFactory.createRedisConfiguration(nodes.getFirst()),
                client);
    }

    private static RedisConfiguration cluster(List<RedisURI> nodes) {
        var cluster = new RedisClusterConfiguration();
        nodes.forEach(node -> cluster.addClusterNode(new RedisNode(node.getHost(), node.getPort())));
        var credentials =
                nodes.getFirst().getCredentialsProvider().resolveCredentials().block();
        if (credentials != null) {
            cluster.setUsername(credentials.getUsername());
            cluster.setPassword(credentials.getPassword());
        }
        return cluster;
    }

    /** Until it is made for the first time; Lettuce makes it again by itself. */
    private void untilConnected(Runnable connect) {
        connecting.add(Thread.ofVirtual().name("holdfast-redis").start(() -> retry(connect)));
    }

    private void retry(Runnable connect) {
        try {
            do {
                try {
                    connect.run();
                    return;
                } catch (RuntimeException e) {
                    LOG.debug("Redis is not there yet", e);
                }
            } while (!closing.await(CONNECT_PAUSE.toNanos(), TimeUnit.NANOSECONDS));
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts this thread", e);
        }
    }

    /**
     * The connection as it is: commands fail at once while it is lost.
     *
     * @throws IllegalStateException if there was none yet
     */
    public RedisClusterAsyncCommands<byte[], byte[]> commands() {
        var current = commands;
        if (current == null) {
            throw new IllegalStateException("Redis was not reached yet");
        }
        return current;
    }

    /**
     * What Redis answers; empty if it says nothing, within {@link #ANSWER_MAX}. After three calls without an answer only one
     * a second is sent, and all others get none at once.
     */
    public <T> Optional<T> ask(
            Function<RedisClusterAsyncCommands<byte[], byte[]>, ? extends CompletionStage<T>> command) {
        if (!breaker.permits()) {
            return Optional.empty();
        }
        try {
            Optional<T> answer =
                    Optional.ofNullable(await(command.apply(commands()).toCompletableFuture()));
            if (breaker.succeeded()) {
                LOG.info("Redis answers again");
            }
            return answer;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException | RuntimeException e) {
            if (breaker.failed()) {
                LOG.warn("Redis does not answer and is left alone for a while; nothing depends on it: {}", "" + e);
            }
        }
        return Optional.empty();
    }

    /** Without waiting for an answer; not at all while Redis does not answer others. */
    public void send(Function<RedisClusterAsyncCommands<byte[], byte[]>, RedisFuture<?>> command) {
        if (!breaker.isOpen()) {
            try {
                var _ = command.apply(commands());
            } catch (RuntimeException e) {
                LOG.debug("not sent to Redis", e);
            }
        }
    }

    /**
     * Listens on a connection of its own, for as long as this is open; it is made, and made again, in the background. What is
     * said while it is lost is missed.
     *
     * @param listener called on the connection's thread: must not block
     */
    public void subscribe(String channel, Consumer<byte[]> listener) {
        byte[] name = channel.getBytes(StandardCharsets.UTF_8);
        untilConnected(
                () -> factory.getConnection().subscribe((message, _) -> listener.accept(message.getBody()), name));
    }

    private static <T> @Nullable T await(CompletableFuture<T> answer)
            throws InterruptedException, ExecutionException, TimeoutException {
        try {
            return answer.get(ANSWER_MAX.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | InterruptedException e) {
            answer.cancel(true); // or it would be sent to nobody's use
            throw e;
        }
    }

    @Override
    public void close() {
        closing.countDown();
        try {
            for (Thread thread : connecting) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        factory.destroy();
        resources.shutdown(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }
}
