package dev.holdfast.engine;

import dev.holdfast.engine.Command.ExpireHold;
import dev.holdfast.engine.Request.Ticket;
import dev.holdfast.engine.Store.RunAgain;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * One transaction: load what the commands name, decide them in order, write, commit. Shared by an engine's workers; what it
 * remembers between transactions only saves looking things up.
 */
final class Deciding {
    /** Holds past their deadline expired at a time for the sake of one request; doubled with each pass that did not help. */
    private static final int DUE_HOLDS_MAX = 1_000;

    /** A batch that wrote in vain met another node, or trouble; there will be more of it. */
    private static final long FOLLOWING_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

    /**
     * How long a batch whose rows are written waits for its predecessor. That one may be waiting for another node, which waits
     * for a key among these rows: no database sees such a circle.
     */
    private static final Duration PREDECESSOR_MAX = Duration.ofSeconds(1);

    private static final int STOCK_IDS_MAX = 100_000; // about 200 bytes each: 20 MB

    private final WritePath.Reading reading;
    private final LaneMetrics metrics;
    private final Gate gate;
    private final Map<StockKey, Long> stockIds = Collections.synchronizedMap(new Recent<>(STOCK_IDS_MAX));
    private final Releases releases = new Releases();

    /**
     * Batches of so many commands are decided on what the one before them leaves behind, while that is being committed. It takes a
     * round trip more and halves what shares a commit: below a quarter of a full batch that costs more than it gains.
     */
    private final int followingMin;

    private volatile long followingFromNanos = System.nanoTime();

    Deciding(StockEngine.Options options, LaneMetrics metrics, Gate gate) {
        reading = options.writePath().reading;
        followingMin = Math.max(1, options.batchMax() / 4);
        this.metrics = metrics;
        this.gate = gate;
    }

    /** What was learned over a connection goes with it: behind the next one may be a database that was restored. */
    void forget() {
        stockIds.clear();
        releases.clear();
    }

    /** Is told how far a transaction has come. */
    interface Progress {
        /** Decided like this, and about to be committed. */
        void committing(List<Outcome> outcomes);

        void committed(Batch batch);
    }

    /**
     * Decides and commits.
     *
     * @param turns who may decide; given away before the commit
     */
    List<Outcome> decideAndCommit(Store store, List<Ticket> tickets, Turns turns, Progress progress)
            throws SQLException, RunAgain {
        var due = new LinkedHashSet<UUID>();
        int dueMax = DUE_HOLDS_MAX;
        while (true) {
            long begun = System.nanoTime();
            var batch = new Batch();
            due.forEach(id -> batch.name(new ExpireHold(id)));
            tickets.forEach(ticket -> batch.name(ticket.command()));
            turns.awaitNamed(batch);
            identify(batch, store);
            if (due.isEmpty()) {
                followOrLetPass(batch, tickets.size(), turns);
            }
            var now = store.load(batch, reading);
            var outcomes = decide(batch, due, tickets, now);
            var shortStocks = shortStocks(batch, outcomes);
            var unsure = shortStocks.isEmpty() ? List.<Long>of() : releases.recall(batch, shortStocks, now);
            var predecessor = batch.predecessor();
            if (predecessor != null && (!unsure.isEmpty() || refusesUnchecked(batch, outcomes))) {
                store.rollback(); // only the database can say what has come back, and it does not know all yet
                metrics.rerun();
                turns.awaitLanded(predecessor);
                continue;
            }
            if (batch.sources() && hasShort(outcomes) && identifiesMore(batch, store)) {
                store.rollback();
                metrics.rerun();
                continue;
            }
            if (!shortStocks.isEmpty()) {
                if (!unsure.isEmpty() && addDueHolds(due, batch, unsure, now, store, dueMax)) {
                    store.rollback();
                    dueMax *= 2;
                    continue;
                }
                batch.reset();
                outcomes = decide(batch, due, tickets, now);
            }
            metrics.decided(tickets.size(), System.nanoTime() - begun);
            if (predecessor != null) {
                metrics.followed();
            }
            var decided = outcomes;
            commit(batch, now, store, turns, () -> progress.committing(decided));
            batch.forEachIdentified(stockIds::put);
            releases.remember(batch, shortStocks);
            gate.learn(batch, outcomes);
            progress.committed(batch);
            return outcomes;
        }
    }

    private void followOrLetPass(Batch batch, int commands, Turns turns) {
        var underway = turns.underway();
        if (underway == null) {
            return;
        }
        if (commands >= followingMin && System.nanoTime() - followingFromNanos >= 0) {
            batch.follow(underway);
        } else if (underway.follows()) {
            turns.awaitLanded(underway); // it has no locks yet, and this one must not overtake it
        }
    }

    /** @param beforeCommit called when the next thing to be sent is the commit */
    private void commit(Batch batch, Instant now, Store store, Turns turns, Runnable beforeCommit)
            throws SQLException, RunAgain {
        turns.pass(batch);
        boolean committed = false;
        try {
            long begun = System.nanoTime();
            if (batch.predecessor() != null) {
                commitAfter(batch.predecessor(), batch, now, store, turns, beforeCommit);
            } else if (batch.changed()) {
                beforeCommit.run();
                store.writeAndCommit(batch, now);
            } else {
                store.rollback();
            }
            committed = true;
            if (batch.changed()) {
                metrics.committed(System.nanoTime() - begun);
            }
        } finally {
            turns.landed(batch, committed);
            batch.forgetPredecessor();
        }
    }

    /**
     * Writes new rows while the predecessor commits, then the levels over those that it left. Another node that came between the two
     * is found out by the levels' versions.
     */
    private void commitAfter(
            Batch predecessor, Batch batch, Instant now, Store store, Turns turns, Runnable beforeCommit)
            throws SQLException, RunAgain {
        try {
            store.insert(batch, now);
            if (!turns.awaitLanded(predecessor, PREDECESSOR_MAX)) {
                throw new RunAgain();
            }
            if (batch.changed()) {
                batch.takeAddresses(predecessor);
                beforeCommit.run();
                store.updateAndCommit(batch, now);
            } else {
                store.rollback();
            }
        } catch (SQLException | RunAgain e) {
            followingFromNanos = System.nanoTime() + FOLLOWING_PAUSE_NANOS;
            throw e;
        }
    }

    private static List<Outcome> decide(Batch batch, Set<UUID> due, List<Ticket> tickets, Instant now) {
        for (UUID id : due) {
            batch.apply(Decider.decide(batch, new ExpireHold(id), 0, now), null);
        }
        var outcomes = new ArrayList<Outcome>(tickets.size());
        for (Ticket ticket : tickets) {
            var decision = Decider.decide(batch, ticket.command(), ticket.hash(), now);
            batch.apply(decision, ticket.actor());
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

    private static boolean hasShort(List<Outcome> outcomes) {
        return outcomes.stream().anyMatch(Outcome.Insufficient.class::isInstance);
    }

    /**
     * Whether a candidate has come into being since this batch looked for them: what another one has no more may have been transferred
     * to it. Now that levels are read it can be told.
     */
    private static boolean identifiesMore(Batch batch, Store store) throws SQLException {
        int known = batch.stockIds.size();
        store.identify(batch);
        return batch.stockIds.size() > known;
    }

    /** Stocks whose lack of units was somebody's refusal, or a shortfall, while live holds have some of them. */
    private static Set<StockKey> shortStocks(Batch batch, List<Outcome> outcomes) {
        var stocks = new HashSet<StockKey>();
        for (Outcome outcome : outcomes) {
            if (outcome instanceof Outcome.Insufficient insufficient) {
                insufficient.shortages().forEach(shortage -> stocks.add(shortage.stock()));
            } else if (outcome instanceof Outcome.PromisedStock promised) {
                stocks.add(promised.level().stock());
            } else if (outcome instanceof Outcome.Settled settled && !settled.replayed()) {
                settled.lines().stream().filter(line -> line.shortfall() > 0).forEach(line -> stocks.add(line.stock()));
            }
        }
        stocks.removeIf(stock -> batch.loaded(stock).held() == 0);
        return stocks;
    }

    /** Whether somebody is refused for a level of the predecessor's that this batch does not write, so that its version goes unchecked. */
    private static boolean refusesUnchecked(Batch batch, List<Outcome> outcomes) {
        return outcomes.stream().anyMatch(outcome -> switch (outcome) {
            case Outcome.Insufficient no ->
                no.shortages().stream().anyMatch(shortage -> batch.isUnchecked(shortage.stock()));
            case Outcome.PromisedStock no -> batch.isUnchecked(no.level().stock());
            case Outcome.VersionChanged no -> batch.isUnchecked(no.level().stock());
            case Outcome.OverLimit no -> batch.isUnchecked(no.level().stock());
            default -> false;
        });
    }

    /**
     * Adds the holds past their deadline that stand in the way; they end before anybody is told "sold out". If there are no more, the
     * batch learns when the next one will end.
     */
    private static boolean addDueHolds(Set<UUID> due, Batch batch, List<Long> unsure, Instant now, Store store, int max)
            throws SQLException {
        if (due.addAll(store.dueHolds(unsure, now, max))) {
            return true;
        }
        store.nextReleases(unsure, now).forEach((id, at) -> batch.load(batch.stock(id), at));
        return false;
    }
}
