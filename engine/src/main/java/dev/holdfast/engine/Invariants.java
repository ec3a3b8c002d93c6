package dev.holdfast.engine;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;

/** What must be true of the books at every moment, each as a query for the rows that break it. */
final class Invariants {
    /** Less than the 30 s after which a server takes a silent database for lost: ended there, not left running. */
    private static final Duration STATEMENT_MAX = Duration.ofSeconds(20);

    private static final String LEDGER_SUMS = """
            (SELECT stock_id, sum(movements) AS movements, max(version) AS version, sum(on_hand) AS on_hand,
                    sum(held) AS held, sum(allocated) AS allocated, sum(shortfall) AS shortfall
             FROM (SELECT stock_id, count(*) AS movements, max(version) AS version,
                          sum(coalesce(on_hand, 0)) AS on_hand, sum(coalesce(held, 0)) AS held,
                          sum(coalesce(allocated, 0)) AS allocated, sum(coalesce(shortfall, 0)) AS shortfall
                   FROM movement GROUP BY stock_id
                   UNION ALL
                   SELECT stock_id, version, version, on_hand, held, allocated, shortfall FROM ledger_opening) parts
             GROUP BY stock_id)
            """;

    private static final Map<String, String> QUERIES = new LinkedHashMap<>();

    static {
        QUERIES.put("promises-are-covered", """
                SELECT format('%s@%s: held %s + allocated %s > on hand %s + backorder limit %s + shortfall %s',
                              sku, location, held, allocated, on_hand, backorder_limit, shortfall)
                FROM stock_level
                WHERE held + allocated > on_hand + backorder_limit + shortfall
                   OR least(on_hand, held, allocated, safety_stock, backorder_limit, shortfall) < 0
                """);
        QUERIES.put(
                "ledger-is-gapless",
                "SELECT format('%s@%s: version %s, %s movements, the last is %s', l.sku, l.location,"
                        + " l.version, coalesce(m.movements, 0), m.version) FROM stock_level l LEFT JOIN " + LEDGER_SUMS
                        + """
                m ON m.stock_id = l.id
                WHERE l.version <> coalesce(m.movements, 0) OR l.version <> coalesce(m.version, 0)
                """);
        QUERIES.put(
                "ledger-sums-to-levels",
                "SELECT format('%s@%s: on hand %s/%s, held %s/%s, allocated %s/%s, shortfall %s/%s"
                        + " (level/ledger)', l.sku, l.location, l.on_hand, m.on_hand, l.held, m.held, l.allocated, m.allocated,"
                        + " l.shortfall, m.shortfall) FROM stock_level l LEFT JOIN " + LEDGER_SUMS + """
                m ON m.stock_id = l.id
                WHERE (l.on_hand, l.held, l.allocated, l.shortfall)
                      <> (coalesce(m.on_hand, 0), coalesce(m.held, 0), coalesce(m.allocated, 0), coalesce(m.shortfall, 0))
                """);
        QUERIES.put("held-is-live-holds", """
                SELECT format('%s@%s: held %s, live holds %s', l.sku, l.location, l.held, coalesce(h.units, 0))
                FROM stock_level l
                LEFT JOIN (SELECT stock_id, sum(held) AS units FROM hold_line WHERE state = 0 GROUP BY stock_id) h
                    ON h.stock_id = l.id
                WHERE l.held <> coalesce(h.units, 0)
                """);
        QUERIES.put("allocated-is-confirmed-holds", """
                SELECT format('%s@%s: allocated %s, confirmed and not shipped %s', l.sku, l.location, l.allocated,
                              coalesce(h.units, 0))
                FROM stock_level l
                LEFT JOIN (SELECT stock_id, sum(confirmed - shipped) AS units FROM hold_line WHERE state IN (0, 1) GROUP BY stock_id) h
                    ON h.stock_id = l.id
                WHERE l.allocated <> coalesce(h.units, 0)
                """);
        // Two sorted lists, whatever the statistics say: looked up one by one, 4.5 million holds took four minutes.
        QUERIES.put("every-live-hold-has-a-deadline", """
                SELECT format('hold %s expires at %s and nobody would notice', hold_id, expires_at)
                FROM (SELECT hold_id, stock_id, expires_at FROM hold_line WHERE state = 0
                      EXCEPT ALL
                      SELECT u.id, d.stock_id, d.due_at FROM hold_deadline d CROSS JOIN LATERAL unnest(d.hold_ids) u(id)) h
                """);
    }

    private final DataSource dataSource;
    private final Duration statementMax;
    private final AtomicReference<FutureTask<List<Invariant>>> next = new AtomicReference<>(newTask());
    private final Lock one = new ReentrantLock();

    Invariants(DataSource dataSource) {
        this(dataSource, STATEMENT_MAX);
    }

    Invariants(DataSource dataSource, Duration statementMax) {
        this.dataSource = dataSource;
        this.statementMax = statementMax;
    }

    /**
     * Checks all of them in one snapshot, so that work going on meanwhile cannot look like a violation. One check at a time: those
     * who ask during one share the next, which sees all that was committed when they asked.
     */
    List<Invariant> check() {
        var mine = next.get();
        one.lock();
        try {
            next.compareAndSet(mine, newTask()); // it begins, so whoever asks from now on needs another
            mine.run(); // nothing, if one of those who share it was first
        } finally {
            one.unlock();
        }
        if (mine.state() == Future.State.FAILED) {
            throw (RuntimeException) mine.exceptionNow();
        }
        return mine.resultNow();
    }

    private FutureTask<List<Invariant>> newTask() {
        return new FutureTask<>(this::checkNow);
    }

    private List<Invariant> checkNow() {
        try (var connection = dataSource.getConnection()) {
            return check(connection);
        } catch (SQLException e) {
            throw SqlStates.hasWaited(e) ? new EngineFailure.TimedOut(statementMax, e) : Reads.unavailable(e);
        }
    }

    private List<Invariant> check(Connection connection) throws SQLException {
        boolean autoCommit = connection.getAutoCommit();
        connection.setAutoCommit(false);
        try (var statement = connection.createStatement()) {
            statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
            statement.execute("SET LOCAL statement_timeout = " + statementMax.toMillis());
            // Before the snapshot: a month that leaves the ledger is gone at once, for old snapshots too, and its sums
            // are not.
            statement.execute("LOCK TABLE ONLY ledger IN ACCESS SHARE MODE");
            var invariants = new ArrayList<Invariant>();
            for (var query : QUERIES.entrySet()) {
                var violations = new ArrayList<String>();
                try (var rows = statement.executeQuery(query.getValue() + " LIMIT " + Invariant.VIOLATIONS_MAX)) {
                    while (rows.next()) {
                        violations.add(rows.getString(1));
                    }
                }
                invariants.add(new Invariant(query.getKey(), violations));
            }
            return invariants;
        } finally {
            connection.rollback();
            connection.setAutoCommit(autoCommit);
        }
    }
}
