package dev.holdfast.engine;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Looks at what is committed; never decides. */
final class Reads {
    private static final String HOLD = """
            SELECT h.state, h.placed_at, h.expires_at, h.channel, h.reference, l.sku, l.location, n.units, h.parts, clock_timestamp()
            FROM hold h
            CROSS JOIN LATERAL (
                SELECT h.lines[2 * i - 1] AS stock_id, h.lines[2 * i] AS units, i
                FROM generate_series(1, cardinality(h.lines) / 2) i) n
            JOIN stock_level l ON l.id = n.stock_id
            WHERE h.id = ? ORDER BY n.i
            """;

    private static final String LEVELS = """
            SELECT sku, location, on_hand, held, allocated, safety_stock, backorder_limit, shortfall, version, buffers
            FROM stock_level WHERE sku = ? ORDER BY location
            """;

    private static final String AVAILABLE = """
            SELECT sku, sum(greatest(0, on_hand + backorder_limit + shortfall - safety_stock - held - allocated
                   - CASE WHEN buffers IS NULL THEN 0 ELSE (
                         SELECT coalesce(sum(split_part(b, ' ', 1)::bigint), 0) FROM string_to_table(buffers, E'\\n') b
                         WHERE split_part(b, ' ', 2) <> '0') END))::bigint
            FROM stock_level WHERE sku = ANY (?) GROUP BY sku
            """;

    /** The time of the statement's arrival, which is before that of its snapshot; on one row at least. */
    private static final String LEVELS_OF = """
            SELECT statement_timestamp(), l.sku, l.location, l.on_hand, l.held, l.allocated, l.safety_stock, l.backorder_limit,
                   l.shortfall, l.version, l.buffers
            FROM (VALUES (1)) one LEFT JOIN stock_level l ON l.sku = ANY (?)
            """;

    private static final String USED = """
            SELECT id FROM hold WHERE id = ANY (?) UNION ALL SELECT id FROM idempotency_entry WHERE id = ANY (?)
            """;

    /**
     * The ledgers of a SKU merged by time, and within a stock by version. A clock may go back at a failover; then a movement counts
     * as made no later than those after it on its stock ({@code placed}), so that time orders what versions order, and a page
     * neither repeats nor skips. For each stock: the newest row behind the cursor, then as many rows as movements are asked for,
     * each of which has at least one that counts.
     */
    static final String MOVEMENTS = "SELECT " + Sql.MOVEMENT_COLUMNS + """
            , g.placed
            FROM (SELECT ?::timestamptz, ?::bigint, ?::bigint) last(at, stock_id, version)
            CROSS JOIN stock_level l
            CROSS JOIN LATERAL (
                SELECT n.version FROM ledger n
                WHERE n.stock_id = l.id
                  AND n.version < CASE WHEN l.id = last.stock_id THEN last.version ELSE 9223372036854775807 END
                  AND n.at < CASE WHEN l.id = last.stock_id THEN 'infinity'
                                  WHEN l.id < last.stock_id THEN last.at + interval '1 microsecond' ELSE last.at END
                ORDER BY n.version DESC LIMIT 1) newest
            CROSS JOIN LATERAL (
                SELECT r.*, least(last.at, min(r.at) OVER (ORDER BY r.version DESC)) AS placed FROM ledger r
                WHERE r.stock_id = l.id AND r.version <= newest.version
                ORDER BY r.version DESC LIMIT ?) g
            CROSS JOIN LATERAL
            """ + Sql.MOVEMENTS_OF_ROW + """
            m
            WHERE l.sku = ? AND l.location = coalesce(?, l.location)
              AND (l.id <> last.stock_id OR m.version < last.version)
            ORDER BY g.placed DESC, g.stock_id DESC, m.version DESC LIMIT ?
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
            var parts = Store.parts(rows.getArray(9));
            var now = Store.instant(rows, 10);
            var lines = new ArrayList<Line>();
            do {
                lines.add(new Line(StockKey.of(rows.getString(6), rows.getString(7)), rows.getLong(8)));
            } while (rows.next());
            var hold = new Hold(id, state, lines, placedAt, expiresAt, channel, reference, parts);
            return Optional.of(hold.isDue(now) ? hold.ended(Hold.State.EXPIRED) : hold);
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

    Levels levels(Collection<Sku> skus) {
        var names = skus.stream().map(Sku::value).toArray(String[]::new);
        return read(LEVELS_OF, select -> new Parameters(select).texts(names), rows -> {
            var levels = new ArrayList<Level>(names.length);
            var asOf = Instant.EPOCH;
            while (rows.next()) {
                asOf = Store.instant(rows, 1);
                if (rows.getString(2) != null) {
                    levels.add(Store.level(StockKey.of(rows.getString(2), rows.getString(3)), rows, 4));
                }
            }
            return new Levels(levels, asOf);
        });
    }

    Set<UUID> used(Collection<UUID> keys) {
        return read(USED, select -> new Parameters(select).uuids(keys).uuids(keys), rows -> {
            var used = new HashSet<UUID>();
            while (rows.next()) {
                used.add(rows.getObject(1, UUID.class));
            }
            return used;
        });
    }

    MovementPage movements(Sku sku, @Nullable Location location, int limit, @Nullable String cursor) {
        if (limit < 1 || limit > MovementPage.LIMIT_MAX) {
            throw new IllegalArgumentException("limit must be 1 to " + MovementPage.LIMIT_MAX);
        }
        var last = cursor == null ? MovementCursor.START : MovementCursor.decode(cursor, sku, location);
        return read(
                MOVEMENTS,
                select -> {
                    new Parameters(select).time(last.at());
                    select.setLong(2, last.stockId());
                    select.setLong(3, last.version());
                    select.setInt(4, limit + 1);
                    select.setString(5, sku.value());
                    select.setString(6, location == null ? null : location.value());
                    select.setInt(7, limit + 1);
                },
                rows -> {
                    var page = new ArrayList<Movement>(limit);
                    var shown = last;
                    while (rows.next()) {
                        if (page.size() == limit) {
                            return new MovementPage(page, shown.encode(sku, location));
                        }
                        page.add(Store.movement(rows));
                        shown = new MovementCursor(Store.instant(rows, 13), rows.getLong(1), rows.getLong(2));
                    }
                    return new MovementPage(page, null);
                });
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

    static EngineFailure unavailable(SQLException e) {
        return new EngineFailure.Unavailable("the database could not be read", e);
    }
}
