package dev.holdfast.engine;

import dev.holdfast.engine.Command.ExpireHold;
import dev.holdfast.engine.Request.Ticket;
import dev.holdfast.engine.Store.LocksIncomplete;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * One transaction: load what the commands name, decide them in order, write, commit. Shared by an engine's workers; what it
 * remembers between transactions only saves looking things up.
 */
final class Deciding {
    /** Holds past their deadline expired at a time for the sake of one request; doubled with each pass that did not help. */
    private static final int DUE_HOLDS_MAX = 1_000;

    private static final int STOCK_IDS_MAX = 100_000; // about 200 bytes each: 20 MB

    private final WritePath.Reading reading;
    private final LaneMetrics metrics;
    private final Map<StockKey, Long> stockIds = Collections.synchronizedMap(new Recent<>(STOCK_IDS_MAX));
    private final Releases releases = new Releases();

    Deciding(WritePath.Reading reading, LaneMetrics metrics) {
        this.reading = reading;
        this.metrics = metrics;
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
            throws SQLException, LocksIncomplete {
        var due = new LinkedHashSet<UUID>();
        for (int dueMax = DUE_HOLDS_MAX; ; dueMax *= 2) {
            long begun = System.nanoTime();
            var batch = new Batch();
            due.forEach(id -> batch.name(new ExpireHold(id)));
            tickets.forEach(ticket -> batch.name(ticket.command()));
            turns.awaitNamed(batch);
            identify(batch, store);
            var now = store.load(batch, reading);
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
            progress.committing(outcomes);
            commit(batch, now, store, turns);
            batch.forEachIdentified(stockIds::put);
            releases.remember(batch, shortStocks);
            progress.committed(batch);
            return outcomes;
        }
    }

    private void commit(Batch batch, Instant now, Store store, Turns turns) throws SQLException {
        turns.pass(batch);
        try {
            if (!batch.changed()) {
                store.rollback();
                return;
            }
            long begun = System.nanoTime();
            store.writeAndCommit(batch, now);
            metrics.committed(System.nanoTime() - begun);
        } finally {
            turns.landed(batch);
        }
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
}
