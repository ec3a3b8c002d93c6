package dev.holdfast.bench;

import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.engine.StockEngine;
import dev.holdfast.engine.WritePath;
import dev.holdfast.engine.redis.RedisWritePaths;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.SQLException;
import java.util.List;

/** All that are compared, in the order of the report. The one place to add a write path to. */
final class Contenders {
    /**
     * @param name as --paths wants it
     * @param safe whether it claims never to oversell; one that does not is the control, on tables of its own
     * @param carts whether a hold may have several lines
     * @param needsRedis left out without --redis-url
     */
    record Entry(String name, String title, boolean safe, boolean carts, boolean needsRedis, Opener opener) {}

    /** The tables are made once for the whole run. Without the gate, which would answer for all of them once they are sold out. */
    static final StockEngine.Options OPTIONS =
            StockEngine.Options.DEFAULT.withoutMigration().withGate(false);

    interface Opener {
        Contender open(Place place) throws SQLException;
    }

    /** Where to open one: a pool to close with it, on the run's schema, and Redis, empty if there is none. */
    record Place(HikariDataSource pool, int connections, String redisUrl) {
        StockEngine.Options options(WritePath path) {
            return OPTIONS.withWritePath(path).withConnections(connections);
        }
    }

    static final List<Entry> ALL = List.of(
            path("lane", WritePath.LANE),
            path("atomic", WritePath.ATOMIC),
            path("optimistic", WritePath.OPTIMISTIC),
            path("pessimistic", WritePath.PESSIMISTIC),
            new Entry("redis-lock", "redis lock", true, true, true, Contenders::redisLock),
            new Entry("redis-counter", "redis counter", true, true, true, Contenders::redisCounter),
            new Entry("unsafe", "unsafe", false, true, false, place -> new Unsafe(place.pool)));

    private Contenders() {}

    private static Entry path(String name, WritePath path) {
        return new Entry(name, name, true, true, false, place -> engine(place, place.options(path)));
    }

    private static Contender redisLock(Place place) {
        var meters = new SimpleMeterRegistry();
        return new EngineContender(
                RedisWritePaths.lock(place.pool, place.options(WritePath.LANE), meters, place.redisUrl),
                meters,
                place.pool);
    }

    private static Contender redisCounter(Place place) {
        var meters = new SimpleMeterRegistry();
        return new EngineContender(
                RedisWritePaths.counter(place.pool, place.options(WritePath.LANE), meters, place.redisUrl),
                meters,
                place.pool);
    }

    private static Contender engine(Place place, StockEngine.Options options) {
        var meters = new SimpleMeterRegistry();
        return new EngineContender(StockEngine.open(place.pool, options, meters), meters, place.pool);
    }
}
