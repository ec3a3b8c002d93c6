package dev.holdfast.bench;

import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.engine.Line;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/**
 * What teams write instead of a lane: one transaction, or one statement, for each request, on the engine's own tables and with the
 * same rows written.
 */
final class RequestPaths {
    private static final String UPDATE = """
            UPDATE stock_level SET held = held + ?, version = version + 1
            WHERE id = ? AND on_hand + backorder_limit + shortfall - safety_stock - held - allocated >= ?
            RETURNING version
            """;

    private static final String INSERT_HOLD = """
            INSERT INTO hold (id, state, placed_at, expires_at, request_hash, lines)
            VALUES (?, 0, now(), now() + interval '600 seconds', 0, ARRAY[?, ?]::bigint[])
            """;

    private static final String INSERT_MOVEMENT =
            "INSERT INTO ledger (stock_id, version, kind, at, cause, held) VALUES (?, ?, 5, now(), ?, ?)";

    private static final String INSERT_DEADLINE = """
            INSERT INTO hold_deadline (stock_id, due_at, hold_ids) VALUES (?, now() + interval '600 seconds', ARRAY[?::uuid])
            """;

    private static final String ONE_STATEMENT = """
            WITH taken AS (
                UPDATE stock_level SET held = held + ?, version = version + 1
                WHERE id = ? AND on_hand + backorder_limit + shortfall - safety_stock - held - allocated >= ?
                RETURNING id, version),
            placed AS (
                INSERT INTO hold (id, state, placed_at, expires_at, request_hash, lines)
                SELECT ?, 0, now(), now() + interval '600 seconds', 0, ARRAY[id, ?] FROM taken),
            deadline AS (
                INSERT INTO hold_deadline (stock_id, due_at, hold_ids)
                SELECT id, now() + interval '600 seconds', ARRAY[?::uuid] FROM taken)
            INSERT INTO ledger (stock_id, version, kind, at, cause, held) SELECT id, version, 5, now(), ?, ? FROM taken
            """;

    private RequestPaths() {}

    /** A conditional UPDATE and the inserts, in one transaction. */
    record Transaction(HikariDataSource pool, Map<String, Long> stockIds) implements WritePath {
        @Override
        public String title() {
            return "transaction a request";
        }

        @Override
        public boolean place(UUID id, Line line) throws SQLException {
            long stockId =
                    Objects.requireNonNull(stockIds.get(line.stock().sku().value()));
            try (Connection connection = pool.getConnection()) {
                connection.setAutoCommit(false);
                long version = update(connection, stockId, line.units());
                if (version < 0) {
                    connection.rollback();
                    return false;
                }
                execute(connection, INSERT_HOLD, id, stockId, line.units());
                execute(connection, INSERT_MOVEMENT, stockId, version, id, line.units());
                execute(connection, INSERT_DEADLINE, stockId, id);
                connection.commit();
                return true;
            }
        }

        private static long update(Connection connection, long stockId, long units) throws SQLException {
            try (var update = connection.prepareStatement(UPDATE)) {
                set(update, units, stockId, units);
                try (var rows = update.executeQuery()) {
                    return rows.next() ? rows.getLong(1) : -1;
                }
            }
        }

        @Override
        public void close() {
            pool.close();
        }
    }

    /** The same in one statement: one round trip, the row locked for the shortest time. */
    record Statement(HikariDataSource pool, Map<String, Long> stockIds) implements WritePath {
        @Override
        public String title() {
            return "statement a request";
        }

        @Override
        public boolean place(UUID id, Line line) throws SQLException {
            long stockId =
                    Objects.requireNonNull(stockIds.get(line.stock().sku().value()));
            try (Connection connection = pool.getConnection()) {
                return execute(
                                connection,
                                ONE_STATEMENT,
                                line.units(),
                                stockId,
                                line.units(),
                                id,
                                line.units(),
                                id,
                                id,
                                line.units())
                        == 1;
            }
        }

        @Override
        public void close() {
            pool.close();
        }
    }

    private static int execute(Connection connection, String sql, Object... parameters) throws SQLException {
        try (var statement = connection.prepareStatement(sql)) {
            set(statement, parameters);
            return statement.executeUpdate();
        }
    }

    private static void set(PreparedStatement statement, Object... parameters) throws SQLException {
        for (int i = 0; i < parameters.length; i++) {
            statement.setObject(i + 1, parameters[i]);
        }
    }
}
