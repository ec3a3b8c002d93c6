package dev.holdfast.engine;

import dev.holdfast.engine.Command.ExpireHold;
import dev.holdfast.engine.Store.LocksIncomplete;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The queue of one shard and the one thread that empties it. While a batch commits, what arrives forms the next one: an idle lane
 * answers at once, a busy one takes larger batches, and one commit pays for all of them. No timer.
 *
 * <p>A batch that fails is run again, because every command in it can be: its key, or the state of its hold, tells whether it had
 * its effect. So a commit whose fate is unknown needs no case of its own.
 */
final class Lane implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Lane.class);

    /** Two nodes may meet on a lock or a key; after 8 meetings in a row the caller may decide whether to go on. */
    private static final int CONFLICTS_MAX = 8;

    /** Holds past their deadline expired at a time for the sake of one request; doubled with each pass that did not help. */
    private static final int DUE_HOLDS_MAX = 1_000;

    private static final long RECONNECT_PAUSE_NANOS = 50_000_000;
    private static final int STOCK_IDS_MAX = 100_000; // about 200 bytes each: 20 MB

    /** One command of a request. */
    private record Ticket(Request<?> request, int index) {
        Command<?> command() {
            return request.commands.get(index);
        }

        long hash() {
            return request.hashes[index];
        }
    }

    private final DataSource dataSource;
    private final StockEngine.Options options;
    private final LaneMetrics metrics;
    private final Thread thread;

    private final BlockingQueue<Request<?>> queue = new LinkedBlockingQueue<>();
    private final AtomicInteger queued = new AtomicInteger();
    private final Request<Outcome> wakeUp = new Request<>(List.of());
    private volatile boolean closing;
    private volatile boolean closed;

    private final Map<StockKey, Long> stockIds = new Recent<>(STOCK_IDS_MAX);
    private final Releases releases = new Releases();
    private @Nullable Store store;

    /** What is decided while it is being committed, so that it is known if the connection is lost. */
    private List<Outcome> committing = List.of();

    private long lostSinceNanos;
    private boolean lost;

    Lane(DataSource dataSource, StockEngine.Options options, LaneMetrics metrics) {
        this.dataSource = dataSource;
        this.options = options;
        this.metrics = metrics;
        metrics.queue(queued::get);
        thread = Thread.ofPlatform().name("holdfast-lane").start(this::run);
    }

    <O extends Outcome> CompletableFuture<O> submit(Command<O> command) {
        return submitAll(List.of(command)).thenApply(List::getFirst);
    }

    <O extends Outcome> CompletableFuture<List<O>> submitAll(List<? extends Command<O>> commands) {
        if (commands.isEmpty()) {
            return CompletableFuture.completedFuture(List.of());
        }
        if (closing) {
            throw new EngineFailure.Closed();
        }
        int waiting = queued.addAndGet(commands.size());
        // An empty queue takes a list of any size, else a list longer than the bound could never be taken.
        if (waiting > options.queueMax() && waiting > commands.size()) {
            queued.addAndGet(-commands.size());
            throw new EngineFailure.Overloaded(waiting - commands.size());
        }
        var request = new Request<O>(commands);
        queue.add(request);
        if (closed) {
            failWaiting(); // the lane may have looked for the last time before we came
        }
        return request.answer;
    }

    static <T> T join(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof EngineFailure failure) {
                throw failure;
            }
            throw e;
        }
    }

    private void run() {
        while (!closing || !queue.isEmpty()) {
            var tickets = takeBatch();
            try {
                process(tickets, List.of());
            } catch (RuntimeException | Error e) {
                // Nothing above lets this happen; a caller must not wait for ever all the same.
                log.error("The lane failed and goes on", e);
                disconnect();
                failAll(tickets, new EngineFailure.Unavailable("the lane failed", e));
            }
        }
        if (store != null) {
            store.close();
        }
        closed = true;
        failWaiting();
    }

    private List<Ticket> takeBatch() {
        var tickets = new ArrayList<Ticket>();
        try {
            Request<?> request = queue.take();
            do {
                for (int i = 0; i < request.commands.size(); i++) {
                    tickets.add(new Ticket(request, i));
                }
                request = tickets.size() < options.batchMax() ? queue.poll() : null;
            } while (request != null);
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts the lane", e);
        }
        queued.addAndGet(-tickets.size());
        return tickets;
    }

    private void failWaiting() {
        for (Request<?> request = queue.poll(); request != null; request = queue.poll()) {
            queued.addAndGet(-request.commands.size());
            for (int i = 0; i < request.commands.size(); i++) {
                request.fail(new EngineFailure.Closed());
            }
        }
    }

    /**
     * Answers every ticket, one way or the other.
     *
     * @param attempted what was decided when the connection was lost at the commit; empty if that has not happened
     */
    private void process(List<Ticket> tickets, List<Outcome> attempted) {
        if (tickets.isEmpty()) {
            return;
        }
        var first = attempted;
        for (int conflicts = 0; ; ) {
            try {
                answer(tickets, decideAndCommit(tickets), first);
                lost = false;
                return;
            } catch (LocksIncomplete e) {
                rollback();
                if (++conflicts > CONFLICTS_MAX) { // no race but a hold whose stock is gone
                    isolate(tickets, e, first);
                    return;
                }
            } catch (SQLException e) {
                if (SqlStates.isLost(e)) {
                    first = first.isEmpty() ? committing : first;
                    if (!mayReconnect(e)) {
                        failAll(tickets, new EngineFailure.Unavailable("the database cannot be reached", e));
                        return;
                    }
                } else {
                    rollback();
                    if (!SqlStates.isPassing(e)) {
                        isolate(tickets, e, first);
                        return;
                    }
                    if (++conflicts > CONFLICTS_MAX || SqlStates.hasWaited(e)) {
                        failAll(tickets, new EngineFailure.Unavailable("the database is too busy", e));
                        return;
                    }
                }
            } catch (RuntimeException e) {
                rollback();
                isolate(tickets, e, first);
                return;
            }
            metrics.rerun();
        }
    }

    /** One command cannot be carried out: halve the batch until it stands alone, and fail only that one. */
    private void isolate(List<Ticket> tickets, Exception cause, List<Outcome> first) {
        if (tickets.size() == 1) {
            var command = tickets.getFirst().command();
            log.error("A command was refused by no rule of ours: {}", command, cause);
            failAll(tickets, new EngineFailure.Refused(cause));
            return;
        }
        metrics.rerun();
        int half = tickets.size() / 2;
        process(tickets.subList(0, half), first.isEmpty() ? first : first.subList(0, half));
        process(tickets.subList(half, tickets.size()), first.isEmpty() ? first : first.subList(half, tickets.size()));
    }

    private void answer(List<Ticket> tickets, List<Outcome> outcomes, List<Outcome> first) {
        for (int i = 0; i < tickets.size(); i++) {
            var ticket = tickets.get(i);
            // After a lost commit a command may meet its own traces; whether it is a replay was decided before.
            boolean maybeReplay = first.isEmpty() || Outcome.isReplayed(first.get(i));
            var outcome = maybeReplay ? outcomes.get(i) : Outcome.asFirst(outcomes.get(i));
            metrics.answered(ticket.command(), outcome);
            ticket.request().answer(ticket.index(), outcome);
        }
    }

    private static void failAll(List<Ticket> tickets, EngineFailure failure) {
        tickets.forEach(ticket -> ticket.request().fail(failure));
    }

    private List<Outcome> decideAndCommit(List<Ticket> tickets) throws SQLException, LocksIncomplete {
        var due = new LinkedHashSet<UUID>();
        for (int dueMax = DUE_HOLDS_MAX; ; dueMax *= 2) {
            long begun = System.nanoTime();
            committing = List.of();
            var store = connected();
            var batch = new Batch();
            due.forEach(id -> batch.name(new ExpireHold(id)));
            tickets.forEach(ticket -> batch.name(ticket.command()));
            identify(batch, store);
            var now = store.load(batch);
            var outcomes = decide(batch, due, tickets, now);
            var shortStocks = shortStocks(batch, outcomes);
            if (!shortStocks.isEmpty()) {
                if (addDueHolds(due, batch, shortStocks, now, store, dueMax)) {
                    store.rollback();
                    continue;
                }
                batch.reset();
                outcomes = decide(batch, due, tickets, now);
            }
            metrics.decided(tickets.size(), System.nanoTime() - begun);
            committing = outcomes;
            finish(batch, now, store);
            batch.forEachIdentified(stockIds::put);
            releases.remember(batch, shortStocks);
            return outcomes;
        }
    }

    private void finish(Batch batch, Instant now, Store store) throws SQLException {
        if (!batch.changed()) {
            store.rollback();
            return;
        }
        long begun = System.nanoTime();
        store.writeAndCommit(batch, now);
        metrics.committed(System.nanoTime() - begun);
    }

    private static List<Outcome> decide(Batch batch, Set<UUID> due, List<Ticket> tickets, Instant now) {
        for (UUID id : due) {
            batch.apply(Decider.decide(batch, new ExpireHold(id), 0, now));
        }
        var outcomes = new ArrayList<Outcome>(tickets.size());
        for (Ticket ticket : tickets) {
            var decision = Decider.decide(batch, ticket.command(), ticket.hash(), now);
            batch.apply(decision);
            outcomes.add(decision.outcome());
        }
        return outcomes;
    }

    private void identify(Batch batch, Store store) throws SQLException {
        for (StockKey stock : batch.stocks) {
            var id = stockIds.get(stock);
            if (id != null) {
                batch.identify(stock, id);
            }
        }
        store.identify(batch);
    }

    /** Stocks whose lack of units was somebody's refusal, while live holds have some of them. */
    private static Set<StockKey> shortStocks(Batch batch, List<Outcome> outcomes) {
        var stocks = new HashSet<StockKey>();
        for (Outcome outcome : outcomes) {
            if (outcome instanceof Outcome.Insufficient insufficient) {
                insufficient.shortages().forEach(shortage -> stocks.add(shortage.stock()));
            } else if (outcome instanceof Outcome.PromisedStock promised) {
                stocks.add(promised.level().stock());
            }
        }
        stocks.removeIf(stock -> batch.loaded(stock).held() == 0);
        return stocks;
    }

    /**
     * Adds the holds past their deadline that stand in the way; they end before anybody is told "sold out". If there are no more, the
     * batch learns when the next one will end.
     */
    private boolean addDueHolds(Set<UUID> due, Batch batch, Set<StockKey> stocks, Instant now, Store store, int max)
            throws SQLException {
        var unsure = releases.recall(batch, stocks, now);
        if (unsure.isEmpty()) {
            return false;
        }
        if (due.addAll(store.dueHolds(unsure, now, max))) {
            return true;
        }
        store.nextReleases(unsure, now).forEach((id, at) -> batch.load(batch.stock(id), at));
        return false;
    }

    private Store connected() throws SQLException {
        if (store == null) {
            try {
                store = Store.on(dataSource.getConnection());
            } catch (SQLException e) {
                // Whatever the reason, wrong password included: no connection, and no command to blame for it.
                throw new SQLTransientConnectionException(e.getMessage(), SqlStates.CONNECTION_EXCEPTION, e);
            }
            metrics.connected();
        }
        return store;
    }

    private void rollback() {
        try {
            if (store != null) {
                store.rollback();
            }
        } catch (SQLException e) {
            disconnect();
        }
    }

    /** What was learned over a connection goes with it: behind the next one may be a database that was restored. */
    private void disconnect() {
        if (store != null) {
            store.close();
            store = null;
        }
        stockIds.clear();
        releases.clear();
    }

    /** Closes the broken connection; true if the command may wait for another one. */
    private boolean mayReconnect(SQLException cause) {
        disconnect();
        if (!lost) {
            lost = true;
            lostSinceNanos = System.nanoTime();
            log.warn("The database connection was lost; trying again: {}", cause.getMessage());
        }
        if (System.nanoTime() - lostSinceNanos > options.databaseWait().toNanos()) {
            return false;
        }
        LockSupport.parkNanos(RECONNECT_PAUSE_NANOS);
        return true;
    }

    /** Decides what waits, then stops. */
    @Override
    public void close() {
        if (Thread.currentThread().equals(thread)) {
            throw new IllegalStateException("closed in a callback on the lane's own thread, which it would wait for");
        }
        closing = true;
        queue.add(wakeUp);
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
