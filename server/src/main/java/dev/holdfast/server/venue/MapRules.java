package dev.holdfast.server.venue;

import dev.holdfast.server.venue.Draft.Spot;
import dev.holdfast.server.venue.MapReport.Code;
import dev.holdfast.server.venue.VenueMap.Point;
import dev.holdfast.server.venue.VenueMap.Row;
import dev.holdfast.server.venue.VenueMap.Row.Kind;
import dev.holdfast.server.venue.VenueMap.Seat;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;

/** What is wrong between the seats of a map, each of which is right by itself, and what had better be otherwise. */
final class MapRules {
    /** Whoever sits in the middle passes 20 others. */
    private static final int BLOCK_MAX = 40;

    /** A number of so many digits is an int. */
    private static final int DIGITS_MAX = 9;

    private final VenueMap map;
    private final Draft draft;
    private final MapReport report;
    private final Map<String, Spot> labels = new HashMap<>();
    private final Map<Point, Spot> places = new HashMap<>();

    /** @param draft knows where it is written, and collects what is found */
    MapRules(VenueMap map, Draft draft) {
        this.map = map;
        this.draft = draft;
        this.report = draft.report;
    }

    void check() {
        for (int s = 0; s < map.sections().size(); s++) {
            List<Row> rows = map.sections().get(s).rows();
            for (int r = 0; r < rows.size(); r++) {
                if (!rows.get(r).seats().isEmpty()) {
                    row(rows.get(r), new Spot(s, r, 0));
                }
            }
        }
        areas();
    }

    private void row(Row row, Spot first) {
        for (int i = 0; i < row.seats().size(); i++) {
            label(row.seats().get(i), first.at(i));
            place(row.seats().get(i), first.at(i));
        }
        companions(row, first);
        numbers(row, first);
        categories(row, first);
        if (row.kind() == Kind.ROW) {
            blocks(row, (from, to) -> reach(row, first, from, to));
        }
    }

    private void label(Seat seat, Spot spot) {
        Spot other = seat.label().isEmpty() ? null : labels.putIfAbsent(seat.label(), spot);
        if (other != null) {
            report.wrong(
                    draft.place(spot, "label"),
                    Code.DUPLICATE_LABEL,
                    "is " + seat.label() + " as in " + draft.place(other, "label"));
        }
    }

    private void place(Seat seat, Spot spot) {
        if (Double.isNaN(seat.x()) || Double.isNaN(seat.y())) {
            return;
        }
        Spot other = places.putIfAbsent(new Point(seat.x(), seat.y()), spot);
        if (other != null) {
            report.wrong(
                    draft.place(spot, "x"),
                    Code.SAME_PLACE,
                    "is with y where the seat in " + draft.place(other, "x") + " is");
        }
    }

    private void areas() {
        Map<String, Integer> names = new HashMap<>();
        for (int i = 0; i < map.areas().size(); i++) {
            String name = map.areas().get(i).name();
            if (name.isEmpty()) {
                continue;
            }
            var place = draft.areaPlace(i, "name", "label");
            Spot seat = labels.get(name);
            Integer area = names.putIfAbsent(name, i);
            if (seat != null) {
                report.wrong(
                        place, Code.DUPLICATE_LABEL, "is " + name + " as the seat in " + draft.place(seat, "label"));
            } else if (area != null) {
                report.wrong(
                        place, Code.DUPLICATE_NAME, "is " + name + " as in " + draft.areaPlace(area, "name", "label"));
            }
        }
    }

    private void companions(Row row, Spot first) {
        List<Seat> seats = row.seats();
        boolean isTableOfIt = row.kind() == Kind.TABLE && seats.stream().anyMatch(Seat::accessible);
        for (int i = 0; i < seats.size(); i++) {
            boolean isBeside = isTableOfIt
                    || (i > 0 && seats.get(i - 1).accessible() && !seats.get(i).aisleBefore())
                    || (i + 1 < seats.size()
                            && seats.get(i + 1).accessible()
                            && !seats.get(i + 1).aisleBefore());
            if (seats.get(i).companion() && !isBeside) {
                report.wrong(
                        draft.place(first.at(i), "companion"),
                        Code.LONE_COMPANION,
                        "must be beside an accessible seat");
            }
        }
    }

    /** Each gap once. Where all numbers are odd, or all even, they count in twos. */
    private void numbers(Row row, Spot first) {
        TreeMap<Integer, Integer> seatByNumber = new TreeMap<>();
        for (int i = 0; i < row.seats().size(); i++) {
            String number = row.seats().get(i).number();
            if (number.length() <= DIGITS_MAX && number.matches("[0-9]+")) {
                seatByNumber.put(Integer.valueOf(number), i);
            }
        }
        boolean isInTwos = seatByNumber.keySet().stream()
                        .map(number -> number % 2)
                        .distinct()
                        .count()
                == 1;
        int step = isInTwos ? 2 : 1;
        Integer before = null;
        for (var entry : seatByNumber.entrySet()) {
            int number = entry.getKey();
            if (before != null && number - before > step) {
                String missing = number - before == 2 * step
                        ? "there is no " + (before + step)
                        : "there are no " + (before + step) + " to " + (number - step);
                report.warn(draft.place(first.at(entry.getValue()), "number"), Code.NUMBER_GAP, missing);
            }
            before = number;
        }
    }

    private void categories(Row row, Spot first) {
        List<Seat> seats = row.seats();
        String category = seats.getFirst().category();
        IntStream.range(0, seats.size())
                .filter(i -> !seats.get(i).category().equals(category))
                .findFirst()
                .ifPresent(i -> report.warn(
                        draft.place(first.at(i), "category"),
                        Code.MIXED_CATEGORIES,
                        "is " + seats.get(i).category() + " in a row that begins with " + category));
    }

    /** Seats without an aisle between them. */
    private static void blocks(Row row, BiConsumer<Integer, Integer> fromTo) {
        int from = 0;
        for (int i = 1; i <= row.seats().size(); i++) {
            if (i == row.seats().size() || row.seats().get(i).aisleBefore()) {
                fromTo.accept(from, i);
                from = i;
            }
        }
    }

    /** A wheelchair comes to its place from one end of its block, over the places of other wheelchairs and of companions, who can move. */
    private void reach(Row row, Spot first, int from, int to) {
        if (to - from > BLOCK_MAX) {
            report.warn(
                    draft.place(first.at(from + BLOCK_MAX), "aisleBefore"),
                    Code.LONG_BLOCK,
                    "would help: it is one of " + (to - from) + " seats without an aisle");
        }
        int free = from;
        while (free < to && canMove(row.seats().get(free))) {
            free++;
        }
        int freeAgain = to;
        while (freeAgain > free && canMove(row.seats().get(freeAgain - 1))) {
            freeAgain--;
        }
        for (int i = free; i < freeAgain; i++) {
            if (row.seats().get(i).accessible()) {
                report.warn(
                        draft.place(first.at(i), "accessible"),
                        Code.UNREACHABLE,
                        "is not at an aisle or the end of its row, and others sit on both sides");
            }
        }
    }

    private static boolean canMove(Seat seat) {
        return seat.accessible() || seat.companion();
    }
}
