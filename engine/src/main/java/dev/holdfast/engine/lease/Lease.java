package dev.holdfast.engine.lease;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A lease while it is held: renewed in the background until the work is done. Safe for any number of threads.
 *
 * <p>Nobody interrupts the work when the lease is lost: an interrupt in the middle of a query breaks its connection, and one in the
 * middle of a commit hides whether it happened. Long work asks {@link #isLost} between its steps so as not to work in
 * vain; that no step does harm is the doing of {@link #check}.
 */
public final class Lease {
    private final String name;
    private final long token;
    private final Duration ttl;
    private final CountDownLatch ended = new CountDownLatch(1);

    /** By this node's monotonic clock, a tenth earlier than by the database's: clocks do not tick alike, and answers take time. */
    private long overAtNanos;

    private boolean lost;

    Lease(String name, long token, Duration ttl, long askedAtNanos) {
        this.name = name;
        this.token = token;
        this.ttl = ttl;
        overAtNanos = overAt(askedAtNanos);
    }

    private long overAt(long askedAtNanos) {
        return askedAtNanos + ttl.toNanos() / 10 * 9;
    }

    public String name() {
        return name;
    }

    /** The fencing token: greater than that of every former holder of this name, for as long as the database lives. */
    public long token() {
        return token;
    }

    /**
     * Whether it is known that the lease is over; once true, true for ever. False is a matter of opinion: this thread may
     * be paused right after it has asked. Good for giving up early, never for deciding to write.
     */
    public synchronized boolean isLost() {
        lost = lost || remainingNanos() <= 0;
        return lost;
    }

    /**
     * Makes sure, in the caller's transaction, that the lease is still held, and that it stays so until that transaction ends. If
     * it commits, then no greater token was given out before its commit: the next holder's acquisition waits for the row lock
     * that this takes, and so comes after everything the transaction wrote.
     *
     * <p>Call it before the first write, and not below a savepoint that may be rolled back: that would give up the lock. The
     * transaction must not be idle for longer than the lease's time to live, or the server ends it.
     *
     * @param connection in a transaction, on the database and schema of the {@link Leases}
     * @throws LeaseFailure.Lost if it is over; the caller rolls back
     * @throws IllegalStateException if the connection is in auto-commit, where the lock would be gone at once
     */
    public void check(Connection connection) throws SQLException {
        if (connection.getAutoCommit()) {
            throw new IllegalStateException(
                    "a lease is checked in the transaction that it protects, not in auto-commit");
        }
        if (isLost() || !isHeld(connection)) {
            lose();
            throw new LeaseFailure.Lost(this);
        }
    }

    private boolean isHeld(Connection connection) throws SQLException {
        try (var select = connection.prepareStatement(LeaseTable.CHECK)) {
            select.setLong(1, token);
            select.setLong(2, ttl.toMillis());
            select.setString(3, name);
            try (var rows = select.executeQuery()) {
                return rows.next() && rows.getBoolean(1);
            }
        }
    }

    Duration ttl() {
        return ttl;
    }

    synchronized long remainingNanos() {
        return overAtNanos - System.nanoTime();
    }

    /** An answer that comes too late changes nothing: somebody may have been told that the lease is lost. */
    synchronized void renewed(long askedAtNanos) {
        if (!isLost()) {
            overAtNanos = overAt(askedAtNanos);
        }
    }

    synchronized void lose() {
        lost = true;
    }

    /** The work is done. */
    void end() {
        ended.countDown();
    }

    boolean awaitEnd(Duration wait) throws InterruptedException {
        return ended.await(wait.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public String toString() {
        return name + "#" + token;
    }
}
