package dev.holdfast.engine.redis;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.resource.ClientResources;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls scripts, and gives up soon: a call takes {@link #TIMEOUT} at most, and none at all while the {@link Breaker} is open.
 * Nothing here throws; there is an answer or there is none.
 *
 * <p>A call without an answer may have run, or may run later: a paused server does what was sent to it as soon as it goes on, and
 * does it in order. No call is sent twice by itself: after a reconnect, what had no answer is dropped.
 */
final class Redis implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Redis.class);

    /** A script takes well under 1 ms; who needs 100 is paused, gone, or so busy that it is in the way. */
    static final Duration TIMEOUT = Duration.ofMillis(100);

    private final ClientResources resources = RedisClients.resources();
    private final Breaker breaker = new Breaker(System::nanoTime);
    private final RedisMetrics metrics;
    private final AbstractRedisClient client;
    private final Supplier<CompletionStage<RedisClusterAsyncCommands<String, String>>> connect;

    private @Nullable CompletableFuture<RedisClusterAsyncCommands<String, String>> connection;

    /**
     * Connects in the background.
     *
     * @param url {@code redis://} or {@code rediss://} of one server, {@code redis-sentinel://}, or several URLs of a cluster's
     *     nodes with commas between them
     */
    Redis(String url, RedisMetrics metrics) {
        this.metrics = metrics;
        metrics.breaker(breaker);
        if (RedisClients.isCluster(url)) {
            var nodes = Arrays.stream(url.split(",", -1)).map(RedisURI::create).toList();
            var cluster = RedisClusterClient.create(resources, nodes);
            cluster.setOptions(RedisClients.clusterOptions());
            connect = () -> cluster.refreshPartitionsAsync() // it does not connect asynchronously without knowing them
                    .thenCompose(_ -> cluster.connectAsync(StringCodec.UTF8))
                    .thenApply(connected -> connected.async());
            client = cluster;
        } else {
            var server = RedisURI.create(url);
            var single = RedisClient.create(resources);
            single.setOptions(RedisClients.options());
            connect = () -> single.connectAsync(StringCodec.UTF8, server).thenApply(connected -> connected.async());
            client = single;
        }
        var _ = connected();
    }

    /** What the script returns; null if there is no answer. */
    @Nullable
    List<Object> call(Script script, List<String> keys, List<String> arguments) {
        if (!breaker.permits()) {
            return null;
        }
        long begun = System.nanoTime();
        List<Object> answer = null;
        Exception failure = null;
        try {
            answer = run(script, keys, arguments);
        } catch (ExecutionException e) {
            failure = e.getCause() instanceof Exception cause ? cause : e;
        } catch (TimeoutException | RuntimeException e) {
            failure = e;
        }
        metrics.called(script, answer != null, System.nanoTime() - begun);
        if (answer != null) {
            if (breaker.succeeded()) {
                log.info("Redis answers again");
            }
        } else if (breaker.failed()) {
            log.warn("Redis does not answer and is left alone for a while; stock does not need it: {}", "" + failure);
        }
        return answer;
    }

    /** Sends a call without waiting for it. It runs after those that were sent before, if they run. */
    void send(Script script, List<String> keys, List<String> arguments) {
        var current = connected();
        if (current.isDone() && !current.isCompletedExceptionally()) {
            try {
                var _ = current.join().eval(script.lua(), ScriptOutputType.MULTI, array(keys), array(arguments));
            } catch (RuntimeException e) {
                log.debug("not sent", e);
            }
        }
    }

    private List<Object> run(Script script, List<String> keys, List<String> arguments)
            throws ExecutionException, TimeoutException {
        var commands = get(connected());
        try {
            return get(commands.evalsha(script.digest(), ScriptOutputType.MULTI, array(keys), array(arguments)));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RedisNoScriptException) {
                return get(commands.eval(script.lua(), ScriptOutputType.MULTI, array(keys), array(arguments)));
            }
            throw e;
        }
    }

    private static <T> T get(Future<T> future) throws ExecutionException, TimeoutException {
        try {
            return future.get(TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts a worker", e);
        } catch (TimeoutException e) {
            if (future instanceof RedisFuture<T>) {
                future.cancel(false);
            }
            throw e;
        }
    }

    /** Tries again when the first connection was not made; one that was made reconnects by itself. */
    private synchronized CompletableFuture<RedisClusterAsyncCommands<String, String>> connected() {
        if (connection == null || connection.isCompletedExceptionally()) {
            connection = connect.get().toCompletableFuture();
        }
        return connection;
    }

    private static String[] array(List<String> strings) {
        return strings.toArray(String[]::new);
    }

    @Override
    public void close() {
        client.shutdown(0, 2, TimeUnit.SECONDS);
        resources.shutdown(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }
}
