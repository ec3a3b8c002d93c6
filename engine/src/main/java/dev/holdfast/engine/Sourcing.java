package dev.holdfast.engine;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Units that a command asks for without saying where from, and where they may come from. Decided with the levels of all
 * candidates in the transaction that takes them: all of them, with the command's other lines, or none.
 *
 * @param wanted at least one; those of one SKU are summed
 * @param candidates the locations they may come from, best first, each once, 1 to {@link #CANDIDATES_MAX}. One where the SKU
 *     was never received has none of it
 * @param split whether the units of one SKU may come from several candidates
 * @param terms what the request said about where from, in words of the caller's: with the same key, other terms are another
 *     request. Null: it said nothing, and is the same request as one for these units at {@link Location#MAIN}. The candidates
 *     themselves do not count: they may be others by the time of a retry, and it gets its first answer all the same
 */
public record Sourcing(
        List<Wanted> wanted,
        List<Location> candidates,
        Policy policy,
        boolean split,
        @Nullable String terms) {

    public static final int CANDIDATES_MAX = 32;

    /** SKUs × candidates of one command: ten times what a hold of 100 lines locks. */
    public static final int STOCKS_MAX = 1_000;

    /** Which candidates are taken, where several would do. A policy never refuses what another one would give. */
    public enum Policy {
        /** The first that has some, then the next. */
        IN_ORDER,

        /** As few different locations as possible, those of the command's other lines included; of several such sets the first. */
        FEWEST_PARCELS
    }

    /**
     * So many units of a SKU, from anywhere.
     *
     * @param units at least 1; above {@link Quantity#MAX} only as the sum of several lines
     */
    public record Wanted(Sku sku, long units) {
        public Wanted {
            if (units < 1) {
                throw new IllegalArgumentException("quantity must be at least 1");
            }
        }

        StockKey at(Location location) {
            return new StockKey(sku, location);
        }
    }

    public Sourcing {
        wanted = summed(wanted);
        candidates = List.copyOf(candidates);
        if (candidates.isEmpty() || candidates.size() > CANDIDATES_MAX) {
            throw new IllegalArgumentException("candidates must be 1 to " + CANDIDATES_MAX);
        }
        if (new HashSet<>(candidates).size() < candidates.size()) {
            throw new IllegalArgumentException("candidates must be different");
        }
        if (wanted.size() * candidates.size() > STOCKS_MAX) {
            throw new IllegalArgumentException("SKUs × candidates must be at most " + STOCKS_MAX);
        }
    }

    /** All stocks that may be taken from. */
    public Stream<StockKey> stocks() {
        return wanted.stream().flatMap(each -> candidates.stream().map(each::at));
    }

    private static List<Wanted> summed(List<Wanted> wanted) {
        if (wanted.isEmpty() || wanted.size() > Line.LINES_MAX) {
            throw new IllegalArgumentException("wanted must be 1 to " + Line.LINES_MAX);
        }
        Map<Sku, Long> units = LinkedHashMap.newLinkedHashMap(wanted.size());
        wanted.forEach(each -> units.merge(each.sku, each.units, Math::addExact));
        return units.entrySet().stream()
                .map(entry -> new Wanted(entry.getKey(), entry.getValue()))
                .toList();
    }
}
