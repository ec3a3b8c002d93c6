package dev.holdfast.engine;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Stands around the database's decision of one request: a lock held meanwhile, a counter asked before and told afterwards. It may
 * repeat a "no" of the database, never say "yes": what it takes out of the way of the database is only work.
 */
public interface Guard extends AutoCloseable {
    /** No guard. */
    Guard NONE = new Guard() {
        @Override
        public List<? extends Outcome> decide(List<? extends Command<?>> commands, Database database) {
            return database.decide().outcomes();
        }

        @Override
        public void close() {
            // holds nothing
        }
    };

    /** The decision in the database: one transaction, committed when this returns, run again as often as it takes. */
    interface Database {
        /**
         * Decides.
         *
         * @throws EngineFailure if there is no answer; the commands may have had their effect
         */
        Decided decide();

        /**
         * The database's time if no hold and no other command has used this key: one look by primary keys, without locks. Null if
         * one has, for it has to be answered as then, or if that cannot be told now.
         */
        @Nullable
        Instant timeIfUnused(UUID key);
    }

    /**
     * What was decided.
     *
     * @param outcomes one for each command
     * @param buffered stocks with buffers: a "no" for one of them is one channel's, and not to be repeated to others
     * @param availableDeltas by how much the uncommitted units less the safety stock of each stock changed, of all that was
     *     committed with it: holds past their deadline that ended for its sake included
     */
    record Decided(List<? extends Outcome> outcomes, Set<StockKey> buffered, Map<StockKey, Long> availableDeltas) {}

    /**
     * Answers one request, on a thread of its own connection; blocking is allowed, within bounds.
     *
     * @return one outcome for each command
     * @throws EngineFailure if there is no answer
     */
    List<? extends Outcome> decide(List<? extends Command<?>> commands, Database database);

    @Override
    void close();
}
