package dev.holdfast.storm;

import dev.holdfast.storm.LedgerSeen.Movement;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** What was done to stock, and when: found again in the ledger by its kind and cause. */
final class Acts {

    /**
     * @param sentMicros not before this
     * @param ackedMicros not after this
     */
    record Act(long sentMicros, long ackedMicros) {}

    private final Map<String, Act> acts = new ConcurrentHashMap<>();

    void add(String kind, String cause, Act act) {
        acts.put(kind + " " + cause, act);
    }

    /** Empty for what nobody was told of. */
    Optional<Act> of(Movement movement) {
        return Optional.ofNullable(acts.get(movement.kind() + " " + movement.cause()));
    }
}
