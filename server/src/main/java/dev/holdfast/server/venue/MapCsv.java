package dev.holdfast.server.venue;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import dev.holdfast.server.venue.VenueMap.Area;
import dev.holdfast.server.venue.VenueMap.Row;
import dev.holdfast.server.venue.VenueMap.Row.Kind;
import dev.holdfast.server.venue.VenueMap.Seat;
import dev.holdfast.server.venue.VenueMap.Section;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A map as CSV (RFC 4180, UTF-8): a line for the stage, for each seat and for each area. Spreadsheets execute a cell that begins like a
 * formula, quoted or not: such a text is written behind an apostrophe, which is taken away when it is read.
 */
final class MapCsv {
    /** In the order in which they are written. */
    enum Column {
        SECTION("section"),
        ROW("row"),
        KIND("kind"),
        NUMBER("number"),
        LABEL("label"),
        CATEGORY("category"),
        ACCESSIBLE("accessible"),
        COMPANION("companion"),
        RESTRICTED_VIEW("restrictedView"),
        AISLE_BEFORE("aisleBefore"),
        X("x"),
        Y("y"),
        CAPACITY("capacity");

        final String title;

        Column(String title) {
            this.title = title;
        }
    }

    private static final Set<Column> OF_AREAS = EnumSet.of(Column.KIND, Column.LABEL, Column.CATEGORY, Column.CAPACITY);
    private static final Set<Column> OF_STAGE = EnumSet.of(Column.KIND, Column.X, Column.Y);

    /** What a line is about. */
    enum LineKind {
        ROW("row"),
        TABLE("table"),
        WHOLE_TABLE("whole-table"),
        AREA("area"),
        STAGE("stage");

        final String text;

        LineKind(String text) {
            this.text = text;
        }

        /** Whether a cell of the column has a meaning; otherwise it must be empty. */
        boolean has(Column column) {
            return switch (this) {
                case ROW, TABLE, WHOLE_TABLE -> column != Column.CAPACITY;
                case AREA -> OF_AREAS.contains(column);
                case STAGE -> OF_STAGE.contains(column);
            };
        }
    }

    /** Not "true", of which a spreadsheet makes a word of its own language. */
    static final String YES = "yes";

    /** As OWASP lists them; texts of a map have no control characters. */
    private static final String BEGINS_FORMULA = "[=+\\-@＝＋－＠]";

    private static final Pattern FORMULA = Pattern.compile("'*" + BEGINS_FORMULA + ".*", Pattern.DOTALL);
    private static final Pattern PROTECTED = Pattern.compile("'+" + BEGINS_FORMULA + ".*", Pattern.DOTALL);

    private MapCsv() {}

    static byte[] write(VenueMap map) {
        var out = new ByteArrayOutputStream();
        try (CsvWriter csv =
                CsvWriter.builder().lineDelimiter(LineDelimiter.CRLF).build(out, StandardCharsets.UTF_8)) {
            csv.writeRecord(
                    Arrays.stream(Column.values()).map(column -> column.title).toList());
            write(
                    csv,
                    LineKind.STAGE,
                    Map.of(
                            Column.X,
                            decimal(map.stage().x()),
                            Column.Y,
                            decimal(map.stage().y())));
            for (Section section : map.sections()) {
                for (Row row : section.rows()) {
                    row.seats().forEach(seat -> write(csv, kind(row), cells(section, row, seat)));
                }
            }
            map.areas().forEach(area -> write(csv, LineKind.AREA, cells(area)));
        } catch (IOException e) {
            throw new UncheckedIOException("memory can be written", e);
        }
        return out.toByteArray();
    }

    /** A text as it was before it was protected from being executed. */
    static String unprotected(String cell) {
        return cell.startsWith("'") && PROTECTED.matcher(cell).matches() ? cell.substring(1) : cell;
    }

    private static String protect(String text) {
        return FORMULA.matcher(text).matches() ? "'" + text : text;
    }

    private static LineKind kind(Row row) {
        return row.kind() == Kind.ROW ? LineKind.ROW : row.whole() ? LineKind.WHOLE_TABLE : LineKind.TABLE;
    }

    private static Map<Column, String> cells(Section section, Row row, Seat seat) {
        var cells = new EnumMap<Column, String>(Column.class);
        cells.put(Column.SECTION, protect(section.name()));
        cells.put(Column.ROW, protect(row.name()));
        cells.put(Column.NUMBER, protect(seat.number()));
        cells.put(Column.LABEL, protect(seat.label()));
        cells.put(Column.CATEGORY, protect(seat.category()));
        cells.put(Column.ACCESSIBLE, flag(seat.accessible()));
        cells.put(Column.COMPANION, flag(seat.companion()));
        cells.put(Column.RESTRICTED_VIEW, flag(seat.restrictedView()));
        cells.put(Column.AISLE_BEFORE, flag(seat.aisleBefore()));
        cells.put(Column.X, decimal(seat.x()));
        cells.put(Column.Y, decimal(seat.y()));
        return cells;
    }

    private static Map<Column, String> cells(Area area) {
        return Map.of(
                Column.LABEL,
                protect(area.name()),
                Column.CATEGORY,
                protect(area.category()),
                Column.CAPACITY,
                Integer.toString(area.capacity()));
    }

    private static void write(CsvWriter csv, LineKind kind, Map<Column, String> cells) {
        csv.writeRecord(Arrays.stream(Column.values())
                .map(column -> column == Column.KIND ? kind.text : cells.getOrDefault(column, ""))
                .toList());
    }

    private static String flag(boolean flag) {
        return flag ? YES : "";
    }

    /** Without the ".0" of whole numbers. */
    private static String decimal(double number) {
        return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
    }
}
