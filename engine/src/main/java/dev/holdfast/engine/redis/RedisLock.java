package dev.holdfast.engine.redis;

import dev.holdfast.engine.Command;
import dev.holdfast.engine.Command.Adjust;
import dev.holdfast.engine.Command.ConfirmHold;
import dev.holdfast.engine.Command.Count;
import dev.holdfast.engine.Command.Deallocate;
import dev.holdfast.engine.Command.ExpireHold;
import dev.holdfast.engine.Command.ExtendHold;
import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.Command.Receive;
import dev.holdfast.engine.Command.ReleaseHold;
import dev.holdfast.engine.Command.Return;
import dev.holdfast.engine.Command.Sell;
import dev.holdfast.engine.Command.SetLimits;
import dev.holdfast.engine.Command.Settle;
import dev.holdfast.engine.Command.Ship;
import dev.holdfast.engine.Command.Transfer;
import dev.holdfast.engine.Guard;
import dev.holdfast.engine.Line;
import dev.holdfast.engine.Outcome;
import dev.holdfast.engine.Sourcing;
import dev.holdfast.engine.StockKey;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Locks in Redis the stocks that a request names while the database decides it optimistically.
 *
 * <p>Guarantees: none. The lock is a courtesy that keeps writers of one stock from spoiling each other's optimistic attempts. What
 * keeps a number right is the version in its row: a writer reads it, and its UPDATE takes effect on that version only ({@code
 * version_before} in {@code Sql.UPDATE_LEVELS}), else the whole transaction is run again.
 *
 * <p>That version is the <em>fencing token</em>. It grows by one with every movement, in the transaction of the movement, and
 * whoever protects the number checks it. So a holder that was paused past its expiry and wakes up with "I have the lock" writes
 * nothing: since it read, the next holder has moved the version on. A number that Redis hands out with the lock would not do:
 * a Redis that restarts empty, or fails over to a replica that had not heard of the last ones, hands out small numbers again, and
 * then the paused holder's number is the larger one.
 *
 * <p>Hence every failure of the lock costs conflicts, nothing else, and is met by going on without it: when Redis does not answer,
 * and when the lock was not to be had for {@link #WAIT} (its holder died, or is slow). Refusing instead would turn one dead
 * process into refusals for all until the lock expires.
 *
 * <p>All stocks of a request are locked by one script, all or none, so nobody waits while holding something: no deadlock. Commands
 * that only name a hold lock nothing. The lock is released after the commit: released before, the next holder would read what the
 * commit is about to change, and lose its race as surely as without a lock.
 */
final class RedisLock implements Guard {
    /** Of a lock: longer than any transaction that goes well, and what a killed process costs the others at most. */
    static final Duration EXPIRY = Duration.ofSeconds(5);

    static final Duration WAIT = Duration.ofSeconds(2);

    /** A transaction takes 1 to 3 ms: the first look comes in the middle of it, later ones less often. */
    private static final long POLL_NANOS = 1_000_000;

    private static final long POLL_NANOS_MAX = 16_000_000;

    static final Script ACQUIRE = Script.of("acquire", """
            for i = 1, #KEYS do
              if redis.call('EXISTS', KEYS[i]) == 1 then return {0} end
            end
            for i = 1, #KEYS do redis.call('SET', KEYS[i], ARGV[1], 'PX', ARGV[2]) end
            return {1}
            """);

    /** Only what is still ours: it may have expired, and then it may be somebody else's. */
    static final Script RELEASE = Script.of("release", """
            local released = 0
            for i = 1, #KEYS do
              if redis.call('GET', KEYS[i]) == ARGV[1] then released = released + redis.call('DEL', KEYS[i]) end
            end
            return {released}
            """);

    private final Redis redis;
    private final Keys keys;
    private final RedisMetrics metrics;
    private final Duration expiry;

    RedisLock(Redis redis, Keys keys, RedisMetrics metrics, Duration expiry) {
        this.redis = redis;
        this.keys = keys;
        this.metrics = metrics;
        this.expiry = expiry;
    }

    @Override
    public List<? extends Outcome> decide(List<? extends Command<?>> commands, Database database) {
        var locks = commands.stream()
                .flatMap(command -> stocks(command).stream())
                .distinct()
                .map(keys::lock)
                .toList();
        if (locks.isEmpty()) {
            return database.decide().outcomes();
        }
        var owner = UUID.randomUUID().toString();
        boolean locked = acquire(locks, owner);
        try {
            return database.decide().outcomes();
        } finally {
            if (locked) {
                redis.call(RELEASE, locks, List.of(owner));
            }
        }
    }

    /** False if the wait was too long or there is no answer. */
    private boolean acquire(List<String> locks, String owner) {
        var arguments = List.of(owner, String.valueOf(expiry.toMillis()));
        long begun = System.nanoTime();
        for (long pause = POLL_NANOS; ; pause = Math.min(2 * pause, POLL_NANOS_MAX)) {
            var answer = redis.call(ACQUIRE, locks, arguments);
            if (answer == null) {
                redis.send(RELEASE, locks, List.of(owner)); // the call may run late, and so will this
                metrics.passed("away");
                return false;
            }
            if (answer.getFirst().equals(1L)) {
                return true;
            }
            if (System.nanoTime() - begun > WAIT.toNanos()) {
                metrics.passed("locked");
                return false;
            }
            LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(pause / 2, pause));
        }
    }

    private static List<StockKey> stocks(Command<?> command) {
        return switch (command) {
            case PlaceHold c -> stocks(c.lines(), c.sourcing());
            case Sell c -> stocks(c.lines(), c.sourcing());
            case Ship c -> stocks(c.lines());
            case Deallocate c -> stocks(c.lines());
            case Settle c -> stocks(c.lines());
            case Receive c -> List.of(c.stock());
            case Return c -> List.of(c.stock());
            case Adjust c -> List.of(c.stock());
            case Count c -> List.of(c.stock());
            case Transfer c -> List.of(c.from(), c.target());
            case SetLimits c -> List.of(c.stock());
            case ExtendHold _, ConfirmHold _, ReleaseHold _, ExpireHold _ -> List.of();
        };
    }

    private static List<StockKey> stocks(List<Line> lines, @Nullable Sourcing sourcing) {
        return sourcing == null
                ? stocks(lines)
                : Stream.concat(stocks(lines).stream(), sourcing.stocks()).toList();
    }

    private static List<StockKey> stocks(List<Line> lines) {
        return lines.stream().map(Line::stock).toList();
    }

    @Override
    public void close() {
        redis.close();
    }
}
