package dev.holdfast.engine;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Looks at what is committed; never decides. */
final class Reads {
    private static final String HOLD = """
            SELECT CASE WHEN h.state = 0 AND h.expires_at <= clock_timestamp() THEN 3 ELSE h.state END,
                   h.placed_at, h.expires_at, h.channel, h.reference, l.sku, l.location, n.units
            FROM hold h
            CROSS JOIN LATERAL (
                SELECT h.lines[2 * i - 1] AS stock_id, h.lines[2 * i] AS units, i
                FROM generate_series(1, cardinality(h.lines) / 2) i) n
            JOIN stock_level l ON l.id = n.stock_id
            WHERE h.id = ? ORDER BY n.i
            """;

    private static final String LEVELS = """
            SELECT sku, location, on_hand, held, allocated, safety_stock, backorder_limit, shortfall, version, id
            FROM stock_level WHERE sku = ? ORDER BY location
            """;

    private static final String AVAILABLE = """
            SELECT sku, sum(greatest(0, on_hand + backorder_limit + shortfall - safety_stock - held - allocated))::bigint
            FROM stock_level WHERE sku = ANY (?) GROUP BY sku
            """;

    /** As many ledger rows as movements asked for are enough: each has at least one that counts. */
    private static final String MOVEMENTS = "SELECT " + Sql.MOVEMENT_COLUMNS + """
            FROM (SELECT ?::bigint) before(version)
            CROSS JOIN stock_level l
            CROSS JOIN LATERAL (
                SELECT * FROM ledger g WHERE g.stock_id = l.id AND g.version < before.version
                ORDER BY g.version DESC LIMIT ?) g
            CROSS JOIN LATERAL
            """ + Sql.MOVEMENTS_OF_ROW + """
            m
            WHERE l.sku = ? AND l.location = ? AND m.version < before.version
            ORDER BY m.version DESC LIMIT ?
            """;

    private final DataSource dataSource;

    Reads(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    Optional<Hold> hold(UUID id) {
        return read(HOLD, select -> select.setObject(1, id), rows -> {
            if (!rows.next()) {
                return Optional.empty();
            }
            var state = Hold.State.of(rows.getShort(1));
            var placedAt = Store.instant(rows, 2);
            var expiresAt = Store.instant(rows, 3);
            var channel = rows.getString(4);
            var reference = rows.getString(5);
            var lines = new ArrayList<Line>();
            do {
                lines.add(new Line(StockKey.of(rows.getString(6), rows.getString(7)), rows.getLong(8)));
            } while (rows.next());
            return Optional.of(new Hold(id, state, lines, placedAt, expiresAt, channel, reference));
        });
    }

    List<Level> levels(Sku sku) {
        return read(LEVELS, select -> select.setString(1, sku.value()), rows -> {
            var levels = new ArrayList<Level>();
            while (rows.next()) {
                levels.add(Store.level(StockKey.of(rows.getString(1), rows.getString(2)), rows, 3));
            }
            return levels;
        });
    }

    Map<Sku, Long> available(Collection<Sku> skus) {
        var names = skus.stream().map(Sku::value).toArray(String[]::new);
        return read(AVAILABLE, select -> new Parameters(select).texts(names), rows -> {
            var available = new HashMap<Sku, Long>();
            while (rows.next()) {
                available.put(new Sku(rows.getString(1)), rows.getLong(2));
            }
            return available;
        });
    }

    /**
     * Merges the ledgers of the SKU's locations by time. The cursor says for each location which version was shown last, so that a
     * page neither repeats nor skips, whatever is written meanwhile and even if the clock went back.
     */
    MovementPage movements(Sku sku, @Nullable Location location, int limit, @Nullable String cursor) {
        if (limit < 1 || limit > MovementPage.LIMIT_MAX) {
            throw new IllegalArgumentException("limit must be 1 to " + MovementPage.LIMIT_MAX);
        }
        Map<String, Long> before = new LinkedHashMap<>();
        if (cursor != null) {
            before.putAll(MovementCursor.decode(cursor));
            if (location != null && !before.keySet().equals(Set.of(location.value()))) {
                throw new IllegalArgumentException("the cursor is of another list");
            }
        } else if (location != null) {
            before.put(location.value(), Long.MAX_VALUE);
        } else {
            levels(sku).forEach(level -> before.put(level.stock().location().value(), Long.MAX_VALUE));
        }
        // The newest not yet taken of each location; its ledger follows behind it.
        var heads = new PriorityQueue<List<Movement>>(Comparator.<List<Movement>>comparingLong(
                        ledger -> -BatchWriter.micros(ledger.getFirst().at()))
                .thenComparing(ledger -> ledger.getFirst().stock()));
        before.forEach((at, version) -> {
            var ledger = ledger(sku, at, version, limit + 1);
            if (!ledger.isEmpty()) {
                heads.add(ledger);
            }
        });
        var page = new ArrayList<Movement>(limit);
        while (page.size() < limit && !heads.isEmpty()) {
            var ledger = heads.remove();
            var movement = ledger.getFirst();
            page.add(movement);
            before.put(movement.stock().location().value(), movement.version());
            if (ledger.size() > 1) {
                heads.add(ledger.subList(1, ledger.size()));
            }
        }
        return new MovementPage(page, heads.isEmpty() ? null : MovementCursor.encode(before));
    }

    private List<Movement> ledger(Sku sku, String location, long beforeVersion, int limit) {
        return read(
                MOVEMENTS,
                select -> {
                    select.setLong(1, beforeVersion);
                    select.setInt(2, limit);
                    select.setString(3, sku.value());
                    select.setString(4, location);
                    select.setInt(5, limit);
                },
                rows -> {
                    var ledger = new ArrayList<Movement>();
                    while (rows.next()) {
                        ledger.add(Store.movement(rows));
                    }
                    return ledger;
                });
    }

    List<Invariant> invariants() {
        try (var connection = dataSource.getConnection()) {
            return Invariants.check(connection);
        } catch (SQLException e) {
            throw unavailable(e);
        }
    }

    private interface Setter {
        void set(PreparedStatement select) throws SQLException;
    }

    private interface Mapper<T> {
        T map(ResultSet rows) throws SQLException;
    }

    private <T> T read(String sql, Setter parameters, Mapper<T> mapper) {
        try (Connection connection = dataSource.getConnection();
                var select = connection.prepareStatement(sql)) {
            parameters.set(select);
            try (var rows = select.executeQuery()) {
                return mapper.map(rows);
            }
        } catch (SQLException e) {
            throw unavailable(e);
        }
    }

    private static EngineFailure unavailable(SQLException e) {
        return new EngineFailure.Unavailable("the database could not be read", e);
    }
}
