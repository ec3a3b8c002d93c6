package dev.holdfast.engine.lease;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;

/**
 * The table {@code lease}. Each of these is one statement, committed by the server on its own: a client that is paused in
 * the middle holds no lock. Times are the database's, so clocks of nodes need not agree.
 */
final class LeaseTable {
    /**
     * Takes the lease if it is free: who finds it held only reads. Of several who find it free, each waits for the one before and
     * then sees that it is no longer. The wait ends after 250 ms: the former holder's last transaction is still open.
     * A commit that a crash could undo would give the same token twice.
     */
    private static final String ACQUIRE = """
            INSERT INTO lease AS l (name, token, holder, expires_at)
            SELECT ?, 1, ?, clock_timestamp() + ? * interval '1 microsecond'
            FROM (SELECT set_config('lock_timeout', '250ms', true) AS patience,
                         set_config('synchronous_commit', replace(current_setting('synchronous_commit'), 'off', 'on'), true)
                             AS durability) s
            WHERE s.patience <> '' AND s.durability <> ''
              AND NOT EXISTS (SELECT FROM lease WHERE name = ? AND expires_at > clock_timestamp())
            ON CONFLICT (name) DO UPDATE
            SET token = l.token + 1, holder = EXCLUDED.holder, expires_at = clock_timestamp() + ? * interval '1 microsecond'
            WHERE l.expires_at <= clock_timestamp() -- read again, now that the row is locked
            RETURNING token
            """;

    /** Not once it is over: a renewal that was long on its way must not bring back a lease that was released. */
    private static final String RENEW = """
            UPDATE lease SET expires_at = clock_timestamp() + ? * interval '1 microsecond'
            WHERE name = ? AND token = ? AND expires_at > clock_timestamp()
            """;

    private static final String RELEASE = """
            UPDATE lease SET expires_at = clock_timestamp() WHERE name = ? AND token = ? AND expires_at > clock_timestamp()
            """;

    /**
     * A key share lock: it keeps the token as it is until the transaction ends, and lets renewals pass, because the token is part of
     * a unique key and the expiry is not. A holder that sleeps in its transaction is thrown out by the server after the time
     * to live; or else nobody could take over until its machine is found dead.
     */
    static final String CHECK = """
            SELECT token = ? AND expires_at > clock_timestamp(),
                   set_config('idle_in_transaction_session_timeout',
                       CASE WHEN current_setting('idle_in_transaction_session_timeout')::interval
                                     BETWEEN interval '1 millisecond' AND t.ttl_ms * interval '1 millisecond'
                            THEN current_setting('idle_in_transaction_session_timeout') ELSE t.ttl_ms::text END, true)
            FROM lease l CROSS JOIN (SELECT ?::bigint) t(ttl_ms)
            WHERE l.name = ? FOR KEY SHARE OF l
            """;

    /** The former holder's last transaction is open (55P03), or somebody else has just made the row (23505, by its second key). */
    private static final Set<String> TAKEN = Set.of("55P03", "23505");

    private static final int ACQUIRE_TIMEOUT_MILLIS = 2_000;
    private static final int TIMEOUT_MILLIS_MIN = 100;

    private final DataSource dataSource;

    LeaseTable(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    /**
     * What the database granted.
     *
     * @param token the new one; empty if somebody else holds the lease
     * @param askedAtNanos {@link System#nanoTime} before the database read its clock
     */
    record Grant(OptionalLong token, long askedAtNanos) {}

    Grant acquire(String name, String holder, Duration ttl) throws SQLException {
        return execute(ACQUIRE, ACQUIRE_TIMEOUT_MILLIS, statement -> {
            statement.setString(1, name);
            statement.setString(2, holder);
            statement.setLong(3, micros(ttl));
            statement.setString(4, name);
            statement.setLong(5, micros(ttl));
            long askedAtNanos = System.nanoTime();
            try (var rows = statement.executeQuery()) {
                return new Grant(rows.next() ? OptionalLong.of(rows.getLong(1)) : OptionalLong.empty(), askedAtNanos);
            } catch (SQLException e) {
                if (TAKEN.contains(String.valueOf(e.getSQLState()))) {
                    return new Grant(OptionalLong.empty(), askedAtNanos);
                }
                throw e;
            }
        });
    }

    /** False if the lease is over. */
    boolean renew(Lease lease) throws SQLException {
        return execute(RENEW, timeoutMillis(lease), statement -> {
            statement.setLong(1, micros(lease.ttl()));
            statement.setString(2, lease.name());
            statement.setLong(3, lease.token());
            long askedAtNanos = System.nanoTime();
            boolean held = statement.executeUpdate() == 1;
            if (held) {
                lease.renewed(askedAtNanos);
            }
            return held;
        });
    }

    void release(Lease lease) throws SQLException {
        execute(RELEASE, timeoutMillis(lease), statement -> {
            statement.setString(1, lease.name());
            statement.setLong(2, lease.token());
            return statement.executeUpdate();
        });
    }

    private static long micros(Duration duration) {
        return TimeUnit.NANOSECONDS.toMicros(duration.toNanos());
    }

    /** An answer after the lease is over is of no use. */
    private static int timeoutMillis(Lease lease) {
        return (int) Math.max(TIMEOUT_MILLIS_MIN, TimeUnit.NANOSECONDS.toMillis(lease.remainingNanos()));
    }

    private interface Call<T> {
        T on(PreparedStatement statement) throws SQLException;
    }

    private <T> T execute(String sql, int timeoutMillis, Call<T> call) throws SQLException {
        try (var connection = dataSource.getConnection()) {
            int timeoutBefore = connection.getNetworkTimeout();
            boolean autoCommitBefore = connection.getAutoCommit();
            connection.setNetworkTimeout(Runnable::run, timeoutMillis);
            connection.setAutoCommit(true);
            try (var statement = connection.prepareStatement(sql)) {
                return call.on(statement);
            } finally {
                restore(connection, timeoutBefore, autoCommitBefore);
            }
        }
    }

    private static void restore(Connection connection, int timeoutMillis, boolean autoCommit) throws SQLException {
        if (!connection.isClosed()) { // as it is after the timeout
            connection.setNetworkTimeout(Runnable::run, timeoutMillis);
            connection.setAutoCommit(autoCommit);
        }
    }
}
