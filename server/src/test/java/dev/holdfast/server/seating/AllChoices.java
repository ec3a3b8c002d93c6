package dev.holdfast.server.seating;

import dev.holdfast.server.seating.Wanted.Adjacency;
import dev.holdfast.server.venue.VenueMap.Row;
import dev.holdfast.server.venue.VenueMap.Seat;
import dev.holdfast.server.venue.VenueMap.Section;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * The chooser's rules once more, slow and plain: every set of seats of a small house is judged. Of the code under test it asks only what a seat
 * costs.
 *
 * @param places by index
 */
record AllChoices(House house, List<Place> places, BitSet eligible, Wanted wanted, OrphanRule rule) {
    /** Where a seat is; the same {@code block} for those that are side by side. */
    record Place(Seat seat, Row row, int rowNumber, Section section, int block) {
        boolean isReserved() {
            return seat.accessible() || seat.companion();
        }

        boolean isAtTable() {
            return row.kind() == Row.Kind.TABLE;
        }
    }

    static AllChoices of(House house, Wanted wanted, OrphanRule rule) {
        List<Place> places = new ArrayList<>();
        int number = 0;
        for (Section section : house.map().sections()) {
            for (Row row : section.rows()) {
                for (Seat seat : row.seats()) {
                    places.add(
                            new Place(seat, row, number, section, house.blocks().get(places.size())));
                }
                number++;
            }
        }
        var ofCategory = filtered(
                house.free(),
                i -> wanted.category() == null
                        || places.get(i).seat().category().equals(wanted.category()));
        var ordinary = filtered(ofCategory, i -> !places.get(i).isReserved());
        boolean isForAll = wanted.accessible() || ordinary.isEmpty();
        return new AllChoices(house, places, isForAll ? ofCategory : ordinary, wanted, rule);
    }

    AllChoices without(BitSet seats) {
        return new AllChoices(house, places, filtered(eligible, i -> !seats.get(i)), wanted, rule);
    }

    Optional<BitSet> best() {
        var order = Comparator.comparing(this::score, Arrays::compare);
        var tidy = allowed().filter(seats -> !leavesAvoidable(seats)).min(order);
        return switch (rule) {
            case REFUSE -> tidy;
            case AVOID -> tidy.or(() -> allowed().min(order));
            case IGNORE -> allowed().min(order);
        };
    }

    private Stream<BitSet> allowed() {
        return subsets(eligible)
                .filter(seats -> seats.cardinality() == wanted.count())
                .filter(this::isForThem)
                .filter(this::keepsTablesWhole)
                .filter(seats -> wanted.adjacency() != Adjacency.REQUIRED || groups(seats) == 1);
    }

    boolean isForThem(BitSet seats) {
        return seats.stream().allMatch(eligible::get)
                && (!wanted.accessible()
                        || seats.stream().anyMatch(i -> places.get(i).seat().accessible()));
    }

    boolean keepsTablesWhole(BitSet seats) {
        return seats.stream()
                .mapToObj(places::get)
                .filter(place -> place.row().whole())
                .allMatch(place -> seats.stream()
                                .filter(i -> places.get(i).block() == place.block())
                                .count()
                        == place.row().seats().size());
    }

    /** How many parts sit apart. */
    int groups(BitSet seats) {
        return (int) seats.stream()
                .filter(i -> IntStream.range(0, i).noneMatch(j -> seats.get(j) && areBeside(j, i)))
                .count();
    }

    private boolean areBeside(int earlier, int later) {
        return places.get(earlier).block() == places.get(later).block()
                && (places.get(later).isAtTable() || later - earlier == 1);
    }

    /** Free before, and the only one of its run's rest that is beside no other of it. */
    BitSet orphans(BitSet chosen) {
        var orphans = new BitSet();
        runs().forEach(run -> orphans.or(orphans(run, chosen)));
        return orphans;
    }

    boolean leavesAvoidable(BitSet chosen) {
        return runs().anyMatch(run -> !orphans(run, chosen).isEmpty()
                && subsets(run)
                        .filter(others -> others.cardinality()
                                == filtered(chosen, run::get).cardinality())
                        .anyMatch(others -> orphans(run, others).isEmpty()));
    }

    /** What a run is left with that is single; nothing if nothing of it is chosen. */
    private BitSet orphans(BitSet run, BitSet chosen) {
        if (!run.intersects(chosen)) {
            return new BitSet();
        }
        var rest = filtered(run, i -> !chosen.get(i));
        return filtered(rest, i -> rest.stream().noneMatch(j -> j != i && areBeside(Math.min(i, j), Math.max(i, j))));
    }

    /** Of free seats. */
    private Stream<BitSet> runs() {
        List<BitSet> runs = new ArrayList<>();
        house.free().stream().forEach(i -> {
            var before = runs.stream()
                    .filter(run -> run.stream().anyMatch(j -> areBeside(j, i)))
                    .findAny();
            before.ifPresentOrElse(run -> run.set(i), () -> runs.add(BitSet.valueOf(new long[] {1L << i})));
        });
        return runs.stream();
    }

    /** But for where they are. */
    List<Long> rank(BitSet seats) {
        boolean areScattered = wanted.adjacency() == Adjacency.NONE && !wanted.accessible();
        long groups = areScattered ? 0 : groups(seats);
        long orphans = groups == 1 && rule != OrphanRule.IGNORE ? orphans(seats).cardinality() : 0;
        long strangers = wanted.accessible()
                ? seats.stream().filter(i -> !places.get(i).seat().companion()).count()
                : 0;
        long avoidable = rule != OrphanRule.IGNORE && leavesAvoidable(seats) ? 1 : 0;
        return List.of(groups, orphans, strangers, avoidable);
    }

    /** The lower, the better, the first number first. */
    private long[] score(BitSet seats) {
        var rank = rank(seats);
        long span = rank.getFirst() > 1 ? span(seats) : 0;
        long cost = seats.stream().mapToLong(house.plan()::cost).sum();
        return LongStream.concat(
                        LongStream.of(rank.get(0), rank.get(1), span, rank.get(2), cost),
                        seats.stream().asLongStream())
                .toArray();
    }

    /** Rows from the first to the last, of one section. */
    private long span(BitSet seats) {
        var all = seats.stream().mapToObj(places::get).toList();
        return all.stream().map(Place::section).distinct().count() > 1
                ? Long.MAX_VALUE
                : all.getLast().rowNumber() - all.getFirst().rowNumber() + 1L;
    }

    /** All but the empty one; of one size the order is any. */
    private static Stream<BitSet> subsets(BitSet seats) {
        long all = seats.isEmpty() ? 0 : seats.toLongArray()[0];
        return LongStream.iterate(all, set -> set != 0, set -> (set - 1) & all)
                .mapToObj(set -> BitSet.valueOf(new long[] {set}));
    }

    private static BitSet filtered(BitSet seats, Predicate<Integer> which) {
        var filtered = new BitSet();
        seats.stream().filter(which::test).forEach(filtered::set);
        return filtered;
    }
}
