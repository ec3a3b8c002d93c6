package dev.holdfast.server.venue;

import de.siegmar.fastcsv.reader.CsvReader;
import dev.holdfast.server.api.Json;
import dev.holdfast.server.venue.VenueMap.Area;
import dev.holdfast.server.venue.VenueMap.Point;
import dev.holdfast.server.venue.VenueMap.Row;
import dev.holdfast.server.venue.VenueMap.Row.Kind;
import dev.holdfast.server.venue.VenueMap.Seat;
import dev.holdfast.server.venue.VenueMap.Section;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

import static org.assertj.core.api.Assertions.assertThat;

/** Whatever a map says, it says again when it was written and read. */
class MapRoundTripTest {
    /** Whatever CSV, spreadsheets and JSON find special, and what is not in ASCII. */
    private static final String[] CHARACTERS = "a Z 0 9 , ; \" ' = + - @ ＝ ＠ \\ { [ # | Ä ß 字 🎭".split(" ");

    private static final double[] COORDINATES = {0, 1, -1, 0.1, -12.5, 1e-7, 999_999.999, -1_000_000, 1 / 3.0};

    @Property(tries = 300)
    void jsonIsReadAsItWasWritten(@ForAll Random random) {
        VenueMap map = map(random);

        assertThat(MapJson.read(Json.write(map)).map()).isEqualTo(map);
    }

    @Property(tries = 300)
    void csvIsReadAsItWasWritten(@ForAll Random random) {
        VenueMap map = map(random);

        assertThat(MapCsvReader.read(MapCsv.write(map)).map()).isEqualTo(map);
    }

    @Property(tries = 300)
    void noCellOfCsvIsAFormula(@ForAll Random random) throws IOException {
        String csv = new String(MapCsv.write(map(random)), StandardCharsets.UTF_8);

        try (var records = CsvReader.builder().ofCsvRecord(csv)) {
            assertThat(records.stream().flatMap(record -> record.getFields().stream()))
                    .noneMatch(cell -> cell.matches("(?s)[=+@＝＋－＠].*|-(?!\\d+(\\.\\d+)?(E-?\\d+)?$).*"));
        }
    }

    /** Without errors; of what may be left out, nothing is. */
    private static VenueMap map(Random random) {
        var labels = unique(() -> text(random, ""));
        var places = unique(() -> new Point(coordinate(random), coordinate(random)));
        var sectionNames = unique(() -> text(random, " "));
        List<Section> sections = new ArrayList<>();
        for (int s = random.nextInt(3); s >= 0; s--) {
            var rowNames = unique(() -> text(random, " "));
            List<Row> rows = new ArrayList<>();
            for (int r = random.nextInt(3); r >= 0; r--) {
                Kind kind = random.nextBoolean() ? Kind.ROW : Kind.TABLE;
                boolean whole = kind == Kind.TABLE && random.nextBoolean();
                rows.add(new Row(rowNames.get(), kind, whole, seats(random, labels, places)));
            }
            sections.add(new Section(sectionNames.get(), rows));
        }
        List<Area> areas = new ArrayList<>();
        for (int a = random.nextInt(3); a > 0; a--) {
            areas.add(new Area(labels.get(), text(random, " "), 1 + random.nextInt(1_000_000)));
        }
        return new VenueMap(new Point(coordinate(random), coordinate(random)), sections, areas);
    }

    private static List<Seat> seats(Random random, Supplier<String> labels, Supplier<Point> places) {
        List<Seat> seats = new ArrayList<>();
        boolean mayHaveCompanion = false;
        for (int i = random.nextInt(6); i >= 0; i--) {
            Point place = places.get();
            boolean aisleBefore = random.nextInt(3) == 0;
            boolean accessible = random.nextInt(3) == 0;
            boolean companion = mayHaveCompanion && !aisleBefore && random.nextBoolean();
            seats.add(new Seat(
                    labels.get(),
                    text(random, " "),
                    text(random, " "),
                    accessible,
                    companion,
                    random.nextBoolean(),
                    aisleBefore,
                    place.x(),
                    place.y()));
            mayHaveCompanion = accessible;
        }
        return seats;
    }

    /** @param within what may stand between its ends */
    private static String text(Random random, String within) {
        var text = new StringBuilder();
        for (int i = random.nextInt(6); i >= 0; i--) {
            text.append(CHARACTERS[random.nextInt(CHARACTERS.length)]);
            text.append(i > 0 && random.nextInt(4) == 0 ? within : "");
        }
        return text.toString();
    }

    /** The edges, or anything between them. */
    private static double coordinate(Random random) {
        return random.nextInt(4) == 0
                ? COORDINATES[random.nextInt(COORDINATES.length)]
                : random.nextDouble(-1_000_000, 1_000_000);
    }

    private static <T> Supplier<T> unique(Supplier<T> values) {
        Set<T> given = new HashSet<>();
        return () -> {
            T value = values.get();
            while (!given.add(value)) {
                value = values.get();
            }
            return value;
        };
    }
}
