package dev.holdfast.server.venue;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import dev.holdfast.server.venue.Draft.Area;
import dev.holdfast.server.venue.Draft.Imported;
import dev.holdfast.server.venue.Draft.Row;
import dev.holdfast.server.venue.Draft.Seat;
import dev.holdfast.server.venue.Draft.Section;
import dev.holdfast.server.venue.MapCsv.Column;
import dev.holdfast.server.venue.MapCsv.LineKind;
import dev.holdfast.server.venue.MapReport.Code;
import dev.holdfast.server.venue.MapReport.Place;
import dev.holdfast.server.venue.VenueMap.Row.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads a map as CSV. The first line names the columns, in any order; one that is not there is empty in every line. Commas or semicolons
 * separate cells, whichever the first line has; with semicolons decimals may have a comma, as the spreadsheets of many countries write
 * both.
 */
final class MapCsvReader {
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    /** A row, and by which line it was begun. */
    private record Begun(Row row, LineKind kind, int line) {}

    private record Open(Section section, Map<String, Begun> rows) {}

    private final Draft draft = new Draft();
    private final Map<String, Open> sections = new HashMap<>();
    private @Nullable Integer stageLine;

    private MapCsvReader() {}

    /**
     * The map, and what had better be otherwise in it.
     *
     * @throws dev.holdfast.server.api.ProblemException {@code invalid-map} with all that is wrong
     */
    static Imported read(byte[] csv) {
        var reader = new MapCsvReader();
        reader.read(reader.text(csv));
        return reader.draft.finish();
    }

    private String text(byte[] csv) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(csv))
                    .toString();
            return text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw draft.report.broken(new Place(1, ""), Code.INVALID, "must be in UTF-8");
        }
    }

    private void read(String text) {
        String first = text.lines().findFirst().orElse("");
        char separator = first.contains(";") ? ';' : ',';
        var reading = new CsvCells();
        try (var lines = CsvReader.builder()
                .fieldSeparator(separator)
                .allowUnclosedQuote(false)
                .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
                .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                .build(reading, text)) {
            Map<Column, Integer> columns = null;
            int width = 0;
            for (List<String> cells : lines) {
                int number = reading.line();
                if (columns == null) {
                    columns = columns(cells, number);
                    width = cells.size();
                } else if (cells.size() > width) {
                    draft.report.wrong(
                            new Place(number, ""), "has " + cells.size() + " cells, and the first line " + width);
                } else if (!cells.stream().allMatch(String::isEmpty)) { // which is how spreadsheets write an empty line
                    read(new CsvLine(cells, number, columns, separator, draft.report));
                }
            }
        } catch (CsvParseException e) {
            String why = String.valueOf(
                    e.getCause() == null ? e.getMessage() : e.getCause().getMessage());
            throw draft.report.broken(
                    new Place(reading.line(), ""), Code.INVALID, "and what follows cannot be read: " + why);
        } catch (IOException e) {
            throw new UncheckedIOException("memory can be read", e);
        }
    }

    private Map<Column, Integer> columns(List<String> titles, int line) {
        Map<Column, Integer> columns = new EnumMap<>(Column.class);
        for (int i = 0; i < titles.size(); i++) {
            String title = titles.get(i);
            Column column = Arrays.stream(Column.values())
                    .filter(known -> known.title.equals(title))
                    .findFirst()
                    .orElse(null);
            if (column == null) {
                String known =
                        Arrays.stream(Column.values()).map(each -> each.title).collect(Collectors.joining(", "));
                draft.report.wrong(new Place(line, title), "is an unknown column; there are " + known);
            } else if (columns.putIfAbsent(column, i) != null) {
                draft.report.wrong(new Place(line, title), Code.DUPLICATE_NAME, "is there twice");
            }
        }
        Set<Column> required = columns.containsKey(Column.KIND)
                ? EnumSet.of(Column.CATEGORY)
                : EnumSet.of(Column.SECTION, Column.ROW, Column.NUMBER, Column.CATEGORY); // every line is a seat
        required.removeAll(columns.keySet());
        required.forEach(column -> draft.report.wrong(new Place(line, column.title), "is a column that is required"));
        draft.report.check(); // no line means anything without its columns
        return columns;
    }

    private void read(CsvLine line) {
        LineKind kind = line.kind();
        if (kind == null) {
            return;
        }
        line.refuseAllBut(kind);
        switch (kind) {
            case STAGE -> stage(line);
            case AREA -> area(line);
            case ROW, TABLE, WHOLE_TABLE -> seat(line, kind);
        }
    }

    private void stage(CsvLine line) {
        Double x = line.required(Column.X, line.decimal(Column.X));
        Double y = line.required(Column.Y, line.decimal(Column.Y));
        if (stageLine != null) {
            line.wrong(Column.KIND, Code.DUPLICATE_NAME, "is stage as in line " + stageLine);
        } else if (x != null && y != null) {
            draft.stage(x, y);
        }
        stageLine = line.number();
    }

    private void area(CsvLine line) {
        var area = new Area(line.number());
        area.name = line.text(Column.LABEL, MapValues::label);
        area.category = line.text(Column.CATEGORY, MapValues::name);
        area.capacity = line.capacity();
        draft.add(area, line.place(Column.LABEL));
    }

    private void seat(CsvLine line, LineKind kind) {
        var seat = new Seat(line.number());
        seat.number = line.text(Column.NUMBER, MapValues::name);
        seat.label = line.text(Column.LABEL, MapValues::label);
        seat.category = line.text(Column.CATEGORY, MapValues::name);
        seat.accessible = line.flag(Column.ACCESSIBLE);
        seat.companion = line.flag(Column.COMPANION);
        seat.restrictedView = line.flag(Column.RESTRICTED_VIEW);
        seat.aisleBefore = line.flag(Column.AISLE_BEFORE);
        seat.x = line.decimal(Column.X);
        seat.y = line.decimal(Column.Y);
        String section = line.required(Column.SECTION, line.text(Column.SECTION, MapValues::name));
        String row = line.required(Column.ROW, line.text(Column.ROW, MapValues::name));
        draft.add(
                row(section == null ? "" : section, row == null ? "" : row, kind, line),
                seat,
                line.place(Column.NUMBER));
    }

    private Row row(String section, String name, LineKind kind, CsvLine line) {
        Open open = sections.computeIfAbsent(section, this::begin);
        Begun begun = open.rows.computeIfAbsent(name, _ -> begin(open.section, name, kind, line));
        if (begun.kind != kind) {
            line.wrong(
                    Column.KIND,
                    Code.INVALID,
                    "must be " + begun.kind.text + ", as line " + begun.line + " began the row");
        }
        return begun.row;
    }

    private Open begin(String name) {
        var section = new Section();
        section.name = name;
        draft.sections.add(section);
        return new Open(section, new HashMap<>());
    }

    private static Begun begin(Section section, String name, LineKind kind, CsvLine line) {
        var row = new Row();
        row.name = name;
        row.kind = kind == LineKind.ROW ? Kind.ROW : Kind.TABLE;
        row.whole = kind == LineKind.WHOLE_TABLE;
        section.rows.add(row);
        return new Begun(row, kind, line.number());
    }
}
