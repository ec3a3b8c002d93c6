package dev.holdfast.engine;

import dev.holdfast.engine.Sourcing.Policy;
import dev.holdfast.engine.Sourcing.Wanted;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Chooses which candidates give the units that a command asks for without a location. Pure.
 *
 * <p>Whether there is enough is a matter of each SKU alone: all candidates together have it, or, unsplit, one of them. So the policy
 * only chooses among ways to take it. To find the fewest parcels, sets of locations are tried, the smallest first, until
 * {@link #LOOKS_MAX}; beyond that the location that adds most is taken until it is enough, and what turns out not to be needed
 * is left out: not always the fewest, but none that could be done without.
 */
final class Sources {
    /** In place of units: nothing was ever received there. */
    static final long UNKNOWN = -1;

    /**
     * At one level each: with all the rest 0.35 ms for 30 SKUs at 32 locations, while rows are locked. Enough to be exact with 10
     * locations and 9 SKUs.
     */
    private static final int LOOKS_MAX = 100_000;

    /** In place of a set of locations; those of a set are its bits, by their number in the order of candidates. */
    private static final long NONE = -1;

    private final Sourcing sourcing;
    private final List<Wanted> wanted;
    private final int candidates;

    /** By SKU and candidate, after the lines with a location have taken theirs. */
    private final long[][] free;

    private final boolean[][] known;

    /** Where the lines with a location go anyway. */
    private final long visited;

    /** What has something to give. */
    private final long useful;

    private int looks;

    private Sources(Sourcing sourcing, Map<StockKey, Long> lines, ToLongFunction<StockKey> takeable) {
        this.sourcing = sourcing;
        wanted = sourcing.wanted();
        candidates = sourcing.candidates().size();
        free = new long[wanted.size()][candidates];
        known = new boolean[wanted.size()][candidates];
        for (int sku = 0; sku < wanted.size(); sku++) {
            for (int i = 0; i < candidates; i++) {
                var stock = stock(sku, i);
                long units = takeable.applyAsLong(stock);
                known[sku][i] = units != UNKNOWN;
                free[sku][i] = Math.max(0, units - lines.getOrDefault(stock, 0L));
            }
        }
        visited = lines.keySet().stream()
                .map(stock -> sourcing.candidates().indexOf(stock.location()))
                .filter(i -> i >= 0)
                .mapToLong(i -> 1L << i)
                .reduce(0, (a, b) -> a | b);
        useful = LongStream.range(0, candidates)
                .map(i -> 1L << i)
                .filter(here -> IntStream.range(0, wanted.size()).anyMatch(sku -> usable(sku, here) > 0))
                .reduce(0, (a, b) -> a | b);
    }

    /**
     * All lines of a command, each with a location. Where a SKU is short they ask every candidate that knows it, or all if none
     * does, for all its units: more than any of them has, so that whoever checks these lines says what is missing where.
     *
     * @param lines those that have one, one a stock
     * @param takeable units that the command may take of a stock, or {@link #UNKNOWN}
     */
    static List<Line> lines(List<Line> lines, Sourcing sourcing, ToLongFunction<StockKey> takeable) {
        Map<StockKey, Long> units = new LinkedHashMap<>();
        lines.forEach(line -> units.put(line.stock(), line.units()));
        var sources = new Sources(sourcing, units, takeable);
        if (!sources.addShort(units)) {
            sources.addChosen(units);
        }
        return units.entrySet().stream()
                .map(entry -> new Line(entry.getKey(), entry.getValue()))
                .toList();
    }

    private StockKey stock(int sku, int candidate) {
        return wanted.get(sku).at(sourcing.candidates().get(candidate));
    }

    /** False if there is enough of everything. */
    private boolean addShort(Map<StockKey, Long> units) {
        boolean any = false;
        for (int sku = 0; sku < wanted.size(); sku++) {
            if (suffices(sku, all())) {
                continue;
            }
            any = true;
            boolean isKnown = false;
            for (boolean here : known[sku]) {
                isKnown |= here;
            }
            for (int i = 0; i < candidates; i++) {
                if (known[sku][i] || !isKnown) {
                    units.merge(stock(sku, i), wanted.get(sku).units(), Math::addExact);
                }
            }
        }
        return any;
    }

    private void addChosen(Map<StockKey, Long> units) {
        long chosen = switch (sourcing.policy()) {
            case IN_ORDER -> all();
            case FEWEST_PARCELS -> fewest();
        };
        for (int sku = 0; sku < wanted.size(); sku++) {
            int whole = sourcing.split() && sourcing.policy() == Policy.IN_ORDER ? -1 : firstWithAll(sku, chosen);
            long missing = wanted.get(sku).units();
            for (int i = 0; i < candidates && missing > 0; i++) {
                long taken = contains(chosen, i) && (whole < 0 || whole == i) ? Math.min(missing, free[sku][i]) : 0;
                if (taken > 0) {
                    units.merge(stock(sku, i), taken, Math::addExact);
                    missing -= taken;
                }
            }
        }
    }

    /** −1 if none has. */
    private int firstWithAll(int sku, long locations) {
        for (int i = 0; i < candidates; i++) {
            if (contains(locations, i) && free[sku][i] >= wanted.get(sku).units()) {
                return i;
            }
        }
        return -1;
    }

    private long fewest() {
        for (int more = 0; more <= candidates; more++) {
            long found = firstEnough(visited, 0, more);
            if (found != NONE) {
                return found;
            }
            if (looks > LOOKS_MAX) {
                return few();
            }
        }
        throw new IllegalStateException("all candidates together have enough");
    }

    /** The first set of these locations and so many more, from one on, that is enough; {@link #NONE} if none is, or no more may be tried. */
    private long firstEnough(long locations, int from, int more) {
        if (more == 0) {
            return suffices(locations) ? locations : NONE;
        }
        for (int i = from; i <= candidates - more && looks <= LOOKS_MAX; i++) {
            if (contains(useful, i) && !contains(locations, i)) {
                long found = firstEnough(with(locations, i), i + 1, more - 1);
                if (found != NONE) {
                    return found;
                }
            }
        }
        return NONE;
    }

    /** Enough, and none of them too many. */
    private long few() {
        long locations = visited;
        while (!suffices(locations)) {
            locations = with(locations, mostHelpful(locations));
        }
        for (int i = candidates - 1; i >= 0; i--) {
            long without = (locations & ~(1L << i)) | visited;
            locations = suffices(without) ? without : locations;
        }
        return locations;
    }

    private int mostHelpful(long locations) {
        var missing = new long[wanted.size()];
        Arrays.setAll(missing, sku -> wanted.get(sku).units() - usable(sku, locations));
        int best = 0;
        long most = 0;
        for (int i = 0; i < candidates; i++) {
            long units = 0;
            for (int sku = 0; sku < missing.length && !contains(locations, i); sku++) {
                units += Math.min(missing[sku], usable(sku, 1L << i));
            }
            if (units > most) {
                best = i;
                most = units;
            }
        }
        return best;
    }

    private boolean suffices(long locations) {
        for (int sku = 0; sku < wanted.size(); sku++) {
            if (!suffices(sku, locations)) {
                return false;
            }
        }
        return true;
    }

    private boolean suffices(int sku, long locations) {
        return usable(sku, locations) == wanted.get(sku).units();
    }

    /** How many of the wanted units these locations give; unsplit, all or none. */
    private long usable(int sku, long locations) {
        long units = wanted.get(sku).units();
        long sum = 0;
        for (long rest = locations; rest != 0 && sum < units; rest &= rest - 1) {
            long here = free[sku][Long.numberOfTrailingZeros(rest)];
            sum += sourcing.split() || here >= units ? here : 0;
            looks++;
        }
        return Math.min(sum, units);
    }

    private long all() {
        return (1L << candidates) - 1;
    }

    private static boolean contains(long locations, int candidate) {
        return (locations & (1L << candidate)) != 0;
    }

    private static long with(long locations, int candidate) {
        return locations | (1L << candidate);
    }
}
