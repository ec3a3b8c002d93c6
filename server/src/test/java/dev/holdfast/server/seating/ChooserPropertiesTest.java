package dev.holdfast.server.seating;

import dev.holdfast.server.seating.Wanted.Adjacency;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.statistics.Statistics;

import static org.assertj.core.api.Assertions.assertThat;

/** What is true of every choice in every small house, compared with all sets of seats there are. */
class ChooserPropertiesTest {
    /** All rules in one comparison; what each is for is in {@link ChooserTest}. */
    @Property(tries = 4_000, edgeCases = EdgeCasesMode.NONE)
    void itIsTheBestOfAllThatAreAllowed(@ForAll("cases") Case c) {
        var chosen = c.chosen(0);
        var best = c.all().best();
        Statistics.collect(best.map(seats -> Math.min(c.all().groups(seats), 2)).orElse(0));
        Statistics.coverage(coverage -> {
            coverage.check(0).percentage(p -> p > 10);
            coverage.check(1).percentage(p -> p > 10);
            coverage.check(2).percentage(p -> p > 10);
        });
        assertThat(c.drawn(chosen)).isEqualTo(c.drawn(best));
    }

    @Property(tries = 2_000, edgeCases = EdgeCasesMode.NONE)
    void itKeepsEveryRule(@ForAll("cases") Case c, @ForAll long spread) {
        c.chosen(spread).ifPresent(seats -> {
            var all = c.all();
            var free = c.house().free();
            assertThat(seats.cardinality()).isEqualTo(c.wanted().count());
            assertThat(seats.stream()).allMatch(free::get);
            assertThat(all.keepsTablesWhole(seats)).isTrue();
            assertThat(all.isForThem(seats)).isTrue();
            if (c.wanted().adjacency() == Adjacency.REQUIRED) {
                assertThat(all.groups(seats)).isEqualTo(1);
            }
            if (c.rule() == OrphanRule.REFUSE) {
                assertThat(all.leavesAvoidable(seats)).isFalse();
            }
        });
    }

    @Property(tries = 2_000, edgeCases = EdgeCasesMode.NONE)
    void orphansAreThoseOfTheDefinition(@ForAll("cases") Case c, @ForAll("sets") long set) {
        var chosen = BitSet.valueOf(new long[] {set});
        chosen.and(c.house().free());
        var orphans = Orphans.of(c.house().plan(), c.house().free(), chosen);
        assertThat(orphans.left()).isEqualTo(c.all().orphans(chosen));
        assertThat(!orphans.avoidable().isEmpty()).isEqualTo(c.all().leavesAvoidable(chosen));
    }

    @Property(tries = 1_000, edgeCases = EdgeCasesMode.NONE)
    void theSameStateGivesTheSame(@ForAll("cases") Case c, @ForAll long spread) {
        var free = (BitSet) c.house().free().clone();
        assertThat(c.chosen(spread)).isEqualTo(c.chosen(spread));
        assertThat(c.house().free()).isEqualTo(free);
        assertThat(c.chosen(spread)).isEqualTo(new Case(House.of(c.lines()), c.wanted(), c.rule()).chosen(spread));
    }

    /** By repeating the search without what it found: as bad as the sixteenth may be, and not worse. */
    @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
    void spreadingGivesTheBestOfWhatOthersWouldLeave(@ForAll("cases") Case c) {
        Set<BitSet> expected = new HashSet<>();
        var all = c.all();
        var first = all.best();
        for (var next = first; next.isPresent() && expected.size() < Chooser.SPREAD; next = all.best()) {
            if (!all.rank(next.get()).equals(all.rank(first.orElseThrow()))) {
                break;
            }
            expected.add(next.get());
            all = all.without(next.get());
        }
        Set<BitSet> chosen = new HashSet<>();
        for (long spread = 0; spread < 200; spread++) {
            c.chosen(spread).ifPresent(chosen::add);
        }
        assertThat(chosen).isEqualTo(expected);
    }

    /** @param wanted from a house of at most 12 seats */
    record Case(House house, Wanted wanted, OrphanRule rule) {
        Optional<BitSet> chosen(long spread) {
            return Chooser.choose(house.plan(), house.free(), wanted, rule, spread);
        }

        AllChoices all() {
            return AllChoices.of(house, wanted, rule);
        }

        String[] lines() {
            return house.drawing().toArray(String[]::new);
        }

        List<String> drawn(Optional<BitSet> seats) {
            return seats.map(each -> house.marked(each, 'X')).orElse(List.of("nothing"));
        }

        @Override
        public String toString() {
            return wanted + " " + rule + "\n" + String.join("\n", house.drawing());
        }
    }

    @Provide
    Arbitrary<Case> cases() {
        var place = Arbitraries.frequencyOf(
                Tuple.of(12, Arbitraries.just('.')),
                Tuple.of(3, Arbitraries.just('#')),
                Tuple.of(3, Arbitraries.of('b', 'v', '|')),
                Tuple.of(2, Arbitraries.of('w', 'c')));
        var places = place.list().ofMinSize(2).ofMaxSize(6).map(House::drawn);
        var form = Arbitraries.frequency(Tuple.of(6, ""), Tuple.of(1, "table:"), Tuple.of(1, "whole:"));
        var row = Combinators.combine(form, places).as((f, p) -> f.isEmpty() ? p : f + p.replace('|', '.'));
        var line = Arbitraries.frequencyOf(Tuple.of(8, row), Tuple.of(1, Arbitraries.just("---")));
        var house = line.list()
                .ofMinSize(2)
                .ofMaxSize(4)
                .map(lines -> House.of(lines.toArray(String[]::new)))
                .filter(each -> each.plan().size() <= 12);
        var wanted = Combinators.combine(
                        Arbitraries.integers().between(1, 5),
                        Arbitraries.of("A", "B").injectNull(0.7),
                        Arbitraries.of(Adjacency.class),
                        Arbitraries.frequency(Tuple.of(4, false), Tuple.of(1, true)))
                .as(Wanted::new);
        return Combinators.combine(house, wanted, Arbitraries.of(OrphanRule.class))
                .as(Case::new);
    }

    @Provide
    Arbitrary<Long> sets() {
        return Arbitraries.longs().between(0, (1 << 12) - 1);
    }
}
