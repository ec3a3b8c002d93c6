package dev.holdfast.server.admission;

import dev.holdfast.engine.StockKey;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Looks once more whether places that are paid for are allocated to their order, in the transaction that issues their tickets. It reads the
 * engine's tables: by a call to the engine the answer would be of another moment.
 */
@Component
class Allocations {
    /** So many units of a stock. */
    record Units(StockKey stock, long units) {}

    /** In the engine's order, so that neither waits for the other for ever. What changes a confirmed hold locks its stocks first. */
    private static final String LOCK = """
            SELECT id FROM stock_level WHERE (sku, location) IN (SELECT * FROM unnest(?::text[], ?::text[]))
            ORDER BY id FOR SHARE""";

    /** A statement of its own: it sees what whoever held the locks has left. */
    private static final String ALLOCATED = """
            SELECT s.sku, s.location, l.confirmed
            FROM hold_line l JOIN stock_level s ON s.id = l.stock_id
            WHERE l.hold_id = ? AND l.state = 1 AND s.allocated >= l.confirmed - l.shipped AND s.shortfall = 0""";

    private final JdbcTemplate database;

    Allocations(JdbcTemplate database) {
        this.database = database;
    }

    /**
     * Those that a confirmed hold has so many units of, and that are there: no stock count has found fewer than were sold. They stay so to
     * the end of the caller's transaction.
     */
    Set<StockKey> lock(UUID holdId, List<Units> wanted) {
        database.queryForList(
                LOCK,
                Long.class,
                wanted.stream().map(units -> units.stock.sku().value()).toArray(String[]::new),
                wanted.stream().map(units -> units.stock.location().value()).toArray(String[]::new));
        List<Units> allocated = database.query(
                ALLOCATED,
                (row, _) -> new Units(StockKey.of(row.getString(1), row.getString(2)), row.getLong(3)),
                holdId);
        Set<StockKey> right = new HashSet<>();
        for (Units units : wanted) {
            if (allocated.stream().anyMatch(has -> has.stock.equals(units.stock) && has.units >= units.units)) {
                right.add(units.stock);
            }
        }
        return right;
    }
}
