package dev.holdfast.engine;

import dev.holdfast.engine.lease.LeaseHint;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Decides about stock on one PostgreSQL schema. Safe for any number of threads; any number of engines, in any number of
 * processes, may share the schema.
 *
 * <p>Guarantees. No more units are ever promised than there are. Nobody is told "yes" before the database has made it durable.
 * A command with the same key and the same content takes effect at most once. A hold takes all of its lines or none. When an
 * {@link EngineFailure} is thrown the command may have had its effect (lost connection at commit); the same command with the
 * same key then gets the right answer.
 */
public final class StockEngine implements AutoCloseable {
    /** Bounds and intervals: {@link #DEFAULT}, or that with something else. Immutable. */
    public static final class Options {
        /** 16,384 waiting commands are about 0.3 s of work at 60,000/s; 1,024 a batch keep row locks below about 10 ms. */
        public static final Options DEFAULT = new Options();

        private int queueMax = 16_384;
        private int batchMax = 1_024;
        private Duration databaseWait = Duration.ofSeconds(5);
        private Duration sweepInterval = Duration.ofMillis(250);
        private Duration keyRetention = Duration.ofDays(3);
        private boolean migrate = true;
        private WritePath writePath = WritePath.LANE;
        private int connections = 16;
        private Keep keep = Keep.FOREVER;
        private boolean gate = true;

        private Options() {}

        private Options(Options other) {
            queueMax = other.queueMax;
            batchMax = other.batchMax;
            databaseWait = other.databaseWait;
            sweepInterval = other.sweepInterval;
            keyRetention = other.keyRetention;
            migrate = other.migrate;
            writePath = other.writePath;
            connections = other.connections;
            keep = other.keep;
            gate = other.gate;
        }

        private Options with(Consumer<Options> change) {
            var changed = new Options(this);
            change.accept(changed);
            changed.check();
            return changed;
        }

        private void check() {
            if (queueMax < 1 || batchMax < 1 || connections < 1 || !sweepInterval.isPositive()) {
                throw new IllegalArgumentException(
                        "queueMax, batchMax, connections and sweepInterval must be positive");
            }
            if (databaseWait.isNegative() || keyRetention.compareTo(Duration.ofDays(1)) < 0) {
                throw new IllegalArgumentException("databaseWait must not be negative, keyRetention at least a day");
            }
            // An answer given again is made of the hold, or of movements.
            if (isShorter(keep.holds, keyRetention) || isShorter(keep.ledger, keyRetention.plusDays(1))) {
                throw new IllegalArgumentException(
                        "holds must be kept at least as long as keys, the ledger a day longer than keys");
            }
        }

        private static boolean isShorter(@Nullable Duration time, Duration other) {
            return time != null && time.compareTo(other) < 0;
        }

        /** Commands that may wait; more are {@link EngineFailure.Overloaded}. */
        public Options withQueueMax(int commands) {
            return with(options -> options.queueMax = commands);
        }

        /** Commands that a lane decides in one transaction; a larger list handed in together stays together. */
        public Options withBatchMax(int commands) {
            return with(options -> options.batchMax = commands);
        }

        /** How long a command waits for a lost database before it fails. */
        public Options withDatabaseWait(Duration wait) {
            return with(options -> options.databaseWait = wait);
        }

        /** How often holds past their deadline are looked for; a request for their units does not wait for it. */
        public Options withSweepInterval(Duration interval) {
            return with(options -> options.sweepInterval = interval);
        }

        /** How long the key of a command other than a hold is remembered. */
        public Options withKeyRetention(Duration retention) {
            return with(options -> options.keyRetention = retention);
        }

        /** Leaves the tables, and the partitions of the ledger, to somebody else. */
        public Options withoutMigration() {
            return with(options -> options.migrate = false);
        }

        /** How commands reach the database. */
        public Options withWritePath(WritePath path) {
            return with(options -> options.writePath = path);
        }

        /** Of a write path that takes one for each request; a lane takes two. */
        public Options withConnections(int count) {
            return with(options -> options.connections = count);
        }

        /** How long what is over stays in the database. */
        public Options withKeep(Keep other) {
            return with(options -> options.keep = other);
        }

        /** Whether holds and sales of what is sold out are refused before the queue; takes a connection meanwhile. */
        public Options withGate(boolean wanted) {
            return with(options -> options.gate = wanted);
        }

        int queueMax() {
            return queueMax;
        }

        int batchMax() {
            return batchMax;
        }

        Duration databaseWait() {
            return databaseWait;
        }

        Duration sweepInterval() {
            return sweepInterval;
        }

        Duration keyRetention() {
            return keyRetention;
        }

        boolean migrate() {
            return migrate;
        }

        WritePath writePath() {
            return writePath;
        }

        int connections() {
            return connections;
        }

        Keep keep() {
            return keep;
        }

        boolean gate() {
            return gate;
        }
    }

    /**
     * How long what is over stays in the database; null is for ever.
     *
     * @param holds released, expired, and confirmed and fully shipped holds, counted from their deadline. The id of a hold that is
     *     gone is unknown: its key sent again is decided as a new one
     * @param ledger months of the ledger, counted from their end in UTC. The movements of a stock then begin later; the books
     *     still balance, because what is gone is added up in {@code ledger_opening}
     * @param archive whether such a month stays as a plain table {@code ledger_archive_yyyy_mm}, to be copied away, or is dropped
     */
    public record Keep(@Nullable Duration holds, @Nullable Duration ledger, boolean archive) {
        public static final Keep FOREVER = new Keep(null, null, true);
    }

    private final DataSource dataSource;
    private final Workers workers;
    private final Guard guard;
    private final Retention retention;
    private final Sweeper sweeper;
    private final Reads reads;
    private final Invariants invariants;

    private StockEngine(
            DataSource dataSource, Options options, MeterRegistry meters, Guard guard, LeaseHint leaseHint) {
        this.dataSource = dataSource;
        var partitions = new Partitions(dataSource);
        if (options.migrate()) {
            Schema.migrate(dataSource);
            partitions.keepAhead();
        }
        reads = new Reads(dataSource);
        invariants = new Invariants(dataSource);
        this.guard = guard;
        workers = new Workers(dataSource, options, guard, meters);
        retention = new Retention(dataSource, options.keep());
        sweeper = new Sweeper(dataSource, workers, options, partitions, retention, leaseHint);
    }

    /** An engine with {@link Options#DEFAULT}. */
    public static StockEngine open(DataSource dataSource) {
        return open(dataSource, Options.DEFAULT, new SimpleMeterRegistry());
    }

    /**
     * Creates or updates the tables and starts the workers and the sweeper. The engine keeps two connections for a lane, or
     * {@link Options#connections}, one more for the gate while something is sold out, and borrows others for reads and for the sweeper; it
     * never closes the data source. A pool with less than four to spare keeps the sweeper waiting, and {@link #close} with it.
     */
    public static StockEngine open(DataSource dataSource, Options options, MeterRegistry meters) {
        return open(dataSource, options, meters, Guard.NONE, LeaseHint.NONE);
    }

    /**
     * With what may stand beside the database for speed.
     *
     * @param guard around every request; the engine closes it with itself. Not for {@link WritePath#LANE}
     * @param leaseHint for the leases of what only one node does; it stays its owner's
     */
    public static StockEngine open(
            DataSource dataSource, Options options, MeterRegistry meters, Guard guard, LeaseHint leaseHint) {
        return new StockEngine(dataSource, options, meters, guard, leaseHint);
    }

    /**
     * Decides one command and waits for the answer. Cheap on a virtual thread.
     *
     * @throws EngineFailure if there is no answer
     */
    public <O extends Outcome> O execute(Command<O> command) {
        return Workers.join(submit(command));
    }

    /**
     * {@link #execute(Command)}, and what it changes is kept with who asked for it.
     *
     * @param actor null: nobody says who he is, and nothing is kept
     */
    public <O extends Outcome> O execute(Command<O> command, @Nullable Actor actor) {
        return Workers.join(workers.submit(command, actor));
    }

    /**
     * Decides one command; the future completes after its commit, on a worker's thread: do not block in its callbacks.
     *
     * @throws EngineFailure.Overloaded at once, if the queue is full
     * @throws EngineFailure.Closed at once, if the engine is closing
     */
    public <O extends Outcome> CompletableFuture<O> submit(Command<O> command) {
        return workers.submit(command, null);
    }

    /**
     * Decides each command for itself, in this order, in one transaction if they fit: the fastest way in. A command that
     * breaks fails the whole list's future; those decided before it stay decided, and sending all again is safe.
     */
    public <O extends Outcome> CompletableFuture<List<O>> submitAll(List<? extends Command<O>> commands) {
        return workers.submitAll(commands, null);
    }

    /** {@link #submitAll} and wait. */
    public <O extends Outcome> List<O> executeAll(List<? extends Command<O>> commands) {
        return executeAll(commands, null);
    }

    /** {@link #executeAll(List)}, and what they change is kept with who asked for it, as in {@link #execute(Command, Actor)}. */
    public <O extends Outcome> List<O> executeAll(List<? extends Command<O>> commands, @Nullable Actor actor) {
        return Workers.join(workers.submitAll(commands, actor));
    }

    /** The hold as committed; one past its deadline is EXPIRED, swept or not. */
    public Optional<Hold> hold(UUID id) {
        return reads.hold(id);
    }

    /** The levels of a SKU by location; empty if it is unknown. */
    public List<Level> levels(Sku sku) {
        return reads.levels(sku);
    }

    /** What may still be promised of each SKU over all locations; unknown SKUs are left out. */
    public Map<Sku, Long> available(Collection<Sku> skus) {
        return reads.available(skus);
    }

    /** The levels of many SKUs in one look, and of when that is. */
    public Levels levels(Collection<Sku> skus) {
        return reads.levels(skus);
    }

    /**
     * Tells a listener the levels that this engine has changed, after their commit and before the answer to whoever changed them; on
     * workers' threads, several at a time, so that versions tell which is the later one: do not block. Not told: what other
     * engines commit, and holds that {@link WritePath#ATOMIC} places with one statement, which does not say what is left.
     */
    public void onCommit(Consumer<List<Level>> listener) {
        workers.commits.listen(listener);
    }

    /**
     * Which of these ids of keys a command was carried out with: sent again it gets its first answer, whatever stands in front of
     * the engine by then. One look by primary keys; a command that is being decided may be missing.
     */
    public Set<UUID> used(Collection<UUID> keys) {
        return reads.used(keys);
    }

    /**
     * The ledger of a SKU, newest first.
     *
     * @param location one location, or null for all
     * @param limit 1 to {@link MovementPage#LIMIT_MAX}
     * @param cursor the previous page's {@link MovementPage#nextCursor()}, or null for the first page
     * @throws IllegalArgumentException if the cursor is none of ours
     */
    public MovementPage movements(Sku sku, @Nullable Location location, int limit, @Nullable String cursor) {
        return reads.movements(sku, location, limit, cursor);
    }

    /**
     * Checks the books in one snapshot; reads every hold and movement, so it takes seconds on a large history. One check at a
     * time: those who ask during one share the next.
     *
     * @throws EngineFailure.TimedOut if a part of it takes longer than 20 s
     */
    public List<Invariant> invariants() {
        return invariants.check();
    }

    /**
     * {@link #invariants()} with more patience, and not shared: for who must know and has the time.
     *
     * @throws EngineFailure.TimedOut if a part of it takes longer
     */
    public List<Invariant> invariants(Duration max) {
        return new Invariants(dataSource, max).check();
    }

    /**
     * Refuses new commands, decides those that wait, then stops. Nothing accepted is lost.
     *
     * @throws IllegalStateException if called in a future's callback on a worker's thread
     */
    @Override
    public void close() {
        sweeper.close();
        retention.close();
        workers.close();
        guard.close();
    }
}
