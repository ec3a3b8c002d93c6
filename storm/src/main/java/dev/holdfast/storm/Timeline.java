package dev.holdfast.storm;

import dev.holdfast.storm.Acts.Act;
import java.util.ArrayList;
import java.util.List;

/**
 * What was available of one SKU at each version of its stock, by its ledger; and when, by those who moved it.
 *
 * @param versions the first is 0, before any movement; neither of their times ever falls from one to the next
 */
record Timeline(List<Version> versions) {

    /**
     * @param fromMicros not true before
     * @param untilMicros not true after
     */
    record Version(long available, long fromMicros, long untilMicros) {}

    /**
     * @param ledger complete
     * @param filledMicros when the first movement, which no act tells of, was acknowledged at the latest
     */
    static Timeline of(LedgerSeen ledger, Acts acts, long filledMicros) {
        var newestFirst = new ArrayList<Version>();
        long available = ledger.newestFirst().stream()
                .mapToLong(LedgerSeen.Movement::availableDelta)
                .sum();
        long until = Long.MAX_VALUE;
        for (var movement : ledger.newestFirst()) {
            var act = acts.of(movement);
            newestFirst.add(new Version(available, act.map(Act::sentMicros).orElse(Long.MIN_VALUE), until));
            available -= movement.availableDelta();
            // Who was acknowledged later did not come earlier.
            long acked = movement.version() == 1 ? filledMicros : Long.MAX_VALUE;
            until = Math.min(until, act.map(Act::ackedMicros).orElse(acked));
        }
        newestFirst.add(new Version(available, Long.MIN_VALUE, until));
        var versions = new ArrayList<Version>();
        long from = Long.MIN_VALUE;
        for (var version : newestFirst.reversed()) {
            from = Math.max(from, version.fromMicros); // nor did it begin before the one before it
            versions.add(new Version(version.available, from, version.untilMicros));
        }
        return new Timeline(versions);
    }

    int newest() {
        return versions.size() - 1;
    }

    /** When it had ceased to be true at the latest; {@link Long#MAX_VALUE}: it has not. */
    long untilMicros(long version) {
        return versions.get((int) version).untilMicros;
    }

    /** The newest version that says what was seen and had begun by then; -1 if there never was one. */
    int versionOf(StockSeen seen, long byMicros) {
        boolean stated = seen.version() != StockSeen.UNSTATED;
        for (int v = newest(); v >= 0; v--) {
            var version = versions.get(v);
            if (version.available == seen.available()
                    && version.fromMicros <= byMicros
                    && (!stated || v == seen.version())) {
                return v;
            }
        }
        return -1;
    }
}
