package dev.holdfast.engine;

import dev.holdfast.engine.Command.ExpireHold;
import dev.holdfast.engine.lease.Lease;
import dev.holdfast.engine.lease.LeaseFailure;
import dev.holdfast.engine.lease.LeaseHint;
import dev.holdfast.engine.lease.Leases;
import java.sql.Connection;
import java.sql.PreparedStatement;
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
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives back the units of holds past their deadline. It only finds them; the lane decides, and a request for their units does
 * not wait for it: a sweeper that is late harms nobody.
 *
 * <p>One node sweeps, under the lease {@code sweeper}, so that two do not look for the same rows and delete them in each
 * other's way; when it dies another one does. It takes the lease once and keeps it.
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

    private static final String LEASE = "sweeper";

    /** For so long nothing is swept when a node dies; its renewals are one small update each third of that. */
    private static final Duration LEASE_TTL_MAX = Duration.ofSeconds(5);

    private static final Duration LEASE_TTL_MIN = Duration.ofSeconds(1);

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
    private final Partitions partitions;
    private final Leases leases;
    private final Duration leaseTtl;
    private final Retention retention;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;

    /** Rounds read past these, so that they keep no other row waiting. */
    private final Map<Deadline, Retry> kept = new Recent<>(KEPT_MAX);

    private long forgottenAtNanos = System.nanoTime() - FORGET_INTERVAL_NANOS;
    private boolean failing;

    Sweeper(
            DataSource dataSource,
            Workers workers,
            StockEngine.Options options,
            Partitions partitions,
            Retention retention,
            LeaseHint leaseHint) {
        this.dataSource = dataSource;
        this.workers = workers;
        this.options = options;
        this.partitions = partitions;
        this.retention = retention;
        leases = Leases.open(dataSource, leaseHint);
        leaseTtl = leaseTtl(options.sweepInterval());
        thread = Thread.ofVirtual().name("holdfast-sweeper").start(this::run);
    }

    /** 20 rounds: who sweeps more often wants to be followed sooner. */
    static Duration leaseTtl(Duration sweepInterval) {
        var ttl = sweepInterval.compareTo(LEASE_TTL_MAX) < 0 ? sweepInterval.multipliedBy(20) : LEASE_TTL_MAX;
        return ttl.compareTo(LEASE_TTL_MIN) < 0
                ? LEASE_TTL_MIN
                : ttl.compareTo(LEASE_TTL_MAX) > 0 ? LEASE_TTL_MAX : ttl;
    }

    private void run() {
        try {
            do {
                try {
                    leases.tryWithLease(LEASE, leaseTtl, this::sweepWhileHeld);
                } catch (RuntimeException e) {
                    failed(e);
                }
                // Spread, so that of many nodes that wait not all ask at once.
            } while (!closing.await(
                    leaseTtl.toNanos() / 4 + ThreadLocalRandom.current().nextLong(leaseTtl.toNanos() / 2),
                    TimeUnit.NANOSECONDS));
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts the sweeper", e);
        }
    }

    /** True if the engine is closing. */
    private boolean sweepWhileHeld(Lease lease) throws InterruptedException {
        boolean more = false;
        while (!closing.await(more ? 0 : options.sweepInterval().toNanos(), TimeUnit.NANOSECONDS)) {
            if (lease.isLost()) {
                return false;
            }
            more = sweep(lease);
        }
        return true;
    }

    /** One round; true if there may be more to do at once. */
    private boolean sweep(Lease lease) {
        retention.turn();
        try {
            var deadlines = due();
            boolean swept = !deadlines.isEmpty() && expire(lease, deadlines);
            if (System.nanoTime() - forgottenAtNanos > FORGET_INTERVAL_NANOS) {
                forgetKeys(lease);
            }
            if (options.migrate()) {
                partitions.keepAhead();
            }
            failing = false;
            return swept && deadlines.size() == DEADLINES_MAX;
        } catch (LeaseFailure.Lost e) {
            log.info("Another node sweeps from now on: {}", e.getMessage());
            return false;
        } catch (SQLException | RuntimeException e) { // a pool may throw what it likes; this thread must live
            failed(e);
            return false;
        }
    }

    private void failed(Exception e) {
        if (!failing && closing.getCount() > 0) {
            log.warn(
                    "Sweeping failed and will be tried again; requests expire what they need themselves: {}",
                    e.toString());
        }
        failing = true;
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
    private boolean expire(Lease lease, List<Deadline> deadlines) throws SQLException {
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
        return delete(lease, done) > 0;
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
            return Workers.join(workers.submitAll(commands, null));
        } catch (EngineFailure.Refused all) {
            var outcomes = new ArrayList<Outcome.End>();
            for (ExpireHold command : commands) {
                try {
                    outcomes.add(Workers.join(workers.submit(command, null)));
                } catch (EngineFailure.Refused one) {
                    broken.add(command.holdId());
                }
            }
            return outcomes;
        }
    }

    private int delete(Lease lease, List<Deadline> deadlines) throws SQLException {
        return underLease(lease, DELETE, delete -> {
            new Parameters(delete)
                    .texts(addresses(deadlines))
                    .longs(deadlines.stream()
                            .mapToLong(d -> BatchWriter.micros(d.dueAt))
                            .toArray())
                    .uuids(firstHolds(deadlines));
            return delete.executeUpdate();
        });
    }

    private static String[] addresses(List<Deadline> deadlines) {
        return deadlines.stream().map(Deadline::address).toArray(String[]::new);
    }

    private static UUID[] firstHolds(List<Deadline> deadlines) {
        return deadlines.stream().map(deadline -> deadline.holdIds.getFirst()).toArray(UUID[]::new);
    }

    private void forgetKeys(Lease lease) throws SQLException {
        int forgotten = underLease(lease, FORGET, delete -> {
            new Parameters(delete)
                    .number((int) options.keyRetention().toSeconds())
                    .number(FORGET_MAX);
            return delete.executeUpdate();
        });
        if (forgotten < FORGET_MAX) {
            forgottenAtNanos = System.nanoTime();
        }
    }

    private interface Write {
        int run(PreparedStatement statement) throws SQLException;
    }

    /** In one transaction with the lease's check: whoever sweeps next comes after it. */
    private int underLease(Lease lease, String sql, Write write) throws SQLException {
        try (var connection = dataSource.getConnection()) {
            boolean autoCommitBefore = connection.getAutoCommit();
            connection.setAutoCommit(false);
            try (var statement = connection.prepareStatement(sql)) {
                lease.check(connection);
                int rows = write.run(statement);
                connection.commit();
                return rows;
            } catch (SQLException | RuntimeException e) {
                rollback(connection);
                throw e;
            } finally {
                if (!connection.isClosed()) {
                    connection.setAutoCommit(autoCommitBefore);
                }
            }
        }
    }

    private static void rollback(Connection connection) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            log.debug("The transaction ended with its connection", e);
        }
    }

    @Override
    public void close() {
        closing.countDown();
        Threads.join(thread);
    }
}
