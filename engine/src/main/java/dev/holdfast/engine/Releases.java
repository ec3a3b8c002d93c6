package dev.holdfast.engine;

import dev.holdfast.engine.Decision.HoldRow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * When the next hold of a stock ends, kept from batch to batch for stocks that are sold out. It saves a query for every batch of
 * refusals, and says that no hold can be due yet.
 *
 * <p>True as long as the level has not moved: a hold placed or ended moves it. An extension does not, but only postpones.
 */
final class Releases {
    private static final int STOCKS_MAX = 10_000;

    private record Release(long version, Instant at) {}

    private final Map<StockKey, Release> known = new Recent<>(STOCKS_MAX);

    /** Tells the batch what is known of these stocks; returns the ids of those the database has to be asked about. */
    synchronized List<Long> recall(Batch batch, Set<StockKey> stocks, Instant now) {
        var unsure = new ArrayList<Long>();
        for (StockKey stock : stocks) {
            var release = known.get(stock);
            if (release != null && release.version == batch.loaded(stock).version() && now.isBefore(release.at)) {
                batch.load(stock, release.at);
            } else {
                unsure.add(batch.id(stock));
            }
        }
        return unsure;
    }

    synchronized void clear() {
        known.clear();
    }

    /**
     * Keeps, after the commit, what it would cost a query to learn again. Without the deadlines of older holds the batch's own say
     * nothing: an older one may be due before them.
     */
    synchronized void remember(Batch batch, Set<StockKey> stocks) {
        for (StockKey stock : stocks) {
            var at = batch.nextReleaseAt(stock);
            var level = batch.level(stock);
            if (at != null && level != null && batch.knowsOlderReleases(stock)) {
                known.put(stock, new Release(level.version(), at));
            }
        }
        // A hold extended may have been the one remembered.
        for (HoldRow row : batch.newDeadlines.values()) {
            row.hold().lines().forEach(line -> known.remove(line.stock()));
        }
    }
}
