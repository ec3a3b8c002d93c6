package dev.holdfast.server.seating;

import dev.holdfast.server.seating.SeatPlan.Form;
import dev.holdfast.server.venue.VenueMap;
import dev.holdfast.server.venue.VenueMap.Point;
import dev.holdfast.server.venue.VenueMap.Row;
import dev.holdfast.server.venue.VenueMap.Seat;
import dev.holdfast.server.venue.VenueMap.Section;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * A house as it is drawn, the stage above the middle of the first row, a seat as wide as a row is deep:
 *
 * <pre>
 * .    free            b  free, of category B, all others are of A     table:  a table
 * #    taken           v  free, with a restricted view                 whole:  a table that is sold as a whole
 * |    an aisle        w  free, for a wheelchair                       ---     another section
 *                      c  free, for a companion
 * </pre>
 *
 * Seats are labelled by row and number: {@code 1-1} is the first.
 */
record House(List<String> drawing, VenueMap map, SeatPlan plan, BitSet free) {
    private static final String SECTION = "---";
    private static final String TABLE = "table:";
    private static final String WHOLE = "whole:";

    /** Whether a character of a drawing is a seat. */
    static boolean isSeat(char drawn) {
        return drawn != '|';
    }

    static House of(String... drawing) {
        var free = new BitSet();
        List<Section> sections = new ArrayList<>();
        List<Row> rows = new ArrayList<>();
        int seats = 0;
        for (int line = 0; line < drawing.length; line++) {
            if (drawing[line].equals(SECTION)) {
                sections.add(new Section("section " + sections.size(), rows));
                rows = new ArrayList<>();
                continue;
            }
            var row = row(drawing[line], line + 1, seats, free);
            rows.add(row);
            seats += row.seats().size();
        }
        sections.add(new Section("section " + sections.size(), rows));
        var map = new VenueMap(new Point(0, 0), sections, List.of());
        return new House(List.of(drawing), map, SeatPlan.of(map), free);
    }

    static String drawn(List<Character> places) {
        var drawn = new StringBuilder();
        places.forEach(drawn::append);
        return drawn.toString();
    }

    private static Row row(String line, int number, int firstIndex, BitSet free) {
        List<Seat> seats = new ArrayList<>();
        var places = places(line);
        for (int i = 0; i < places.length(); i++) {
            char drawn = places.charAt(i);
            if (isSeat(drawn)) {
                free.set(firstIndex + seats.size(), drawn != '#');
                seats.add(new Seat(
                        number + "-" + (seats.size() + 1),
                        String.valueOf(seats.size() + 1),
                        drawn == 'b' ? "B" : "A",
                        drawn == 'w',
                        drawn == 'c',
                        drawn == 'v',
                        i > 0 && !isSeat(places.charAt(i - 1)),
                        i - (places.length() - 1) / 2.0,
                        number));
            }
        }
        boolean isTable = form(line) != Form.ROW;
        return new Row(
                String.valueOf(number), isTable ? Row.Kind.TABLE : Row.Kind.ROW, form(line) == Form.WHOLE_TABLE, seats);
    }

    static Form form(String line) {
        return line.startsWith(TABLE) ? Form.TABLE : line.startsWith(WHOLE) ? Form.WHOLE_TABLE : Form.ROW;
    }

    private static String places(String line) {
        return form(line) == Form.ROW ? line : line.substring(TABLE.length());
    }

    /** By index; the same number for those that are side by side. */
    List<Integer> blocks() {
        List<Integer> blocks = new ArrayList<>();
        int block = 0;
        for (String line : drawing) {
            if (!line.equals(SECTION)) {
                for (char place : places(line).toCharArray()) {
                    block += isSeat(place) ? 0 : 1;
                    if (isSeat(place)) {
                        blocks.add(block);
                    }
                }
                block++;
            }
        }
        return blocks;
    }

    /** The same drawing with these seats marked. */
    List<String> marked(BitSet seats, char mark) {
        List<String> marked = new ArrayList<>();
        int index = 0;
        for (String line : drawing) {
            var row = new StringBuilder(line);
            for (int i = line.length() - places(line).length(); i < line.length() && !line.equals(SECTION); i++) {
                if (isSeat(line.charAt(i)) && seats.get(index++)) {
                    row.setCharAt(i, mark);
                }
            }
            marked.add(row.toString());
        }
        return marked;
    }

    /** What is chosen is marked {@code X}; the house as it is if nothing can be. */
    List<String> chosen(Wanted wanted, OrphanRule rule, long spread) {
        return Chooser.choose(plan, free, wanted, rule, spread)
                .map(seats -> marked(seats, 'X'))
                .orElse(drawing);
    }
}
