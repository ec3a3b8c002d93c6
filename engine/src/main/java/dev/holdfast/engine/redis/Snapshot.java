package dev.holdfast.engine.redis;

import dev.holdfast.engine.StockKey;
import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import javax.sql.DataSource;

/** Levels and holds as the database has them at one moment: one statement, so one snapshot. */
record Snapshot(DataSource dataSource) {
    private static final String READ = """
            SELECT l.sku, l.location,
                   l.on_hand + l.backorder_limit + l.shortfall - l.safety_stock - l.held - l.allocated, NULL::uuid
            FROM unnest(?::text[], ?::text[]) k(sku, location)
            CROSS JOIN LATERAL (
                SELECT * FROM stock_level l WHERE l.sku = k.sku AND l.location = k.location LIMIT 1) l
            UNION ALL SELECT NULL, NULL, NULL, id FROM hold WHERE id = ANY (?::uuid[])
            """;

    private static final int TIMEOUT_SECONDS = 5;

    /**
     * Stocks that do not exist and holds that were not placed are left out.
     *
     * @param available units that may be promised; below zero if more are
     */
    record Truth(Map<StockKey, Long> available, Set<UUID> holdIds) {}

    Truth read(Collection<StockKey> stocks, Collection<UUID> holdIds) throws SQLException {
        try (var connection = dataSource.getConnection();
                var select = connection.prepareStatement(READ)) {
            select.setQueryTimeout(TIMEOUT_SECONDS);
            select.setObject(1, texts(connection, stocks, stock -> stock.sku().value()));
            select.setObject(
                    2, texts(connection, stocks, stock -> stock.location().value()));
            select.setObject(3, connection.createArrayOf("uuid", holdIds.toArray()));
            var truth = new Truth(new HashMap<>(), new HashSet<>());
            try (var rows = select.executeQuery()) {
                while (rows.next()) {
                    var id = rows.getObject(4, UUID.class);
                    if (id != null) {
                        truth.holdIds.add(id);
                    } else {
                        truth.available.put(StockKey.of(rows.getString(1), rows.getString(2)), rows.getLong(3));
                    }
                }
            }
            return truth;
        }
    }

    private static Array texts(Connection connection, Collection<StockKey> stocks, Function<StockKey, String> name)
            throws SQLException {
        return connection.createArrayOf("text", stocks.stream().map(name).toArray());
    }
}
