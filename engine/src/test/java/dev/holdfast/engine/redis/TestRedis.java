package dev.holdfast.engine.redis;

import dev.holdfast.engine.StockEngine;
import dev.holdfast.engine.StockKey;
import dev.holdfast.engine.WritePath;
import dev.holdfast.local.LocalRedis;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import javax.sql.DataSource;

/** A plain connection to a Redis, and what of this package the tests of the engine need to see. */
public record TestRedis(RedisClient client, RedisCommands<String, String> commands) implements AutoCloseable {
    public static TestRedis connect(LocalRedis server) {
        var client = RedisClient.create(server.url());
        return new TestRedis(client, client.connect().sync());
    }

    /** As {@link RedisWritePaths#lock}, with locks that expire so soon. */
    public static StockEngine lock(
            DataSource dataSource,
            StockEngine.Options options,
            MeterRegistry meters,
            LocalRedis server,
            Duration expiry) {
        var metrics = new RedisMetrics(meters);
        var guard = new RedisLock(new Redis(server.url(), metrics), Keys.of(dataSource), metrics, expiry);
        return RedisWritePaths.open(dataSource, options.withWritePath(WritePath.OPTIMISTIC), meters, guard);
    }

    public static String lockKey(DataSource dataSource, StockKey stock) {
        return Keys.of(dataSource).lock(stock);
    }

    @Override
    public void close() {
        client.shutdown();
    }
}
