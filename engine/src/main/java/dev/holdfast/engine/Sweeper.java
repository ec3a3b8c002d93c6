package dev.holdfast.engine;

import dev.holdfast.engine.Command.ExpireHold;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives back the units of holds past their deadline. It only finds them; the lane decides, so that any number of nodes may sweep
 * at once and the worst that happens is that a hold is found twice.
 */
final class Sweeper implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Sweeper.class);

    /** 20 deadlines × 100 holds = 2,000 commands a round, about 30 ms of the lane. */
    private static final int DEADLINES_MAX = 20;

    /** Rows remembered because they cannot be swept; 10,000 are a million holds, and 260 KB sent with each round. */
    private static final int KEPT_MAX = 10_000;

    private static final Duration KEPT_PAUSE_MIN = Duration.ofSeconds(1);
    private static final Duration KEPT_PAUSE_MAX = Duration.ofHours(1);

    private static final int FORGET_MAX = 10_000;
    private static final long FORGET_INTERVAL_NANOS = TimeUnit.MINUTES.toNanos(10);

    /** The clock is read once, so that it can be a condition on the index: a volatile one is asked for every row. */
    static final String DUE = """
            SELECT ctid::text, due_at, hold_ids FROM hold_deadline
            WHERE due_at <= (SELECT clock_timestamp())
              AND (ctid, hold_ids[1]) NOT IN (
                  SELECT address::tid, first FROM unnest(?::text[], ?::uuid[]) kept(address, first))
            ORDER BY due_at LIMIT ?
            """;

    /** Found where it was read; whether it is still the same row is told by its deadline and its first hold. */
    static final String DELETE = """
            DELETE FROM hold_deadline d
            USING unnest(?::text[], ?::bigint[], ?::uuid[]) u(address, due_us, first)
            WHERE d.ctid = u.address::tid AND d.hold_ids[1] = u.first
              AND (d.due_at = 'epoch'::timestamptz + u.due_us * interval '1 microsecond') IS TRUE
            """;

    static final String FORGET = """
            DELETE FROM idempotency_entry WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM idempotency_entry
                WHERE at < (SELECT clock_timestamp()) - ? * interval '1 second' LIMIT ?))
            """;

    private record Deadline(String address, Instant dueAt, List<UUID> holdIds) {}

    /** When a row that could not be swept is tried again, and how long it waited for that. */
    private record Retry(long atNanos, Duration pause) {
        static Retry after(Duration pause) {
            return new Retry(System.nanoTime() + pause.toNanos(), pause);
        }

        Retry next() {
            var longer = pause.multipliedBy(2);
            return after(longer.compareTo(KEPT_PAUSE_MAX) < 0 ? longer : KEPT_PAUSE_MAX);
        }

        boolean isWaiting() {
            return atNanos - System.nanoTime() > 0;
        }
    }

    private final DataSource dataSource;
    private final Workers workers;
    private final StockEngine.Options options;
    private final Retention retention;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;

    /** Rounds read past these, so that they keep no other row waiting. */
    private final Map<Deadline, Retry> kept = new Recent<>(KEPT_MAX);

    private long forgottenAtNanos = System.nanoTime() - FORGET_INTERVAL_NANOS;
    private boolean failing;

    Sweeper(DataSource dataSource, Workers workers, StockEngine.Options options, Retention retention) {
        this.dataSource = dataSource;
        this.workers = workers;
        this.options = options;
        this.retention = retention;
        thread = Thread.ofVirtual().name("holdfast-sweeper").start(this::run);
    }

    private void run() {
        try {
            boolean more = false;
            while (!closing.await(more ? 0 : options.sweepInterval().toNanos(), TimeUnit.NANOSECONDS)) {
                more = sweep();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts the sweeper", e);
        }
    }

    /** One round; true if there may be more to do at once. */
    private boolean sweep() {
        retention.turn();
        try {
            var deadlines = due();
            boolean swept = !deadlines.isEmpty() && expire(deadlines);
            if (System.nanoTime() - forgottenAtNanos > FORGET_INTERVAL_NANOS) {
                forgetKeys();
            }
            failing = false;
            return swept && deadlines.size() == DEADLINES_MAX;
        } catch (SQLException | RuntimeException e) { // a pool may throw what it likes; this thread must live
            if (!failing && closing.getCount() > 0) {
                log.warn(
                        "Sweeping failed and will be tried again; requests expire what they need themselves: {}",
                        e.toString());
            }
            failing = true;
            return false;
        }
    }

    private List<Deadline> due() throws SQLException {
        try (var connection = dataSource.getConnection();
                var select = connection.prepareStatement(DUE)) {
            var waiting = kept.entrySet().stream()
                    .filter(entry -> entry.getValue().isWaiting())
                    .map(Map.Entry::getKey)
                    .toList();
            new Parameters(select)
                    .texts(addresses(waiting))
                    .uuids(firstHolds(waiting))
                    .number(DEADLINES_MAX);
            var deadlines = new ArrayList<Deadline>();
            try (var rows = select.executeQuery()) {
                while (rows.next()) {
                    var ids = List.of((UUID[]) rows.getArray(3).getArray());
                    deadlines.add(new Deadline(rows.getString(1), Store.instant(rows, 2), ids));
                }
            }
            return deadlines;
        }
    }

    /** True if that swept a row. */
    private boolean expire(List<Deadline> deadlines) throws SQLException {
        Set<UUID> ids = new LinkedHashSet<>();
        deadlines.forEach(deadline -> ids.addAll(deadline.holdIds));
        Set<UUID> alive = new LinkedHashSet<>();
        // A hold that is not due was extended and stands in a later row, unless a clock went backwards.
        for (Outcome outcome : decide(ids, alive)) {
            if (outcome instanceof Outcome.NotDue notDue) {
                var hold = notDue.hold();
                deadlines.stream()
                        .filter(deadline -> !hold.expiresAt().isAfter(deadline.dueAt))
                        .forEach(deadline -> alive.add(hold.id()));
            }
        }
        var done = new ArrayList<Deadline>();
        for (Deadline deadline : deadlines) {
            if (deadline.holdIds.stream().noneMatch(alive::contains)) {
                kept.remove(deadline);
                done.add(deadline);
            } else {
                keep(deadline);
            }
        }
        return delete(done) > 0;
    }

    private void keep(Deadline deadline) {
        var before = kept.get(deadline);
        kept.put(deadline, before == null ? Retry.after(KEPT_PAUSE_MIN) : before.next());
        if (before == null) {
            log.warn(
                    "Holds due at {} cannot be swept; tried again after 1 s, then ever more rarely: {}",
                    deadline.dueAt,
                    deadline.holdIds);
        }
    }

    /** If one of them breaks, each for itself: its row stays, and must not keep all rows of its round, and so later ones. */
    private List<Outcome.End> decide(Set<UUID> ids, Set<UUID> broken) {
        var commands = ids.stream().map(ExpireHold::new).toList();
        try {
            return Workers.join(workers.submitAll(commands));
        } catch (EngineFailure.Refused all) {
            var outcomes = new ArrayList<Outcome.End>();
            for (ExpireHold command : commands) {
                try {
                    outcomes.add(Workers.join(workers.submit(command)));
                } catch (EngineFailure.Refused one) {
                    broken.add(command.holdId());
                }
            }
            return outcomes;
        }
    }

    private int delete(List<Deadline> deadlines) throws SQLException {
        try (var connection = dataSource.getConnection();
                var delete = connection.prepareStatement(DELETE)) {
            new Parameters(delete)
                    .texts(addresses(deadlines))
                    .longs(deadlines.stream()
                            .mapToLong(d -> BatchWriter.micros(d.dueAt))
                            .toArray())
                    .uuids(firstHolds(deadlines));
            int deleted = delete.executeUpdate();
            commit(connection);
            return deleted;
        }
    }

    private static String[] addresses(List<Deadline> deadlines) {
        return deadlines.stream().map(Deadline::address).toArray(String[]::new);
    }

    private static UUID[] firstHolds(List<Deadline> deadlines) {
        return deadlines.stream().map(deadline -> deadline.holdIds.getFirst()).toArray(UUID[]::new);
    }

    private void forgetKeys() throws SQLException {
        try (var connection = dataSource.getConnection();
                var delete = connection.prepareStatement(FORGET)) {
            new Parameters(delete)
                    .number((int) options.keyRetention().toSeconds())
                    .number(FORGET_MAX);
            if (delete.executeUpdate() < FORGET_MAX) {
                forgottenAtNanos = System.nanoTime();
            }
            commit(connection);
        }
    }

    private static void commit(Connection connection) throws SQLException {
        if (!connection.getAutoCommit()) {
            connection.commit();
        }
    }

    @Override
    public void close() {
        closing.countDown();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
