package dev.holdfast.bench;

import dev.holdfast.engine.StockEngine;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.function.Consumer;
import javax.sql.DataSource;

/**
 * Years of a shop in minutes: holds that have ended, their movements in partitions by month, keys, and levels that agree with all of
 * them, written as sets.
 *
 * <p>Half of the holds are of the hot SKU and came 40 in a batch, so that their movements are rows of 40; the others are spread
 * evenly over the other SKUs, a row for each movement. A quarter of those were confirmed and shipped, the rest released or expired.
 * Every tenth left a key of a command.
 *
 * @param holds how many have ended; a multiple of {@link #PERIOD}
 * @param skus of which the first is the hot one
 */
record History(DataSource database, long holds, long skus) {
    static final int PERIOD = 80;
    static final int MONTHS = 6;

    /** Of tables and indexes, measured; for the check of free space. */
    static final long BYTES_PER_HOLD = 420;

    private static final long BYTES_PER_SKU = 500;

    /** A statement of 400,000 holds takes some seconds: often enough to say how far it is. */
    private static final long CHUNK = 5_000L * PERIOD;

    private static final long UNITS = 1_000_000_000_000L;

    /**
     * The holds of a chunk. Of 80 in a row the first 40 are a batch of the hot SKU ({@code n} counts batches), the others are single ones
     * ({@code n} counts what happened to their SKU before). With one SKU all are hot.
     */
    private static final String CHUNK_OF_HOLDS = """
            WITH k AS MATERIALIZED (
                SELECT k, timestamptz ':start' + k * interval ':step us' AS at, k % :period < 40 AS hot,
                       CASE WHEN k % :period < 40 THEN k / :period ELSE (k / 80 * 40 + k % 80 - 40) / :others END AS n,
                       CASE WHEN k % :period < 40 THEN 1 ELSE 2 + (k / 80 * 40 + k % 80 - 40) % :others END AS stock_id
                FROM generate_series(:from::bigint, :to::bigint - 1) k),
            h AS MATERIALIZED (
                SELECT *, (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7'
                           || overlay(substr(md5(k::text), 1, 19) PLACING '8' FROM 4))::uuid AS id,
                       CASE WHEN hot THEN 2 + n % 2 WHEN n % 4 = 3 THEN 1 ELSE 2 + n % 2 END::smallint AS state,
                       2 + n / 4 * 9 + n % 4 * 2 AS version -- of a single one
                FROM k)
            """;

    private static final String HOLDS = CHUNK_OF_HOLDS + """
            INSERT INTO hold (id, state, placed_at, expires_at, request_hash, lines, parts, channel)
            SELECT id, state, at, at + interval '10 minutes', k, ARRAY[stock_id, 1], CASE state WHEN 1 THEN ARRAY[1, 0, 0, 1] END, 'web'
            FROM h ORDER BY k
            """;

    private static final String SINGLES = CHUNK_OF_HOLDS + """
            INSERT INTO ledger (stock_id, version, kind, at, cause, on_hand, held, allocated)
            SELECT h.stock_id, h.version + m.step, m.kind, h.at + m.step * interval '2 minutes', h.id, m.on_hand, m.held, m.allocated
            FROM h CROSS JOIN LATERAL (
                SELECT 0, 5::smallint, NULL::bigint, 1::bigint, NULL::bigint
                UNION ALL SELECT 1, 7, NULL, -1, NULL WHERE h.state = 2
                UNION ALL SELECT 1, 8, NULL, -1, NULL WHERE h.state = 3
                UNION ALL SELECT 1, 6, NULL, -1, 1 WHERE h.state = 1
                UNION ALL SELECT 2, 10, -1, NULL, -1 WHERE h.state = 1) m(step, kind, on_hand, held, allocated)
            WHERE NOT h.hot ORDER BY h.k, m.step
            """;

    private static final String BATCHES = CHUNK_OF_HOLDS + """
            , b AS (SELECT n, min(at) AS at, min(state) AS state, array_agg(id ORDER BY k) AS ids FROM h WHERE hot GROUP BY n)
            INSERT INTO ledger (stock_id, version, kind, at, cause, held, more_kinds, more_causes, more_held)
            SELECT 1, 2 + 80 * n + 40 * m.step, m.kind, at + m.step * interval '2 minutes', ids[1], m.held,
                   array_fill(m.kind, ARRAY[39]), ids[2:40], array_fill(m.held, ARRAY[39])
            FROM b CROSS JOIN LATERAL (VALUES (0, 5::smallint, 1::bigint), (1, (b.state + 5)::smallint, -1)) m(step, kind, held)
            ORDER BY n, m.step
            """;

    /** Of the last two days: older ones would be forgotten while others are measured. */
    private static final String KEYS = CHUNK_OF_HOLDS + """
            INSERT INTO idempotency_entry (id, request_hash, at, movements)
            SELECT gen_random_uuid(), k, now() - (:holds - k) * (interval '2 days' / :holds), ARRAY[stock_id, 1]
            FROM h WHERE k % 10 = 0 ORDER BY k
            """;

    /** With what the movements of each come to. */
    private static final String LEVELS = """
            WITH s AS (
                SELECT s, CASE WHEN s > 1 THEN (:singles + :others - s + 1) / :others ELSE 0 END AS n
                FROM generate_series(1::bigint, :skus::bigint) s)
            INSERT INTO stock_level (sku, location, on_hand, version)
            SELECT 'G-' || s, 'main', :units - n / 4, CASE s WHEN 1 THEN 1 + 2 * (:holds - :singles) ELSE 1 + n / 4 * 9 + n % 4 * 2 END
            FROM s ORDER BY s
            """;

    private static final String RECEIPTS = """
            INSERT INTO ledger (stock_id, version, kind, at, cause, on_hand)
            SELECT id, 1, 0, ':start', gen_random_uuid(), :units FROM stock_level
            """;

    /** The SKU that half of the holds are of. */
    static String hot() {
        return sku(1);
    }

    static String sku(long number) {
        return "G-" + number;
    }

    /** Empties the tables, or makes them, and fills them; says after each part what was done. */
    void fill(Consumer<String> done) throws SQLException {
        StockEngine.open(database).close(); // makes the tables
        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.execute("TRUNCATE stock_level, hold, ledger, ledger_opening, hold_deadline, idempotency_entry"
                    + " RESTART IDENTITY");
            months(statement);
            statement.execute(filled(LEVELS, 0));
            statement.execute(filled(RECEIPTS, 0));
            for (long from = 0; from < holds; from += CHUNK) {
                statement.execute(filled(HOLDS, from));
                statement.execute(filled(SINGLES, from));
                statement.execute(filled(BATCHES, from));
                statement.execute(filled(KEYS, from));
                done.accept("%,d holds".formatted(Math.min(holds, from + CHUNK)));
            }
            settle(connection);
        }
    }

    private static void months(Statement statement) throws SQLException {
        for (var month = first(); !month.isAfter(YearMonth.now(ZoneOffset.UTC)); month = month.plusMonths(1)) {
            statement.execute(String.format(
                    Locale.ROOT,
                    "CREATE TABLE IF NOT EXISTS ledger_%04d_%02d PARTITION OF ledger"
                            + " FOR VALUES FROM ('%s-01 00:00+00') TO ('%s-01 00:00+00')",
                    month.getYear(),
                    month.getMonthValue(),
                    month,
                    month.plusMonths(1)));
        }
    }

    /** What the database would do at some time anyway, and then in the middle of a measurement. */
    private static void settle(Connection connection) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute("VACUUM (ANALYZE) stock_level, hold, ledger, hold_deadline, idempotency_entry");
        }
    }

    private static YearMonth first() {
        return YearMonth.now(ZoneOffset.UTC).minusMonths(MONTHS);
    }

    private String filled(String sql, long from) {
        var start = first().atDay(1);
        long micros = LocalDate.now(ZoneOffset.UTC).minusDays(1).toEpochDay() - start.toEpochDay();
        micros *= 86_400_000_000L;
        long singles = skus == 1 ? 0 : holds / 2;
        return sql.replace(":start", start + " 00:00+00")
                .replace(":step", Long.toString(micros / Math.max(1, holds)))
                .replace(":period", skus == 1 ? "40" : "80")
                .replace(":others", Long.toString(Math.max(1, skus - 1)))
                .replace(":from", Long.toString(from))
                .replace(":to", Long.toString(Math.min(holds, from + CHUNK)))
                .replace(":singles", Long.toString(singles))
                .replace(":holds", Long.toString(holds))
                .replace(":skus", Long.toString(skus))
                .replace(":units", Long.toString(UNITS));
    }

    long bytesNeeded() {
        return holds * BYTES_PER_HOLD + skus * BYTES_PER_SKU;
    }

    /** Of all tables and indexes. */
    long bytes() throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery("""
                        SELECT coalesce(sum(pg_total_relation_size(oid)), 0) FROM pg_class
                        WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
                        """)) {
            row.next();
            return row.getLong(1);
        }
    }
}
