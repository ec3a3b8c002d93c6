package dev.holdfast.engine;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes months that are wholly older than a limit out of the ledger: {@code ledger_yyyy_mm} is dropped, or stays as the plain table
 * {@code ledger_archive_yyyy_mm}. In the same transaction what its movements add up to goes to {@code ledger_opening}, so that the books
 * balance before and after. Rows in {@code ledger_other} stay.
 *
 * <p>Adding up reads the whole month; meanwhile the month is closed to writers, of which an old month
 * has none. Only then is the whole ledger locked, for a few ms. The lane stands behind whoever waits for that lock, so it is
 * waited for in short tries only: behind a long reader they fail, and the month stays until later.
 */
final class OldMonths {
    private static final Logger log = LoggerFactory.getLogger(OldMonths.class);

    private static final long INTERVAL_NANOS = TimeUnit.HOURS.toNanos(1);
    private static final long RETRY_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** 5 tries with 0.3 s between them: the lane has long caught up when the next one makes it wait. */
    private static final int TRIES_MAX = 5;

    private static final long TRY_PAUSE_MILLIS = 300;

    /** A month whose sum takes longer stays, and says so in the log. A server that is gone is noticed a minute later. */
    private static final String SUM_PATIENCE = "SET LOCAL lock_timeout = '5s'; SET LOCAL statement_timeout = '10min'";

    private static final int NETWORK_MILLIS = 660_000;

    /** What the lane may have to wait: a batch takes 10 ms, so whoever is still in front after that is not the lane. */
    private static final String TRY_PATIENCE =
            "SET LOCAL lock_timeout = '100ms'; SET LOCAL statement_timeout = '200ms'";

    private static final String OLDEST = """
            SELECT c.relname
            FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            CROSS JOIN LATERAL regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \\(''([^'']+)''\\)') bound
            WHERE i.inhparent = 'ledger'::regclass AND c.relname ~ '^ledger_[0-9]{4}_[0-9]{2}$'
              AND bound[1]::timestamptz <= clock_timestamp() - :seconds * interval '1 second'
            ORDER BY bound[1]::timestamptz LIMIT 1
            """;

    /** An array that is null costs nothing here; asked for its sum all the same, three of four did. */
    private static final String ADD_TO_OPENING = """
            INSERT INTO ledger_opening AS o (stock_id, version, on_hand, held, allocated, shortfall)
            SELECT stock_id, sum(1 + coalesce(cardinality(more_kinds), 0)),
                   sum(coalesce(on_hand, 0) + CASE WHEN more_on_hand IS NULL THEN 0 ELSE
                       (SELECT coalesce(sum(d), 0) FROM unnest(more_on_hand) d) END),
                   sum(coalesce(held, 0) + CASE WHEN more_held IS NULL THEN 0 ELSE
                       (SELECT coalesce(sum(d), 0) FROM unnest(more_held) d) END),
                   sum(coalesce(allocated, 0) + CASE WHEN more_allocated IS NULL THEN 0 ELSE
                       (SELECT coalesce(sum(d), 0) FROM unnest(more_allocated) d) END),
                   sum(coalesce(shortfall, 0) + CASE WHEN more_shortfall IS NULL THEN 0 ELSE
                       (SELECT coalesce(sum(d), 0) FROM unnest(more_shortfall) d) END)
            FROM :month GROUP BY stock_id
            ON CONFLICT (stock_id) DO UPDATE
            SET version = o.version + excluded.version, on_hand = o.on_hand + excluded.on_hand,
                held = o.held + excluded.held, allocated = o.allocated + excluded.allocated,
                shortfall = o.shortfall + excluded.shortfall
            """;

    private final DataSource dataSource;
    private final Duration keep;
    private final boolean archive;
    private final CountDownLatch closing;
    private volatile @Nullable Statement running;
    private long dueNanos = System.nanoTime();

    /** @param closing nothing new is begun from then on */
    OldMonths(DataSource dataSource, Duration keep, boolean archive, CountDownLatch closing) {
        this.dataSource = dataSource;
        this.keep = keep;
        this.archive = archive;
        this.closing = closing;
    }

    /** The oldest month, if it is time to look; true if one went. */
    boolean letOneGo() throws SQLException {
        if (System.nanoTime() - dueNanos < 0) {
            return false;
        }
        dueNanos = System.nanoTime() + RETRY_NANOS; // unless it turns out better
        try (var connection = dataSource.getConnection()) {
            boolean autoCommitBefore = connection.getAutoCommit();
            int networkTimeoutBefore = connection.getNetworkTimeout();
            connection.setNetworkTimeout(Runnable::run, NETWORK_MILLIS);
            connection.setAutoCommit(false);
            try (var statement = connection.createStatement()) {
                running = statement;
                return letOneGo(connection, statement);
            } finally {
                running = null;
                if (!connection.isClosed()) {
                    connection.rollback();
                    connection.setAutoCommit(autoCommitBefore);
                    connection.setNetworkTimeout(Runnable::run, networkTimeoutBefore);
                }
            }
        }
    }

    private boolean letOneGo(Connection connection, Statement statement) throws SQLException {
        var month = oldest(statement);
        if (month.isEmpty()) {
            dueNanos = System.nanoTime() + INTERVAL_NANOS;
            return false;
        }
        try {
            statement.execute(SUM_PATIENCE);
            // Against a writer whose clock went back by months, and against another node that does the same.
            statement.execute("LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE".formatted(month.get()));
            if (!oldest(statement).equals(month)) {
                dueNanos = System.nanoTime();
                return false;
            }
            statement.executeUpdate(ADD_TO_OPENING.replace(":month", month.get()));
        } catch (SQLException e) {
            if (SqlStates.isGone(e)) { // another node has let it go
                dueNanos = System.nanoTime();
                return false;
            }
            throw e;
        }
        boolean gone = detach(connection, statement, month.get());
        if (gone) {
            dueNanos = System.nanoTime(); // there may be another one
        }
        return gone;
    }

    private Optional<String> oldest(Statement statement) throws SQLException {
        try (var rows = statement.executeQuery(OLDEST.replace(":seconds", Long.toString(keep.toSeconds())))) {
            return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
        }
    }

    private boolean detach(Connection connection, Statement statement, String month) throws SQLException {
        var archived = month.replace("ledger_", "ledger_archive_");
        var farewell = archive ? "ALTER TABLE %s RENAME TO %s".formatted(month, archived) : "DROP TABLE " + month;
        for (int attempt = 1; ; attempt++) {
            var begin = connection.setSavepoint();
            try {
                statement.execute(TRY_PATIENCE);
                statement.execute("ALTER TABLE ledger DETACH PARTITION " + month);
                statement.execute(farewell);
                connection.commit();
                log.info("{} left the ledger{}", month, archive ? " and is now " + archived : "");
                return true;
            } catch (SQLException e) {
                if (!SqlStates.isPassing(e)) {
                    throw e;
                }
                connection.rollback(begin);
            }
            if (attempt == TRIES_MAX || closes(TRY_PAUSE_MILLIS)) {
                log.info("{} stays in the ledger for now: somebody reads the ledger for long", month);
                return false;
            }
        }
    }

    private boolean closes(long millis) {
        try {
            return closing.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts this", e);
        }
    }

    /** Ends what runs; from another thread. */
    void cancel() {
        var statement = running;
        if (statement != null) {
            try {
                statement.cancel();
            } catch (SQLException e) {
                log.debug("already over", e);
            }
        }
    }
}
