package dev.holdfast.server.venue;

import dev.holdfast.server.venue.MapReport.Code;
import dev.holdfast.server.venue.MapReport.Place;
import dev.holdfast.server.venue.VenueMap.Point;
import dev.holdfast.server.venue.VenueMap.Row.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A map while it is read: what was written, and where. Null is what was left out; what was written and is wrong is reported by who
 * reads it, and stands here as an empty text or no number, about which nothing is said again.
 */
final class Draft {
    static final int SEATS_MAX = 200_000;

    /** Of 1,000,000 places each: an int holds the sum. */
    private static final int AREAS_MAX = 1_000;

    private static final double SEAT_DISTANCE = 0.5;
    private static final double ROW_DISTANCE = 1;

    /**
     * What was made of it.
     *
     * @param warnings what had better be otherwise
     */
    record Imported(VenueMap map, List<MapReport.Finding> warnings) {}

    static final class Section {
        @Nullable
        String name;

        final List<Row> rows = new ArrayList<>();
    }

    static final class Row {
        @Nullable
        String name;

        Kind kind = Kind.ROW;
        boolean whole;
        final List<Seat> seats = new ArrayList<>();
    }

    static final class Seat {
        /** Null in JSON, where the path tells. */
        final @Nullable Integer line;

        @Nullable
        String label;

        @Nullable
        String number;

        @Nullable
        String category;

        boolean accessible;
        boolean companion;
        boolean restrictedView;
        boolean aisleBefore;

        @Nullable
        Double x;

        @Nullable
        Double y;

        Seat(@Nullable Integer line) {
            this.line = line;
        }
    }

    static final class Area {
        final @Nullable Integer line;

        @Nullable
        String name;

        @Nullable
        String category;

        @Nullable
        Integer capacity;

        Area(@Nullable Integer line) {
            this.line = line;
        }
    }

    /** The place of a seat: each number counts from 0. */
    record Spot(int section, int row, int seat) {
        /** Another seat of the same row. */
        Spot at(int other) {
            return new Spot(section, row, other);
        }
    }

    final MapReport report = new MapReport();
    final List<Section> sections = new ArrayList<>();
    private final List<Area> areas = new ArrayList<>();

    /** Of numbers and categories: the same for many seats, and kept once. */
    private final Map<String, String> texts = new HashMap<>();

    private Point stage = new Point(0, 0);
    private int seats;

    void stage(double x, double y) {
        stage = new Point(x, y);
    }

    void add(Row row, Seat seat, Place place) {
        if (seats == SEATS_MAX) {
            throw report.broken(place, Code.TOO_MANY_SEATS, "is one more than the " + SEATS_MAX + " seats of a map");
        }
        seats++;
        row.seats.add(seat);
    }

    void add(Area area, Place place) {
        if (areas.size() == AREAS_MAX) {
            throw report.broken(place, Code.INVALID, "is one more than the " + AREAS_MAX + " areas of a map");
        }
        areas.add(area);
    }

    /** @param field as in JSON, and the column of CSV */
    Place place(Spot spot, String field) {
        Integer line = sections.get(spot.section).rows.get(spot.row).seats.get(spot.seat).line;
        return line == null
                ? new Place(
                        null, "sections[" + spot.section + "].rows[" + spot.row + "].seats[" + spot.seat + "]." + field)
                : new Place(line, field);
    }

    Place areaPlace(int area, String field, String column) {
        Integer line = areas.get(area).line;
        return line == null ? new Place(null, "areas[" + area + "]." + field) : new Place(line, column);
    }

    /**
     * The map, with what was left out: to be asked for once.
     *
     * @throws dev.holdfast.server.api.ProblemException {@code invalid-map} with all that is wrong with it
     */
    Imported finish() {
        if (seats == 0 && areas.isEmpty() && report.isClean()) {
            report.wrong(new Place(null, ""), "must have a seat or an area");
        }
        int rowsBefore = 0;
        List<VenueMap.Section> finished = new ArrayList<>(sections.size());
        for (int s = 0; s < sections.size(); s++) {
            Section section = sections.get(s);
            List<VenueMap.Row> rows = new ArrayList<>(section.rows.size());
            for (int r = 0; r < section.rows.size(); r++) {
                Row row = section.rows.get(r);
                rows.add(
                        new VenueMap.Row(named(row.name), row.kind, row.whole, seats(new Spot(s, r, 0), rowsBefore++)));
            }
            finished.add(new VenueMap.Section(named(section.name), rows));
        }
        var map = new VenueMap(stage, finished, finishedAreas());
        new MapRules(map, this).check();
        report.check();
        return new Imported(map, report.warnings());
    }

    private List<VenueMap.Seat> seats(Spot first, int rowsBefore) {
        Section section = sections.get(first.section);
        Row row = section.rows.get(first.row);
        boolean isPlaced = row.seats.stream().anyMatch(seat -> seat.x != null || seat.y != null);
        List<VenueMap.Seat> finished = new ArrayList<>(row.seats.size());
        for (int i = 0; i < row.seats.size(); i++) {
            Seat seat = row.seats.get(i);
            Spot spot = first.at(i);
            String number = required(seat.number, spot, "number");
            double fromCentre = (i - (row.seats.size() - 1) / 2.0) * SEAT_DISTANCE;
            finished.add(new VenueMap.Seat(
                    seat.label == null ? defaultLabel(named(section.name), named(row.name), number, spot) : seat.label,
                    number,
                    required(seat.category, spot, "category"),
                    seat.accessible,
                    seat.companion,
                    seat.restrictedView,
                    seat.aisleBefore,
                    isPlaced ? coordinate(seat.x, spot, "x") : stage.x() + fromCentre,
                    isPlaced ? coordinate(seat.y, spot, "y") : stage.y() + (rowsBefore + 1) * ROW_DISTANCE));
        }
        return finished;
    }

    private String defaultLabel(String section, String row, String number, Spot spot) {
        if (section.isEmpty() || row.isEmpty() || number.isEmpty()) {
            return "";
        }
        String label = MapValues.defaultLabel(section, row, number);
        try {
            return MapValues.label(label);
        } catch (IllegalArgumentException e) {
            report.wrong(place(spot, "label"), "is required: " + label + " is too long for one");
            return "";
        }
    }

    private String required(@Nullable String text, Spot spot, String field) {
        if (text == null) {
            report.wrong(place(spot, field), "is required");
        }
        return text == null ? "" : texts.computeIfAbsent(text, Function.identity());
    }

    private static String named(@Nullable String name) {
        return name == null ? "" : name;
    }

    private double coordinate(@Nullable Double coordinate, Spot spot, String field) {
        if (coordinate == null) {
            report.wrong(place(spot, field), "is required: other seats of its row have a place");
        }
        return coordinate == null ? Double.NaN : coordinate;
    }

    private List<VenueMap.Area> finishedAreas() {
        List<VenueMap.Area> finished = new ArrayList<>(areas.size());
        for (int i = 0; i < areas.size(); i++) {
            Area area = areas.get(i);
            if (area.name == null) {
                report.wrong(areaPlace(i, "name", "label"), "is required");
            }
            if (area.category == null) {
                report.wrong(areaPlace(i, "category", "category"), "is required");
            }
            if (area.capacity == null) {
                report.wrong(areaPlace(i, "capacity", "capacity"), "is required");
            }
            finished.add(new VenueMap.Area(
                    named(area.name), named(area.category), area.capacity == null ? 0 : area.capacity));
        }
        return finished;
    }
}
