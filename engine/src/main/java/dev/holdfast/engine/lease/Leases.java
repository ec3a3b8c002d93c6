package dev.holdfast.engine.lease;

import java.sql.SQLException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets one of many nodes do a thing at a time. Safe for any number of threads; two threads of one node exclude each other like two
 * nodes, so a lease is not reentrant.
 *
 * <p>Guarantees. Each token of a name is given out once, and each is greater than the one before. A transaction that called {@link
 * Lease#check} commits only if no greater token was given out before its commit. A holder that is gone is followed by
 * another after the lease's time to live, or twice that if it went in the middle of a transaction.
 *
 * <p>Not guaranteed: that two works never run at once. A paused holder that wakes up goes on, until it checks. What it does
 * outside of the database (a mail, a call) nobody can take back; pass the token along and let the other side refuse smaller ones.
 *
 * <p>Design. The row in PostgreSQL decides and its clock alone is asked, so there is one truth for who holds a lease and for the
 * data it protects. A {@link LeaseHint} only spares the database the questions of those who wait. The row of a name is never deleted,
 * because it remembers the token: names are few and fixed, or hashed to a fixed number.
 */
public final class Leases {
    private static final Logger log = LoggerFactory.getLogger(Leases.class);

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}");

    /** A third of it is the time for a renewal, which takes about 1 ms, or 20 on a busy machine. */
    private static final Duration TTL_MIN = Duration.ofMillis(100);

    /** A dead holder's work lies idle for that long. */
    private static final Duration TTL_MAX = Duration.ofHours(24);

    private static final long PAUSE_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(5);

    /** Four questions a second of each who waits. */
    private static final long PAUSE_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(250);

    private static final int BELIEVED_MAX = 10_000;

    /**
     * Work under a lease.
     *
     * @param <T> what it returns
     * @param <X> what it throws
     */
    @FunctionalInterface
    public interface Work<T, X extends Exception> {
        /** Does it; what it writes must be in transactions that call {@link Lease#check}. */
        T run(Lease lease) throws X;
    }

    private final LeaseTable table;
    private final LeaseHint hint;

    /** For the eyes of people who look into the table. */
    private final String holder = holder();

    /** Since when the hint is taken at its word, by name. */
    private final Map<String, Long> believedSinceNanos = new ConcurrentHashMap<>();

    private Leases(DataSource dataSource, LeaseHint hint) {
        table = new LeaseTable(dataSource);
        this.hint = hint;
    }

    /**
     * Leases of a schema that {@link dev.holdfast.engine.StockEngine} has made. Nothing is opened and nothing need be closed.
     *
     * @param dataSource with a connection to spare for renewals: a pool that the work empties loses the lease
     */
    public static Leases open(DataSource dataSource) {
        return open(dataSource, LeaseHint.NONE);
    }

    /** With something that knows sooner than the database that a lease is held. */
    public static Leases open(DataSource dataSource, LeaseHint hint) {
        return new Leases(dataSource, hint);
    }

    /**
     * Does the work if nobody holds the lease.
     *
     * @param name letters, digits and {@code . _ : / -}, at most 100, beginning with a letter or digit
     * @param ttl 100 ms to 24 h: how soon somebody else may take over from a dead node; renewed while the work runs
     * @return what the work returned; empty if somebody else holds the lease and nothing was done
     * @throws LeaseFailure.Unavailable if the database cannot be asked; nothing was done
     */
    public <T, X extends Exception> Optional<T> tryWithLease(String name, Duration ttl, Work<T, X> work) throws X {
        validate(name, ttl);
        var lease = tryAcquire(name, ttl);
        return lease.isEmpty() ? Optional.empty() : Optional.of(run(lease.get(), work));
    }

    /**
     * Does the work as soon as the lease is free. Those who wait are served in no order.
     *
     * @param wait for how long to try; the last try may take 2 s more if the database does not answer
     * @throws LeaseFailure.Taken if it was not free in that time; nothing was done
     * @throws LeaseFailure.Unavailable if the database cannot be asked; nothing was done
     */
    public <T, X extends Exception> T withLease(String name, Duration ttl, Duration wait, Work<T, X> work)
            throws X, InterruptedException {
        validate(name, ttl);
        long deadlineNanos = System.nanoTime() + wait.toNanos();
        long pauseNanos = PAUSE_NANOS_MIN;
        while (true) {
            var lease = tryAcquire(name, ttl);
            if (lease.isPresent()) {
                return run(lease.get(), work);
            }
            long remainingNanos = deadlineNanos - System.nanoTime();
            if (remainingNanos <= 0) {
                throw new LeaseFailure.Taken(name);
            }
            // Half of it by chance, so that those who were refused together do not come back together.
            long spreadNanos = pauseNanos / 2 + ThreadLocalRandom.current().nextLong(pauseNanos / 2);
            TimeUnit.NANOSECONDS.sleep(Math.min(spreadNanos, remainingNanos));
            pauseNanos = Math.min(2 * pauseNanos, PAUSE_NANOS_MAX);
        }
    }

    private static void validate(String name, Duration ttl) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("not a lease's name: '" + name + "' (wanted: " + NAME + ")");
        }
        if (ttl.compareTo(TTL_MIN) < 0 || ttl.compareTo(TTL_MAX) > 0) {
            throw new IllegalArgumentException("a lease lasts 100 ms to 24 h, not " + ttl);
        }
    }

    private Optional<Lease> tryAcquire(String name, Duration ttl) {
        if (hint.seemsHeld(name) && mayBelieve(name, ttl)) {
            return Optional.empty();
        }
        believedSinceNanos.remove(name);
        try {
            var grant = table.acquire(name, holder, ttl);
            if (grant.token().isEmpty()) {
                return Optional.empty();
            }
            var lease = new Lease(name, grant.token().getAsLong(), ttl, grant.askedAtNanos());
            hint.held(name, lease.token(), ttl);
            return Optional.of(lease);
        } catch (SQLException e) {
            throw new LeaseFailure.Unavailable(name, e);
        }
    }

    /** The hint may be wrong for as long as a dead holder may keep others waiting, and no longer. */
    private boolean mayBelieve(String name, Duration ttl) {
        if (believedSinceNanos.size() >= BELIEVED_MAX) {
            believedSinceNanos.clear();
        }
        long now = System.nanoTime();
        return now - believedSinceNanos.computeIfAbsent(name, _ -> now) < ttl.toNanos();
    }

    private <T, X extends Exception> T run(Lease lease, Work<T, X> work) throws X {
        var keeper = Thread.ofVirtual().name("holdfast-lease-" + lease.name()).start(() -> keep(lease));
        try {
            return work.run(lease);
        } finally {
            lease.end();
            awaitRelease(lease, keeper);
        }
    }

    /** Not for longer than the lease would last anyway: the database may be away. */
    private static void awaitRelease(Lease lease, Thread keeper) {
        try {
            long remainingNanos = lease.isLost() ? 0 : lease.remainingNanos();
            if (remainingNanos > 0) {
                keeper.join(Duration.ofNanos(remainingNanos));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // released all the same, a moment later
        }
    }

    /** Renews in time for two more tries, then more often; gives it back at the end. */
    private void keep(Lease lease) {
        try {
            var pause = lease.ttl().dividedBy(3);
            while (!lease.awaitEnd(pause)) {
                if (lease.isLost()) {
                    return;
                }
                pause = lease.ttl().dividedBy(renew(lease) ? 3 : 20);
            }
            if (!lease.isLost()) {
                release(lease);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody knows this thread", e);
        }
    }

    private boolean renew(Lease lease) {
        try {
            if (table.renew(lease)) {
                hint.held(lease.name(), lease.token(), lease.ttl());
            } else {
                lease.lose();
                log.warn("Lease {} is over before its work is", lease);
            }
            return true;
        } catch (SQLException | RuntimeException e) { // a pool may throw what it likes; this thread must live
            log.debug("Lease {} was not renewed", lease, e);
            if (lease.isLost()) {
                log.warn("Lease {} is over before its work is, because the database is away: {}", lease, e.toString());
            }
            return false;
        }
    }

    private void release(Lease lease) {
        try {
            table.release(lease);
            hint.released(lease.name(), lease.token());
        } catch (SQLException | RuntimeException e) {
            log.debug("Lease {} was not released and runs out by itself", lease, e);
        }
    }

    private static String holder() {
        var host = System.getenv().getOrDefault("HOSTNAME", "");
        var id = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
        return "pid %d%s (%s)".formatted(ProcessHandle.current().pid(), host.isEmpty() ? "" : " on " + host, id);
    }
}
