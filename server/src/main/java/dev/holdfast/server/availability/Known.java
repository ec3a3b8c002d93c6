package dev.holdfast.server.availability;

import dev.holdfast.engine.Level;
import dev.holdfast.engine.Location;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What is known of one SKU. Immutable.
 *
 * @param stocks its locations
 * @param available what may still be promised, over all locations
 * @param version the sum of the locations' versions: greater if and only if something moved
 * @param asOf at least all that was committed by then is in it, by the database's clock
 * @param readAtNanos when it was read from the database, by this node's monotonic clock
 */
record Known(List<Stock> stocks, long available, long version, Instant asOf, long readAtNanos) {
    /** @param version of the level */
    record Stock(Location location, long available, long version) {
        static Stock of(Level level) {
            return new Stock(level.stock().location(), level.available(), level.version());
        }
    }

    static Known nothing(long readAtNanos) {
        return new Known(List.of(), 0, 0, Instant.EPOCH, readAtNanos);
    }

    private static Known of(List<Stock> stocks, Instant asOf, long readAtNanos) {
        return new Known(
                stocks,
                stocks.stream().mapToLong(Stock::available).sum(),
                stocks.stream().mapToLong(Stock::version).sum(),
                asOf,
                readAtNanos);
    }

    /** With one location's level, unless a later one is known: versions tell, whichever came first. */
    Known with(Level level) {
        return of(merged(List.of(Stock.of(level))), asOf, readAtNanos);
    }

    /** As the database said at an instant, and what is known beyond that. */
    Known read(List<Stock> found, Instant at, long nanos) {
        return of(merged(found), asOf.isAfter(at) ? asOf : at, nanos);
    }

    boolean isWhole() {
        return !asOf.equals(Instant.EPOCH);
    }

    private List<Stock> merged(List<Stock> others) {
        var all = new ArrayList<>(stocks);
        for (Stock other : others) {
            int i = 0;
            while (i < all.size() && !all.get(i).location.equals(other.location)) {
                i++;
            }
            if (i == all.size()) {
                all.add(other);
            } else if (all.get(i).version < other.version) {
                all.set(i, other);
            }
        }
        return all;
    }
}
