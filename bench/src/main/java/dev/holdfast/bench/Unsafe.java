package dev.holdfast.bench;

import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.engine.Line;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;

/**
 * The negative control: reads what is available, subtracts in the program, writes the result. In one transaction, as most write
 * it, which helps nothing: two that read the same number both sell it. A run in which this one oversells nothing proves nothing.
 */
record Unsafe(HikariDataSource pool) implements Contender {
    static final String TABLES = """
            CREATE TABLE unsafe_stock (sku text PRIMARY KEY, units bigint NOT NULL, available bigint NOT NULL)
                WITH (fillfactor = 50);
            CREATE TABLE unsafe_hold (id uuid, sku text, units bigint NOT NULL, PRIMARY KEY (id, sku))
            """;

    @Override
    public boolean place(UUID id, List<Line> lines) throws SQLException {
        // In one order, so that carts at least do not deadlock: one defect is enough.
        var ordered = lines.stream()
                .sorted(Comparator.comparing(line -> line.stock().sku().value()))
                .toList();
        try (var connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            for (var line : ordered) {
                if (!take(connection, id, line)) {
                    connection.rollback();
                    return false;
                }
            }
            connection.commit();
            return true;
        }
    }

    private static boolean take(Connection connection, UUID id, Line line) throws SQLException {
        var sku = line.stock().sku().value();
        long available = available(connection, sku);
        if (available < line.units()) {
            return false;
        }
        try (var update = connection.prepareStatement("UPDATE unsafe_stock SET available = ? WHERE sku = ?");
                var insert = connection.prepareStatement("INSERT INTO unsafe_hold (id, sku, units) VALUES (?, ?, ?)")) {
            update.setLong(1, available - line.units());
            update.setString(2, sku);
            update.executeUpdate();
            insert.setObject(1, id);
            insert.setString(2, sku);
            insert.setLong(3, line.units());
            insert.executeUpdate();
        }
        return true;
    }

    private static long available(Connection connection, String sku) throws SQLException {
        try (var select = connection.prepareStatement("SELECT available FROM unsafe_stock WHERE sku = ?")) {
            select.setString(1, sku);
            try (var row = select.executeQuery()) {
                if (!row.next()) {
                    throw new IllegalStateException("unknown SKU " + sku);
                }
                return row.getLong(1);
            }
        }
    }

    @Override
    public long retries() {
        return 0; // it never notices
    }

    @Override
    public void close() {
        pool.close();
    }
}
