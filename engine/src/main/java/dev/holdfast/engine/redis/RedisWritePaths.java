package dev.holdfast.engine.redis;

import dev.holdfast.engine.Guard;
import dev.holdfast.engine.StockEngine;
import dev.holdfast.engine.StockEngine.Options;
import dev.holdfast.engine.WritePath;
import dev.holdfast.engine.lease.LeaseHint;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import javax.sql.DataSource;

/**
 * Engines with Redis in front of the database. They answer by the same rules and have the same guarantees as any other engine,
 * whatever becomes of Redis: absent, paused, emptied or wrong, it costs time and nothing else. They start without it and use it
 * from when it is there.
 *
 * <p>A Redis URL is {@code redis://} or {@code rediss://} for one server, {@code redis-sentinel://host,host#master} for Sentinel, or
 * several {@code redis://} URLs with commas between them for the nodes of a Cluster. Redis 6.2 or newer, or Valkey.
 */
public final class RedisWritePaths {
    private RedisWritePaths() {}

    /**
     * A lock for each stock, then an optimistic write ({@link WritePath#OPTIMISTIC}, whatever the options say).
     *
     * @throws IllegalStateException if the database cannot be reached
     */
    public static StockEngine lock(DataSource dataSource, Options options, MeterRegistry meters, String redisUrl) {
        return lock(dataSource, options, meters, redisUrl, LeaseHint.NONE);
    }

    /** The same, with a hint for the engine's leases, which stays its owner's. */
    public static StockEngine lock(
            DataSource dataSource, Options options, MeterRegistry meters, String redisUrl, LeaseHint leaseHint) {
        return lock(dataSource, options, meters, redisUrl, leaseHint, RedisLock.EXPIRY);
    }

    static StockEngine lock(
            DataSource dataSource,
            Options options,
            MeterRegistry meters,
            String redisUrl,
            LeaseHint leaseHint,
            Duration expiry) {
        var keys = Keys.of(dataSource);
        var metrics = new RedisMetrics(meters);
        var guard = new RedisLock(new Redis(redisUrl, metrics), keys, metrics, expiry);
        return open(dataSource, options.withWritePath(WritePath.OPTIMISTIC), meters, guard, leaseHint);
    }

    /**
     * Units are taken from counters in Redis, then by one statement in the database ({@link WritePath#ATOMIC}, whatever the
     * options say); most of those who come too late are refused without it. The engine borrows one connection more, each second.
     *
     * @throws IllegalStateException if the database cannot be reached
     */
    public static StockEngine counter(DataSource dataSource, Options options, MeterRegistry meters, String redisUrl) {
        return counter(dataSource, options, meters, redisUrl, LeaseHint.NONE);
    }

    /** The same, with a hint for the engine's leases, which stays its owner's. */
    public static StockEngine counter(
            DataSource dataSource, Options options, MeterRegistry meters, String redisUrl, LeaseHint leaseHint) {
        return counter(dataSource, options, meters, redisUrl, leaseHint, Reconciler.ABANDONED);
    }

    static StockEngine counter(
            DataSource dataSource,
            Options options,
            MeterRegistry meters,
            String redisUrl,
            LeaseHint leaseHint,
            Duration abandoned) {
        var keys = Keys.of(dataSource);
        var metrics = new RedisMetrics(meters);
        var redis = new Redis(redisUrl, metrics);
        var reconciler = new Reconciler(redis, keys, metrics, dataSource, abandoned);
        var guard = new RedisCounter(redis, keys, metrics, reconciler);
        return open(dataSource, options.withWritePath(WritePath.ATOMIC), meters, guard, leaseHint);
    }

    private static StockEngine open(
            DataSource dataSource, Options options, MeterRegistry meters, Guard guard, LeaseHint leaseHint) {
        try {
            return StockEngine.open(dataSource, options, meters, guard, leaseHint);
        } catch (RuntimeException e) {
            guard.close();
            throw e;
        }
    }
}
