package dev.holdfast.engine.redis;

import dev.holdfast.engine.lease.LeaseHint;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.NullMarked;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who holds a lease, in Redis: a key for each, which lasts as long as the lease. Lost, flushed or wrong, it never makes two
 * holders, because it is only asked whether to ask PostgreSQL.
 *
 * <p>A Redis that does not answer within 100 ms is left alone for a second. Works on one server and, with one key for each script,
 * on a cluster; any Redis from 2.6.
 */
@NullMarked
public final class RedisLeaseHint implements LeaseHint {
    private static final Logger log = LoggerFactory.getLogger(RedisLeaseHint.class);

    private static final long TIMEOUT_MILLIS = 100;
    private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Not over a greater token: the writer may be a former holder that has slept. */
    private static final String HELD = """
            local known = tonumber(redis.call('GET', KEYS[1]))
            if known and known > tonumber(ARGV[1]) then return 0 end
            redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
            return 1
            """;

    /** One's own only. */
    private static final String RELEASED = """
            if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
            return 0
            """;

    private final Supplier<? extends RedisClusterAsyncCommands<byte[], byte[]>> connection;
    private final Keys keys;

    private volatile long silentSinceNanos = System.nanoTime() - SILENCE_NANOS;

    /**
     * The connection stays its owner's.
     *
     * @param connection to one server, Sentinel's or a cluster; throws, or is no longer open, while there is none
     * @param keys of the schema: leases of one name in two schemas are two leases
     */
    public RedisLeaseHint(Supplier<? extends RedisClusterAsyncCommands<byte[], byte[]>> connection, Keys keys) {
        this.connection = connection;
        this.keys = keys;
    }

    @Override
    public boolean seemsHeld(String name) {
        return ask(commands -> commands.exists(key(name))) > 0;
    }

    @Override
    public void held(String name, long token, Duration ttl) {
        run(HELD, name, Long.toString(token), Long.toString(ttl.toMillis()));
    }

    @Override
    public void released(String name, long token) {
        run(RELEASED, name, Long.toString(token));
    }

    private void run(String script, String name, String... arguments) {
        var key = new byte[][] {key(name)};
        var values = Arrays.stream(arguments).map(RedisLeaseHint::bytes).toArray(byte[][]::new);
        ask(commands -> commands.<Long>eval(script, ScriptOutputType.INTEGER, key, values));
    }

    private byte[] key(String name) {
        return bytes(keys.lease(name));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** What Redis says; 0 if it says nothing. */
    private long ask(Function<RedisClusterAsyncCommands<byte[], byte[]>, RedisFuture<Long>> command) {
        if (System.nanoTime() - silentSinceNanos < SILENCE_NANOS) {
            return 0;
        }
        try {
            var answer = command.apply(connection.get());
            try {
                return answer.get(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                answer.cancel(true); // or it would wait for the connection, and be sent to nobody's use
                throw e;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException | ExecutionException | RuntimeException e) { // a supplier may throw what it likes
            silentSinceNanos = System.nanoTime();
            log.debug("Redis is left alone for a second", e);
        }
        return 0;
    }
}
