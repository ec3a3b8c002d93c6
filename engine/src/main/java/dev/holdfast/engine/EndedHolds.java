package dev.holdfast.engine;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;

/**
 * Deletes holds that ended long ago. It walks the table's pages from the first to the last, some at a time, and begins again after a
 * while: no index is needed to find them, and it does not matter whether ids are in the order of time (docs/decisions,
 * "retention walks the table").
 *
 * <p>Nobody changes a hold that is over, so it is not locked. A batch that has read one that is then deleted finds its address
 * empty and is decided again; the invariants count live holds and what is not shipped yet, none of which goes.
 */
final class EndedHolds {
    /** 64 pages of 8 kB have room for 4,500 holds of one line. */
    static final int PAGES = 64;

    /** Of one step, if its pages are quickly looked through. */
    private static final long STEP_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(20);

    /** A pass reads the whole table, so a hold stays for a twentieth longer than it must, but for a day at most. */
    private static final int PASSES = 20;

    private static final Duration PASS_INTERVAL_MAX = Duration.ofDays(1);

    /** Somebody else's long lock on a row costs these pages their turn, until the next pass. */
    private static final String PATIENCE = "SET LOCAL lock_timeout = '100ms'; SET LOCAL statement_timeout = '5s'";

    private static final String PAGE_COUNT =
            "SELECT (pg_relation_size('hold') / current_setting('block_size')::int)::int";

    static final String DELETE = """
            DELETE FROM hold
            WHERE ctid >= format('(%s,0)', ?::int)::tid AND ctid < format('(%s,0)', ?::int)::tid
              AND expires_at < (SELECT clock_timestamp()) - ?::bigint * interval '1 second'
              AND (state IN (2, 3) OR state = 1 AND parts IS NOT NULL AND NOT EXISTS (
                   SELECT FROM generate_series(1, cardinality(parts), 4) n WHERE parts[n + 3] < parts[n]))
            """;

    private final DataSource dataSource;
    private final long keepSeconds;
    private final long passNanos;
    private long passDueNanos = System.nanoTime();
    private int page;
    private int pages;

    EndedHolds(DataSource dataSource, Duration keep) {
        this.dataSource = dataSource;
        keepSeconds = keep.toSeconds();
        var interval = keep.dividedBy(PASSES);
        passNanos = (interval.compareTo(PASS_INTERVAL_MAX) < 0 ? interval : PASS_INTERVAL_MAX).toNanos();
    }

    /** The next pages, for a moment; between two passes nothing. Returns how many holds went. */
    int deleteSome() throws SQLException {
        if (page >= pages && System.nanoTime() - passDueNanos < 0) {
            return 0;
        }
        try (var connection = dataSource.getConnection()) {
            boolean autoCommitBefore = connection.getAutoCommit();
            connection.setAutoCommit(false);
            try {
                return deleteSome(connection);
            } finally {
                if (!connection.isClosed()) {
                    connection.rollback();
                    connection.setAutoCommit(autoCommitBefore);
                }
            }
        }
    }

    private int deleteSome(Connection connection) throws SQLException {
        if (page >= pages) {
            page = 0;
            pages = pages(connection);
            passDueNanos = System.nanoTime() + passNanos;
        }
        long end = System.nanoTime() + STEP_NANOS_MAX;
        int deleted = 0;
        while (page < pages && System.nanoTime() - end < 0) {
            int from = page;
            page += PAGES; // first: pages that fail wait for the next pass, and no others do
            deleted += delete(connection, from);
        }
        return deleted;
    }

    private int delete(Connection connection, int from) throws SQLException {
        try (var statement = connection.createStatement();
                var delete = connection.prepareStatement(DELETE)) {
            statement.execute(PATIENCE);
            new Parameters(delete).number(from).number(from + PAGES).object(keepSeconds);
            int deleted = delete.executeUpdate();
            connection.commit();
            return deleted;
        } catch (SQLException e) {
            if (!SqlStates.isPassing(e)) {
                throw e;
            }
            connection.rollback();
            return 0;
        }
    }

    private static int pages(Connection connection) throws SQLException {
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(PAGE_COUNT)) {
            row.next();
            return row.getInt(1);
        }
    }
}
