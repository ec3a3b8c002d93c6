package dev.holdfast.engine.redis;

import dev.holdfast.engine.StockEngine;
import dev.holdfast.engine.StockKey;
import dev.holdfast.engine.lease.LeaseHint;
import dev.holdfast.local.LocalRedis;
import io.lettuce.core.RedisClient;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.sync.RedisCommands;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** A plain connection to a Redis, and what of this package the tests of the engine need to see. */
public record TestRedis(String url, RedisClient client, RedisCommands<String, String> commands)
        implements AutoCloseable {
    public static TestRedis connect(LocalRedis server) {
        return connect(server.url());
    }

    public static TestRedis connect(String url) {
        var client = RedisClient.create(url);
        return new TestRedis(url, client, client.connect().sync());
    }

    /** As {@link RedisWritePaths#lock}, with locks that expire so soon. */
    public StockEngine lock(DataSource dataSource, StockEngine.Options options, MeterRegistry meters, Duration expiry) {
        return RedisWritePaths.lock(dataSource, options, meters, url, LeaseHint.NONE, expiry);
    }

    /** As {@link RedisWritePaths#counter}, with takes that are given up so soon. */
    public StockEngine counter(
            DataSource dataSource, StockEngine.Options options, MeterRegistry meters, Duration abandoned) {
        return RedisWritePaths.counter(dataSource, options, meters, url, LeaseHint.NONE, abandoned);
    }

    /** As the lock does it. */
    public boolean acquire(String key, String owner, Duration expiry) {
        List<Object> answer = commands.eval(
                RedisLock.ACQUIRE.lua(),
                ScriptOutputType.MULTI,
                new String[] {key},
                owner,
                String.valueOf(expiry.toMillis()));
        return answer.equals(List.of(1L));
    }

    /** As the lock does it; true if it was this owner's. */
    public boolean release(String key, String owner) {
        List<Object> answer = commands.eval(RedisLock.RELEASE.lua(), ScriptOutputType.MULTI, new String[] {key}, owner);
        return answer.equals(List.of(1L));
    }

    public static String lockKey(DataSource dataSource, StockKey stock) {
        return Keys.of(dataSource).lock(stock);
    }

    /** What the counter of a stock says; null if there is none. */
    public @Nullable Long available(DataSource dataSource, StockKey stock) {
        var available = commands.hget(Keys.of(dataSource).counter(stock), "available");
        return available == null ? null : Long.valueOf(available);
    }

    public void setAvailable(DataSource dataSource, StockKey stock, long units) {
        commands.hset(Keys.of(dataSource).counter(stock), "available", String.valueOf(units));
    }

    public boolean hasRefusal(DataSource dataSource, StockKey stock) {
        return commands.exists(Keys.of(dataSource).refusal(stock)) == 1;
    }

    public long inFlight(DataSource dataSource) {
        return commands.hlen(Keys.of(dataSource).inFlight());
    }

    /** Every key of a shard: they must lie together. */
    static Collection<String> allKeys(Keys keys, Collection<StockKey> stocks) {
        var all = keys.counters(stocks);
        stocks.forEach(stock -> all.add(keys.lock(stock)));
        return all;
    }

    @Override
    public void close() {
        client.shutdown();
    }
}
