package dev.holdfast.engine;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a partition of the ledger for this month and the next two, by the database's clock in UTC: {@code ledger_yyyy_mm}. Any number of
 * nodes may do it at once. Nothing depends on it: a row without a month goes to {@code ledger_other}.
 *
 * <p>A partition is attached, not created in place: that would lock the whole ledger against everybody, while this locks only {@code
 * ledger_other}, which is mostly empty. Whoever reads the ledger waits for that; who writes to a month that has its partition does not.
 */
final class Partitions {
    private static final Logger log = LoggerFactory.getLogger(Partitions.class);

    private static final int MONTHS_AHEAD = 2;

    /** Moved in one transaction, in about 0.5 s; a month with more stays where it is, and the next one begins afresh. */
    static final int MOVE_MAX = 100_000;

    private static final int TRIES_MAX = 10;

    /** 10 tries of 0.2 s: readers queue behind a lock that is waited for, so not for long, and rather again. */
    private static final String PATIENCE = "SET LOCAL lock_timeout = '200ms'; SET LOCAL statement_timeout = '2s'";

    private static final long PAUSE_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long INTERVAL_NANOS = TimeUnit.DAYS.toNanos(1);
    private static final long RETRY_NANOS = TimeUnit.MINUTES.toNanos(10);

    private static final String MONTH = "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM')";

    private static final String EXISTING = """
            SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'ledger'::regclass
            """;

    private final DataSource dataSource;
    private long dueAtNanos = System.nanoTime();

    Partitions(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    /** Creates what is missing, if it is time to look: once a day, or ten minutes after it went wrong. */
    void keepAhead() {
        if (System.nanoTime() - dueAtNanos >= 0) {
            dueAtNanos = System.nanoTime() + (createMissing() ? INTERVAL_NANOS : RETRY_NANOS);
        }
    }

    /** True if all are there now. */
    boolean createMissing() {
        for (int tries = 1; ; tries++) {
            try (var connection = dataSource.getConnection()) {
                createMissing(connection);
                return true;
            } catch (SQLException e) {
                if (tries == TRIES_MAX || SqlStates.isLost(e) || !SqlStates.isPassing(e)) {
                    log.warn("No new partition of the ledger for now; its rows go to ledger_other: {}", e.getMessage());
                    return false;
                }
                LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(PAUSE_NANOS_MAX));
            }
        }
    }

    private static void createMissing(Connection connection) throws SQLException {
        boolean autoCommitBefore = connection.getAutoCommit();
        connection.setAutoCommit(false);
        try (var statement = connection.createStatement()) {
            for (YearMonth month : missing(statement)) {
                statement.execute(PATIENCE);
                create(statement, month);
                connection.commit();
            }
            connection.rollback(); // ends the transaction of a look that found nothing to do
        } catch (SQLException e) {
            if (!connection.isClosed()) {
                connection.rollback();
            }
            throw e;
        } finally {
            if (!connection.isClosed()) {
                connection.setAutoCommit(autoCommitBefore);
            }
        }
    }

    private static List<YearMonth> missing(Statement statement) throws SQLException {
        var existing = existing(statement);
        try (var rows = statement.executeQuery(MONTH)) {
            rows.next();
            var month = YearMonth.parse(rows.getString(1));
            var missing = new ArrayList<YearMonth>();
            for (int ahead = 0; ahead <= MONTHS_AHEAD; ahead++) {
                if (!existing.contains(name(month.plusMonths(ahead)))) {
                    missing.add(month.plusMonths(ahead));
                }
            }
            return missing;
        }
    }

    private static Set<String> existing(Statement statement) throws SQLException {
        try (var rows = statement.executeQuery(EXISTING)) {
            var names = new HashSet<String>();
            while (rows.next()) {
                names.add(rows.getString(1));
            }
            return names;
        }
    }

    private static void create(Statement statement, YearMonth month) throws SQLException {
        statement.execute("LOCK TABLE ONLY ledger IN SHARE UPDATE EXCLUSIVE MODE"); // one node after the other
        if (existing(statement).contains(name(month)) || tooManyToMove(statement, month)) {
            return;
        }
        statement.execute("CREATE TABLE %s (LIKE ledger INCLUDING ALL)".formatted(name(month)));
        statement.execute(
                "LOCK TABLE ledger_other IN ACCESS EXCLUSIVE MODE"); // at once: from a weaker one it would be a
        // deadlock
        int moved = statement.executeUpdate("""
                WITH moved AS (DELETE FROM ledger_other WHERE %s RETURNING *) INSERT INTO %s SELECT * FROM moved
                """.formatted(isIn(month), name(month)));
        statement.execute("ALTER TABLE ledger ATTACH PARTITION %s FOR VALUES FROM ('%s') TO ('%s')"
                .formatted(name(month), begin(month), begin(month.plusMonths(1))));
        log.debug("Created {}; {} rows came from ledger_other", name(month), moved);
    }

    private static boolean tooManyToMove(Statement statement, YearMonth month) throws SQLException {
        try (var rows = statement.executeQuery("SELECT count(*) FROM (SELECT FROM ledger_other WHERE %s LIMIT %d) r"
                .formatted(isIn(month), MOVE_MAX + 1))) {
            rows.next();
            boolean tooMany = rows.getInt(1) > MOVE_MAX;
            if (tooMany) {
                log.warn(
                        "ledger_other has more than {} rows of {}; they stay there, and so do this month's next ones",
                        MOVE_MAX,
                        month);
            }
            return tooMany;
        }
    }

    static String name(YearMonth month) {
        return "ledger_%04d_%02d".formatted(month.getYear(), month.getMonthValue());
    }

    private static String isIn(YearMonth month) {
        return "at >= '%s' AND at < '%s'".formatted(begin(month), begin(month.plusMonths(1)));
    }

    private static String begin(YearMonth month) {
        return month + "-01 00:00:00+00";
    }
}
