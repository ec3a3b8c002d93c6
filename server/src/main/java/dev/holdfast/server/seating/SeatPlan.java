package dev.holdfast.server.seating;

import dev.holdfast.server.venue.VenueMap;
import dev.holdfast.server.venue.VenueMap.Row;
import dev.holdfast.server.venue.VenueMap.Seat;
import dev.holdfast.server.venue.VenueMap.Section;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * The numbered seats of a map, compiled: each has an index, from 0 in the order of the map, by which sets of seats are bits. Immutable.
 *
 * <p>Seats side by side form a block: a row, its part between two aisles, or a table. The indexes of a block follow each other, and so do
 * those of a row and of a section.
 */
public final class SeatPlan {
    /** What may be taken of a block, and what its neighbours are. */
    enum Form {
        ROW,
        TABLE,
        WHOLE_TABLE
    }

    /** @param cheapest the lowest cost of a seat in it */
    record Block(int from, int to, Form form, int cheapest) {
        int size() {
            return to - from;
        }
    }

    /**
     * A row or table of the map, with aisles and all.
     *
     * @param cheapest the lowest cost of a seat in it; 0 if it has none
     */
    record Line(int section, int from, int to, int cheapest) {}

    private final List<String> labels;
    private final Map<String, Integer> indexes = new HashMap<>();
    private final List<String> categories;
    private final Map<String, BitSet> inCategory = new HashMap<>();
    private final BitSet accessible = new BitSet();
    private final BitSet companions = new BitSet();
    private final int[] costs;
    private final List<Line> rows = new ArrayList<>();
    private final Block[] blockOf;

    /** The one with the cheapest seat first. */
    private final List<Block> blocks = new ArrayList<>();

    /** Cheapest first; of equal cost the lowest index. */
    private final int[] byCost;

    /** The same within each block. */
    private final int[] byCostInBlock;

    /** Of all seats before an index: what windows cost is a subtraction. */
    private final long[] costBefore;

    private final int[] accessibleBefore;
    private final int[] companionsBefore;

    private SeatPlan(VenueMap map) {
        var seats = map.sections().stream()
                .flatMap(section -> section.rows().stream())
                .flatMap(row -> row.seats().stream())
                .toList();
        labels = seats.stream().map(Seat::label).toList();
        categories = seats.stream().map(Seat::category).toList();
        costs = ViewCost.of(map, seats);
        blockOf = new Block[seats.size()];
        costBefore = new long[seats.size() + 1];
        accessibleBefore = new int[seats.size() + 1];
        companionsBefore = new int[seats.size() + 1];
        for (int i = 0; i < seats.size(); i++) {
            add(i, seats.get(i));
        }
        int section = 0;
        int from = 0;
        for (Section each : map.sections()) {
            for (Row row : each.rows()) {
                int to = from + row.seats().size();
                rows.add(new Line(section, from, to, cheapest(from, to)));
                addBlocks(row, from);
                from = to;
            }
            section++;
        }
        blocks.sort(Comparator.comparingInt(Block::cheapest).thenComparingInt(Block::from));
        byCost = IntStream.range(0, seats.size())
                .boxed()
                .sorted(Comparator.comparingInt(this::cost)) // stable: the lowest index first
                .mapToInt(i -> i)
                .toArray();
        byCostInBlock = byCostInBlock();
    }

    /**
     * Compiles a map; takes as long as sorting its seats.
     *
     * @throws IllegalArgumentException if two seats have the same label
     */
    public static SeatPlan of(VenueMap map) {
        return new SeatPlan(map);
    }

    /** Seats; their indexes are below. */
    public int size() {
        return labels.size();
    }

    public String label(int index) {
        return labels.get(index);
    }

    /** Empty if no seat is called so. */
    public OptionalInt index(String label) {
        var index = indexes.get(label);
        return index == null ? OptionalInt.empty() : OptionalInt.of(index);
    }

    public String category(int index) {
        return categories.get(index);
    }

    /** Empty if no seat is of it; not to be changed. */
    BitSet inCategory(String category) {
        return inCategory.getOrDefault(category, new BitSet());
    }

    boolean isAccessible(int index) {
        return accessible.get(index);
    }

    boolean isCompanion(int index) {
        return companions.get(index);
    }

    /** Of those from one index up to another, that one excluded. */
    int accessible(int from, int to) {
        return accessibleBefore[to] - accessibleBefore[from];
    }

    int companions(int from, int to) {
        return companionsBefore[to] - companionsBefore[from];
    }

    long cost(int from, int to) {
        return costBefore[to] - costBefore[from];
    }

    int cost(int index) {
        return costs[index];
    }

    /** Seats that others leave to those in wheelchairs and their companions; takes them out of the set. */
    void removeReserved(BitSet seats) {
        seats.andNot(accessible);
        seats.andNot(companions);
    }

    Block block(int index) {
        return blockOf[index];
    }

    List<Block> blocksByCost() {
        return blocks;
    }

    List<Line> rows() {
        return rows;
    }

    /** The seat at this place when all are sorted by cost. */
    int byCost(int place) {
        return byCost[place];
    }

    /** The same within a block, whose places are its indexes. */
    int byCostInBlock(int place) {
        return byCostInBlock[place];
    }

    private void add(int index, Seat seat) {
        if (indexes.put(seat.label(), index) != null) {
            throw new IllegalArgumentException("two seats are called " + seat.label());
        }
        inCategory.computeIfAbsent(seat.category(), _ -> new BitSet()).set(index);
        accessible.set(index, seat.accessible());
        companions.set(index, seat.companion());
        costBefore[index + 1] = costBefore[index] + costs[index];
        accessibleBefore[index + 1] = accessibleBefore[index] + (seat.accessible() ? 1 : 0);
        companionsBefore[index + 1] = companionsBefore[index] + (seat.companion() ? 1 : 0);
    }

    private void addBlocks(Row row, int from) {
        int end = from + row.seats().size();
        Form form = switch (row.kind()) {
            case ROW -> Form.ROW;
            case TABLE -> row.whole() ? Form.WHOLE_TABLE : Form.TABLE;
        };
        int start = from;
        for (int i = from + 1; i <= end; i++) {
            if (i == end || (form == Form.ROW && row.seats().get(i - from).aisleBefore())) {
                var block = new Block(
                        start, i, form, Arrays.stream(costs, start, i).min().orElseThrow());
                Arrays.fill(blockOf, start, i, block);
                blocks.add(block);
                start = i;
            }
        }
    }

    private int cheapest(int from, int to) {
        return Arrays.stream(costs, from, to).min().orElse(0);
    }

    private int[] byCostInBlock() {
        var sorted = new int[size()];
        var filled = new int[size()];
        for (int seat : byCost) {
            int from = blockOf[seat].from();
            sorted[from + filled[from]++] = seat;
        }
        return sorted;
    }
}
