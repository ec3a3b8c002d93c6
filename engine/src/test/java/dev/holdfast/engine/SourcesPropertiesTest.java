package dev.holdfast.engine;

import dev.holdfast.engine.Sourcing.Policy;
import dev.holdfast.engine.Sourcing.Wanted;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.statistics.Statistics;

import static org.assertj.core.api.Assertions.assertThat;

/** What is true of every choice of locations, compared with trying all there are. */
class SourcesPropertiesTest {
    private static final List<Sku> SKUS =
            List.of("A", "B", "C").stream().map(Sku::new).toList();

    /** One more than are candidates, for lines with a location. */
    private static final List<Location> LOCATIONS =
            IntStream.range(0, 6).mapToObj(i -> new Location("l" + i)).toList();

    /** @param units by SKU and location; a stock that is not there was never received */
    record Case(List<Line> lines, Sourcing sourcing, Map<StockKey, Long> units) {
        long takeable(StockKey stock) {
            return units.getOrDefault(stock, Sources.UNKNOWN);
        }

        /** What the lines with a location leave. */
        long free(StockKey stock) {
            long taken = lines.stream()
                    .filter(line -> line.stock().equals(stock))
                    .mapToLong(Line::units)
                    .sum();
            return Math.max(0, takeable(stock) - taken);
        }

        List<Line> chosen() {
            return Sources.lines(lines, sourcing, this::takeable);
        }

        /** Units by SKU of what is chosen beyond the lines with a location. */
        Map<StockKey, Long> taken() {
            var taken = new HashMap<StockKey, Long>();
            chosen().forEach(line -> taken.merge(line.stock(), line.units(), Long::sum));
            lines.forEach(line -> taken.merge(line.stock(), -line.units(), Long::sum));
            taken.values().removeIf(units -> units == 0);
            return taken;
        }

        boolean has(Wanted wanted, List<Location> locations) {
            var units = locations.stream().mapToLong(location -> free(wanted.at(location)));
            return sourcing.split() ? units.sum() >= wanted.units() : units.anyMatch(here -> here >= wanted.units());
        }

        boolean hasAll(List<Location> locations) {
            return sourcing.wanted().stream().allMatch(wanted -> has(wanted, locations));
        }

        boolean isEnough() {
            return hasAll(sourcing.candidates());
        }

        Set<Location> parcels(List<Line> all) {
            return all.stream().map(line -> line.stock().location()).collect(Collectors.toSet());
        }
    }

    @Provide
    Arbitrary<Case> cases() {
        var locations = Arbitraries.shuffle(LOCATIONS.subList(0, 5))
                .flatMap(order -> Arbitraries.integers().between(1, 5).map(n -> order.subList(0, n)));
        var wanted = Combinators.combine(
                        Arbitraries.of(SKUS), Arbitraries.longs().between(1, 4))
                .as(Wanted::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(3);
        var stocks = Combinators.combine(Arbitraries.of(SKUS), Arbitraries.of(LOCATIONS))
                .as(StockKey::new);
        var units = Arbitraries.maps(stocks, Arbitraries.longs().between(0, 5)).ofMinSize(5);
        var lines = Combinators.combine(stocks, Arbitraries.longs().between(1, 2))
                .as(Line::new)
                .list()
                .ofMaxSize(2)
                .map(list -> list.isEmpty() ? list : Line.summed(list));
        return Combinators.combine(
                        lines, wanted, locations, Arbitraries.of(Policy.class), Arbitraries.of(true, false), units)
                .as((l, w, from, policy, split, u) -> new Case(l, new Sourcing(w, from, policy, split, null), u));
    }

    @Property(tries = 3_000)
    void itTakesAllThatIsWantedFromWhereItIsOrSaysWhatIsMissing(@ForAll("cases") Case c) {
        Statistics.collect(c.isEnough());
        Statistics.coverage(coverage -> {
            coverage.check(true).percentage(p -> p > 20);
            coverage.check(false).percentage(p -> p > 20);
        });
        var chosen = c.chosen();
        assertThat(chosen.stream().map(Line::stock)).doesNotHaveDuplicates();
        assertThat(chosen).hasSizeGreaterThanOrEqualTo(c.lines().size());
        if (c.isEnough()) {
            c.taken().forEach((stock, units) -> {
                assertThat(units).isBetween(1L, c.free(stock));
                assertThat(c.sourcing().candidates()).contains(stock.location());
            });
            for (Wanted wanted : c.sourcing().wanted()) {
                assertThat(c.sourcing().candidates().stream()
                                .mapToLong(from -> c.taken().getOrDefault(wanted.at(from), 0L)))
                        .satisfies(units -> assertThat(
                                        units.stream().mapToLong(each -> each).sum())
                                .isEqualTo(wanted.units()));
            }
        } else {
            for (Wanted wanted : c.sourcing().wanted()) {
                boolean isKnown = c.sourcing().candidates().stream()
                        .anyMatch(from -> c.takeable(wanted.at(from)) != Sources.UNKNOWN);
                for (Location from : c.sourcing().candidates()) {
                    var stock = wanted.at(from);
                    boolean isNamed = !c.has(wanted, c.sourcing().candidates())
                            && (!isKnown || c.takeable(stock) != Sources.UNKNOWN);
                    assertThat(c.taken().getOrDefault(stock, 0L)).isEqualTo(isNamed ? wanted.units() : 0);
                    assertThat(!isNamed
                                    || chosen.stream()
                                            .anyMatch(line ->
                                                    line.stock().equals(stock) && line.units() > c.takeable(stock)))
                            .isTrue();
                }
            }
        }
    }

    @Property(tries = 2_000)
    void unsplitASkuComesFromOneLocation(@ForAll("cases") Case c) {
        if (!c.sourcing().split() && c.isEnough()) {
            assertThat(c.taken().keySet().stream().map(StockKey::sku)).doesNotHaveDuplicates();
        }
    }

    @Property(tries = 2_000)
    void inOrderNothingComesFromALaterLocationThatAnEarlierOneHas(@ForAll("cases") Case c) {
        if (c.sourcing().policy() != Policy.IN_ORDER || !c.isEnough()) {
            return;
        }
        var taken = c.taken();
        for (Wanted wanted : c.sourcing().wanted()) {
            long missing = wanted.units();
            for (Location from : c.sourcing().candidates()) {
                long here = c.free(wanted.at(from));
                long expected = c.sourcing().split() ? Math.min(missing, here) : here >= missing ? missing : 0;
                assertThat(taken.getOrDefault(wanted.at(from), 0L)).isEqualTo(expected);
                missing -= expected;
            }
        }
    }

    @Property(tries = 3_000)
    void noSetOfLocationsIsSmallerNorIsAnEarlierOneAsSmall(@ForAll("cases") Case c) {
        if (c.sourcing().policy() != Policy.FEWEST_PARCELS || !c.isEnough()) {
            return;
        }
        var candidates = c.sourcing().candidates();
        var given = c.parcels(c.lines());
        var chosen = new HashSet<>(c.parcels(c.chosen()));
        List<Integer> best = null;
        for (int set = 0; set < 1 << candidates.size(); set++) {
            int bits = set;
            var more = IntStream.range(0, candidates.size())
                    .filter(i -> (bits & (1 << i)) != 0 && !given.contains(candidates.get(i)))
                    .boxed()
                    .toList();
            var all =
                    new ArrayList<>(candidates.stream().filter(given::contains).toList());
            more.forEach(i -> all.add(candidates.get(i)));
            if (c.hasAll(all) && (best == null || isBetter(more, best))) {
                best = more;
            }
        }
        assertThat(best).isNotNull();
        chosen.removeAll(given);
        assertThat(chosen)
                .containsExactlyInAnyOrderElementsOf(
                        best.stream().map(candidates::get).toList());
    }

    /** Fewer, or as many and the first that differs is earlier. */
    private static boolean isBetter(List<Integer> a, List<Integer> b) {
        return a.size() != b.size()
                ? a.size() < b.size()
                : Arrays.compare(a.toArray(Integer[]::new), b.toArray(Integer[]::new)) < 0;
    }

    @Property(tries = 500)
    void theSameAgainIsTheSame(@ForAll("cases") Case c) {
        assertThat(c.chosen()).isEqualTo(c.chosen());
    }

    /** Of 32 locations a dozen are needed: more sets than can be tried. */
    @Property(tries = 50)
    void whereTheFewestCannotBeFoundNoneCanBeLeftOut(@ForAll long seed, @ForAll boolean split) {
        var random = new Random(seed);
        var from = IntStream.range(0, 32).mapToObj(i -> new Location("l" + i)).toList();
        var units = new HashMap<StockKey, Long>();
        var wanted = new ArrayList<Wanted>();
        for (int sku = 0; sku < 30; sku++) {
            var each = new Wanted(new Sku("s" + sku), split ? 12 : 1);
            wanted.add(each);
            // Split, 16 locations have a unit each, else two have one.
            random.ints(0, 32).distinct().limit(split ? 16 : 2).forEach(i -> units.put(each.at(from.get(i)), 1L));
        }
        var c = new Case(List.of(), new Sourcing(wanted, from, Policy.FEWEST_PARCELS, split, null), units);

        var parcels = c.parcels(c.chosen());

        assertThat(parcels).hasSizeBetween(8, 32);
        assertThat(c.hasAll(List.copyOf(parcels))).isTrue();
        for (Location parcel : parcels) {
            assertThat(c.hasAll(parcels.stream()
                            .filter(other -> !other.equals(parcel))
                            .toList()))
                    .isFalse();
        }
    }
}
