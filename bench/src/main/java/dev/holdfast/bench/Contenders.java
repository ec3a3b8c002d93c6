package dev.holdfast.bench;

import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.engine.StockEngine;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** All that are compared, in the order of the report. The one place to add a write path to. */
final class Contenders {
    /**
     * @param name as --paths wants it
     * @param safe whether it claims never to oversell; one that does not is the control, on tables of its own
     * @param carts whether a hold may have several lines
     * @param needsRedis left out without --redis-url
     */
    record Entry(String name, String title, boolean safe, boolean carts, boolean needsRedis, Opener opener) {}

    interface Opener {
        Contender open(Place place) throws SQLException;
    }

    /** Where to open one: a pool to close with it, on the run's schema, and Redis, empty if there is none. */
    record Place(HikariDataSource pool, String redisUrl) {}

    static final List<Entry> ALL = List.of(
            path("lane", dev.holdfast.engine.WritePath.LANE),
            path("atomic", dev.holdfast.engine.WritePath.ATOMIC),
            path("optimistic", dev.holdfast.engine.WritePath.OPTIMISTIC),
            path("pessimistic", dev.holdfast.engine.WritePath.PESSIMISTIC),
            new Entry(
                    "statement",
                    "statement a request",
                    true,
                    false,
                    false,
                    place -> new PathContender(new RequestPaths.Statement(place.pool, stockIds(place.pool)))),
            new Entry(
                    "transaction",
                    "transaction a request",
                    true,
                    false,
                    false,
                    place -> new PathContender(new RequestPaths.Transaction(place.pool, stockIds(place.pool)))),
            new Entry("unsafe", "unsafe", false, true, false, place -> new Unsafe(place.pool)));

    private Contenders() {}

    private static Entry path(String name, dev.holdfast.engine.WritePath path) {
        return new Entry(
                name, name, true, true, false, place -> engine(place, StockEngine.Options.DEFAULT.withWritePath(path)));
    }

    private static Contender engine(Place place, StockEngine.Options options) {
        var meters = new SimpleMeterRegistry();
        return new EngineContender(StockEngine.open(place.pool, options, meters), meters, place.pool);
    }

    private static Map<String, Long> stockIds(HikariDataSource pool) throws SQLException {
        var ids = new HashMap<String, Long>();
        try (var connection = pool.getConnection();
                var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT sku, id FROM stock_level")) {
            while (rows.next()) {
                ids.put(rows.getString(1), rows.getLong(2));
            }
        }
        return ids;
    }
}
