package dev.holdfast.server;

import dev.holdfast.engine.Guard;
import dev.holdfast.engine.StockEngine;
import dev.holdfast.engine.WritePath;
import dev.holdfast.engine.lease.LeaseHint;
import dev.holdfast.engine.redis.RedisWritePaths;
import io.micrometer.core.instrument.MeterRegistry;
import javax.sql.DataSource;

/** The values of {@code holdfast.write-path}. When to choose which: {@code docs/reference/write-paths.md}. */
enum WritePathProperty {
    LANE,
    ATOMIC,
    OPTIMISTIC,
    PESSIMISTIC,
    REDIS_LOCK,
    REDIS_COUNTER;

    boolean needsRedis() {
        return this == REDIS_LOCK || this == REDIS_COUNTER;
    }

    StockEngine open(
            DataSource dataSource,
            StockEngine.Options options,
            MeterRegistry meters,
            String redisUrl,
            LeaseHint leaseHint) {
        return switch (this) {
            case LANE, ATOMIC, OPTIMISTIC, PESSIMISTIC ->
                StockEngine.open(
                        dataSource, options.withWritePath(WritePath.valueOf(name())), meters, Guard.NONE, leaseHint);
            case REDIS_LOCK -> RedisWritePaths.lock(dataSource, options, meters, redisUrl, leaseHint);
            case REDIS_COUNTER -> RedisWritePaths.counter(dataSource, options, meters, redisUrl, leaseHint);
        };
    }
}
