package dev.holdfast.server.venue;

import dev.holdfast.server.venue.MapCsv.Column;
import dev.holdfast.server.venue.MapCsv.LineKind;
import dev.holdfast.server.venue.MapReport.Code;
import dev.holdfast.server.venue.MapReport.Place;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A line of CSV while it is read. An empty cell is null; what is wrong is noted, and stands in as an empty text or no number.
 *
 * @param number from 1
 * @param columns where each is that is there
 */
record CsvLine(List<String> cells, int number, Map<Column, Integer> columns, char separator, MapReport report) {
    /** Not all that Java takes: "NaN", "0x1p3", "1d". */
    private static final Pattern DECIMAL = Pattern.compile("-?[0-9]{1,20}(\\.[0-9]{1,40})?(E-?[0-9]{1,3})?");

    private static final Pattern WHOLE = Pattern.compile("[0-9]{1,10}");

    /** Null, and noted, if there is no such kind. */
    @Nullable
    LineKind kind() {
        String text = cell(Column.KIND);
        if (text == null) {
            return LineKind.ROW;
        }
        for (LineKind kind : LineKind.values()) {
            if (kind.text.equals(text)) {
                return kind;
            }
        }
        String known = Arrays.stream(LineKind.values()).map(kind -> kind.text).collect(Collectors.joining(", "));
        return refused(Column.KIND, "must be one of " + known, null);
    }

    /** What has no meaning here is a mistake: better refused than ignored. */
    void refuseAllBut(LineKind kind) {
        for (Column column : columns.keySet()) {
            if (!kind.has(column) && cell(column) != null) {
                wrong(column, Code.INVALID, "must be empty: the line is about " + kind.text);
            }
        }
    }

    @Nullable
    String text(Column column, UnaryOperator<String> type) {
        String cell = cell(column);
        try {
            return cell == null ? null : type.apply(MapCsv.unprotected(cell));
        } catch (IllegalArgumentException e) {
            return refused(column, String.valueOf(e.getMessage()), "");
        }
    }

    boolean flag(Column column) {
        String cell = cell(column);
        if (cell == null) {
            return false;
        }
        return switch (cell.toLowerCase(Locale.ROOT)) {
            case MapCsv.YES, "true" -> true;
            case "no", "false" -> false;
            default -> refused(column, "must be yes, no, true, false or empty", false);
        };
    }

    @Nullable
    Double decimal(Column column) {
        String cell = cell(column);
        if (cell == null) {
            return null;
        }
        String decimal = separator == ';' ? cell.replace(',', '.') : cell;
        double value = DECIMAL.matcher(decimal).matches() ? Double.parseDouble(decimal) : Double.NaN;
        return MapValues.isCoordinate(value)
                ? value + 0.0 // of -0.0, which is the same place, 0.0
                : refused(column, MapValues.COORDINATE, Double.NaN);
    }

    @Nullable
    Integer capacity() {
        String cell = cell(Column.CAPACITY);
        if (cell == null) {
            return null;
        }
        double value = WHOLE.matcher(cell).matches() ? Double.parseDouble(cell) : 0;
        return MapValues.isCapacity(value)
                ? Integer.valueOf((int) value)
                : refused(Column.CAPACITY, MapValues.CAPACITY, 0);
    }

    /** The value; noted if there is none. */
    <T> @Nullable T required(Column column, @Nullable T value) {
        return value == null ? refused(column, "is required", null) : value;
    }

    void wrong(Column column, Code code, String message) {
        report.wrong(place(column), code, message);
    }

    Place place(Column column) {
        return new Place(number, column.title);
    }

    private <T extends @Nullable Object> T refused(Column column, String message, T placeholder) {
        wrong(column, Code.INVALID, message);
        return placeholder;
    }

    /** Null: empty, or not there. */
    private @Nullable String cell(Column column) {
        Integer index = columns.get(column);
        if (index == null || index >= cells.size()) {
            return null;
        }
        String cell = cells.get(index);
        return cell.isEmpty() ? null : cell;
    }
}
