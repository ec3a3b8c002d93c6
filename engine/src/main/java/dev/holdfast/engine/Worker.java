package dev.holdfast.engine;

import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.Request.Ticket;
import dev.holdfast.engine.Store.RunAgain;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread with one connection that takes requests from the queue and answers them, one way or the other.
 *
 * <p>A transaction that fails is run again, because every command in it can be: its key, or the state of its hold, tells whether it
 * had its effect. So a commit whose fate is unknown needs no case of its own.
 */
final class Worker implements Deciding.Progress {
    private static final Logger log = LoggerFactory.getLogger(Worker.class);

    private static final long RECONNECT_PAUSE_NANOS = 50_000_000;

    /** The pause after the first meeting of two who read without locks; doubled each time, and spread by chance. */
    private static final long CONFLICT_PAUSE_NANOS = 250_000;

    private static final long CONFLICT_PAUSE_NANOS_MAX = 16_000_000;

    /**
     * A statement that decides by itself does not tell what it was about to answer. If it is lost and its hold is found, it was most
     * likely its own: a replay would have answered before any commit.
     */
    private static final List<Outcome> ASSUMED_FIRST = List.of(new Outcome.UnknownSku(List.of()));

    private final DataSource dataSource;
    private final StockEngine.Options options;
    private final RequestQueue queue;
    private final Turns turns;
    private final Deciding deciding;
    private final Guard guard;
    private final boolean guarded;
    private final LaneMetrics metrics;
    private final Commits commits;

    private @Nullable Store store;

    /** What is decided while it is being committed, so that it is known if the connection is lost. */
    private List<Outcome> committing = List.of();

    /** For the guard: what the current request has changed. */
    private final Map<StockKey, Long> availableDeltas = new HashMap<>();

    /** For the guard: which of its stocks have buffers. */
    private final Set<StockKey> buffered = new HashSet<>();

    private long lostSinceNanos;
    private boolean lost;

    Worker(
            DataSource dataSource,
            StockEngine.Options options,
            RequestQueue queue,
            Turns turns,
            Deciding deciding,
            Guard guard,
            LaneMetrics metrics,
            Commits commits) {
        this.dataSource = dataSource;
        this.options = options;
        this.queue = queue;
        this.turns = turns;
        this.deciding = deciding;
        this.guard = guard;
        guarded = !guard.equals(Guard.NONE);
        this.metrics = metrics;
        this.commits = commits;
    }

    /** Works until the queue is closed and empty. */
    void run() {
        int commandsWanted = options.writePath().coalescing ? options.batchMax() : 1;
        while (true) {
            turns.begin();
            var requests = queue.take(commandsWanted);
            if (requests.isEmpty()) {
                turns.end();
                break;
            }
            try {
                decide(requests);
            } catch (RuntimeException | Error e) {
                // Nothing above lets this happen; a caller must not wait for ever all the same.
                log.error("A worker failed and goes on", e);
                disconnect();
                var failure = new EngineFailure.Unavailable("the engine failed", e);
                requests.forEach(request -> request.fail(failure));
            } finally {
                turns.end();
                requests.forEach(Request::complete);
            }
        }
        if (store != null) {
            store.close();
        }
    }

    private void decide(List<Request<?>> requests) {
        var tickets = new ArrayList<Ticket>();
        requests.forEach(request -> request.addTickets(tickets));
        if (guarded) {
            decideGuarded(requests.getFirst(), tickets); // the only one: a guard is never before a lane
        } else {
            process(tickets, List.of());
        }
    }

    private void decideGuarded(Request<?> request, List<Ticket> tickets) {
        var database = new Guard.Database() {
            boolean asked;

            @Override
            public Guard.Decided decide() {
                asked = true;
                availableDeltas.clear();
                buffered.clear();
                process(tickets, List.of());
                return new Guard.Decided(request.outcomes(), Set.copyOf(buffered), Map.copyOf(availableDeltas));
            }

            @Override
            public @Nullable Instant timeIfUnused(UUID key) {
                return Worker.this.timeIfUnused(key);
            }
        };
        try {
            var outcomes = guard.decide(request.commands, database);
            request.answer(outcomes);
            if (!database.asked) {
                for (int i = 0; i < outcomes.size(); i++) {
                    metrics.answered(request.commands.get(i), outcomes.get(i));
                }
            }
        } catch (EngineFailure e) {
            request.fail(e);
        }
    }

    private @Nullable Instant timeIfUnused(UUID key) {
        try {
            return connected().timeIfUnused(key);
        } catch (SQLException e) {
            disconnect();
            return null;
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
            } catch (RunAgain e) {
                rollback();
                if (++conflicts > options.writePath().conflictsMax) { // no race but a hold whose stock is gone
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
                    if (++conflicts > options.writePath().conflictsMax || SqlStates.hasWaited(e)) {
                        failAll(tickets, new EngineFailure.Unavailable("the database is too busy", e));
                        return;
                    }
                    pause(conflicts);
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

    private List<Outcome> decideAndCommit(List<Ticket> tickets) throws SQLException, RunAgain {
        committing = List.of();
        var store = connected();
        if (options.writePath() == WritePath.ATOMIC
                && tickets.size() == 1
                && tickets.getFirst().actor() == null
                && tickets.getFirst().command() instanceof PlaceHold place
                && place.plain()) {
            committing = ASSUMED_FIRST;
            var hold = store.placeAtOnce(place, tickets.getFirst().hash());
            committing = List.of();
            if (hold != null) {
                if (guarded) {
                    hold.lines().forEach(line -> availableDeltas.merge(line.stock(), -line.units(), Long::sum));
                }
                return List.of(new Outcome.Placed(hold, false));
            }
        }
        return deciding.decideAndCommit(store, tickets, turns, this);
    }

    @Override
    public void committing(List<Outcome> outcomes) {
        committing = outcomes;
    }

    @Override
    public void committed(Batch batch) {
        if (guarded) {
            batch.addAvailableDeltas(availableDeltas);
            batch.addBuffered(buffered);
        }
        commits.tell(batch);
    }

    /** Two who meet without locks would meet again if both came back at once. */
    private void pause(int conflicts) {
        if (options.writePath().reading == WritePath.Reading.UNLOCKED) {
            long max = Math.min(CONFLICT_PAUSE_NANOS << Math.min(conflicts - 1, 6), CONFLICT_PAUSE_NANOS_MAX);
            LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(max));
        }
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

    private void disconnect() {
        if (store != null) {
            store.close();
            store = null;
        }
        deciding.forget();
    }

    /** Closes the broken connection; true if the command may wait for another one. */
    private boolean mayReconnect(SQLException cause) {
        disconnect();
        if (!lost) {
            lost = true;
            lostSinceNanos = System.nanoTime();
            log.warn("The database connection was lost; trying again: {}", cause.getMessage());
            return true; // at once: it may have broken long ago, while nobody used it
        }
        if (System.nanoTime() - lostSinceNanos > options.databaseWait().toNanos()) {
            return false;
        }
        LockSupport.parkNanos(RECONNECT_PAUSE_NANOS);
        return true;
    }
}
