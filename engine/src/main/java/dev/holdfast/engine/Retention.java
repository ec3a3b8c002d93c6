package dev.holdfast.engine;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets go what is older than the engine was told to keep: a little at each {@link #turn}, on a thread of its own, and never more than
 * a tenth of the time, so that nobody waits for it. Any number of nodes may do it at once, though one is enough.
 */
final class Retention implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Retention.class);

    /** After each step it rests nine times as long: a tenth of one connection, and so of one core, at most. */
    private static final int REST_FACTOR = 9;

    private static final Duration CANCEL_INTERVAL = Duration.ofMillis(100);

    private final @Nullable EndedHolds holds;
    private final @Nullable OldMonths months;
    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile long restUntilNanos = System.nanoTime();
    private volatile @Nullable Thread step;
    private boolean failing;

    Retention(DataSource dataSource, StockEngine.Keep keep) {
        holds = keep.holds() == null ? null : new EndedHolds(dataSource, keep.holds());
        months = keep.ledger() == null ? null : new OldMonths(dataSource, keep.ledger(), keep.archive(), closing);
    }

    /** Begins the next step if it is time for one; never waits. By one thread. */
    void turn() {
        var before = step;
        boolean busy = before != null && before.isAlive();
        boolean nothing = holds == null && months == null;
        if (!nothing && !busy && System.nanoTime() - restUntilNanos >= 0) {
            step = Thread.ofVirtual().name("holdfast-retention").start(this::step);
        }
    }

    private void step() {
        long begin = System.nanoTime();
        try {
            if (months != null) {
                months.letOneGo();
            }
            if (holds != null) {
                holds.deleteSome();
            }
            failing = false;
        } catch (SQLException | RuntimeException e) { // a pool may throw what it likes; the next step must come
            if (!failing && closing.getCount() > 0) {
                log.warn("Old rows stay for now; tried again later: {}", e.toString());
            }
            failing = true;
        } finally {
            long now = System.nanoTime();
            restUntilNanos = now + REST_FACTOR * (now - begin);
        }
    }

    /** After the last {@link #turn}. What was begun and not committed is undone. */
    @Override
    public void close() {
        closing.countDown();
        var last = step;
        boolean interrupted = false;
        while (last != null && last.isAlive()) {
            try {
                if (months != null) {
                    months.cancel();
                }
                last.join(CANCEL_INTERVAL);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
