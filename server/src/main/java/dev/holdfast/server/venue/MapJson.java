package dev.holdfast.server.venue;

import dev.holdfast.server.api.ErrorCode;
import dev.holdfast.server.api.Json;
import dev.holdfast.server.api.Problem;
import dev.holdfast.server.api.ProblemException;
import dev.holdfast.server.venue.Draft.Area;
import dev.holdfast.server.venue.Draft.Imported;
import dev.holdfast.server.venue.Draft.Row;
import dev.holdfast.server.venue.Draft.Seat;
import dev.holdfast.server.venue.Draft.Section;
import dev.holdfast.server.venue.MapReport.Code;
import dev.holdfast.server.venue.MapReport.Place;
import dev.holdfast.server.venue.VenueMap.Row.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads a map as JSON, token by token: a tree of 200,000 seats would take more than 100 MB. As strict as {@link
 * dev.holdfast.server.api.Body}: nothing is coerced, nothing unknown is let through, null is as good as missing.
 */
final class MapJson {
    private final JsonParser in;
    private final Draft draft = new Draft();

    private MapJson(JsonParser in) {
        this.in = in;
    }

    /**
     * The map, and what had better be otherwise in it.
     *
     * @throws ProblemException {@code malformed-json}; {@code invalid-map} with all that is wrong
     */
    static Imported read(byte[] json) {
        try (JsonParser in = Json.parser(json)) {
            var reader = new MapJson(in);
            if (in.nextToken() == null) {
                throw malformed("the body is empty");
            }
            reader.map();
            if (in.nextToken() != null) {
                throw malformed("there is something behind the map");
            }
            return reader.draft.finish();
        } catch (JacksonException e) {
            throw malformed(e.getOriginalMessage());
        }
    }

    private void map() {
        Set<String> sections = new HashSet<>();
        object("", field -> {
            switch (field) {
                case "stage" -> stage();
                case "sections" -> array("", field, i -> section("sections[" + i + "]", sections));
                case "areas" -> array("", field, i -> area("areas[" + i + "]"));
                default -> unknown("", field, "stage, sections, areas");
            }
        });
    }

    private void stage() {
        if (in.currentToken() == JsonToken.VALUE_NULL) {
            return;
        }
        var point = new Seat(null);
        object("stage", field -> {
            switch (field) {
                case "x" -> point.x = decimal("stage", field);
                case "y" -> point.y = decimal("stage", field);
                default -> unknown("stage", field, "x, y");
            }
        });
        if (point.x == null || point.y == null) {
            wrong("stage", point.x == null ? "x" : "y", "is required");
        } else {
            draft.stage(point.x, point.y);
        }
    }

    private void section(String path, Set<String> names) {
        var section = new Section();
        draft.sections.add(section);
        Set<String> rows = new HashSet<>();
        object(path, field -> {
            switch (field) {
                case "name" -> section.name = name(path, field, names);
                case "rows" -> array(path, field, i -> row(path + ".rows[" + i + "]", section, rows));
                default -> unknown(path, field, "name, rows");
            }
        });
        requireName(path, section.name);
        if (section.rows.isEmpty()) {
            wrong(path, "rows", "must have at least one row");
        }
    }

    private void row(String path, Section section, Set<String> names) {
        var row = new Row();
        section.rows.add(row);
        object(path, field -> {
            switch (field) {
                case "name" -> row.name = name(path, field, names);
                case "kind" -> row.kind = kind(path, field);
                case "whole" -> row.whole = flag(path, field);
                case "seats" -> array(path, field, i -> seat(path + ".seats[" + i + "]", row));
                default -> unknown(path, field, "name, kind, whole, seats");
            }
        });
        requireName(path, row.name);
        if (row.whole && row.kind == Kind.ROW) {
            wrong(path, "whole", "is for tables only");
        }
        if (row.seats.isEmpty()) {
            wrong(path, "seats", "must have at least one seat");
        }
    }

    private void seat(String path, Row row) {
        var seat = new Seat(null);
        draft.add(row, seat, new Place(null, path));
        object(path, field -> {
            switch (field) {
                case "label" -> seat.label = text(path, field, MapValues::label);
                case "number" -> seat.number = text(path, field, MapValues::name);
                case "category" -> seat.category = text(path, field, MapValues::name);
                case "accessible" -> seat.accessible = flag(path, field);
                case "companion" -> seat.companion = flag(path, field);
                case "restrictedView" -> seat.restrictedView = flag(path, field);
                case "aisleBefore" -> seat.aisleBefore = flag(path, field);
                case "x" -> seat.x = decimal(path, field);
                case "y" -> seat.y = decimal(path, field);
                default ->
                    unknown(
                            path,
                            field,
                            "label, number, category, accessible, companion, restrictedView, aisleBefore, x, y");
            }
        });
    }

    private void area(String path) {
        var area = new Area(null);
        draft.add(area, new Place(null, path));
        object(path, field -> {
            switch (field) {
                case "name" -> area.name = text(path, field, MapValues::label);
                case "category" -> area.category = text(path, field, MapValues::name);
                case "capacity" -> area.capacity = capacity(path, field);
                default -> unknown(path, field, "name, category, capacity");
            }
        });
    }

    /** Reads an object's fields, each with its value as the current token. */
    private void object(String path, Consumer<String> field) {
        if (in.currentToken() != JsonToken.START_OBJECT) {
            wrong("", path, "must be an object");
            in.skipChildren();
            return;
        }
        List<String> names = new ArrayList<>(9); // a look through so few is faster than a set
        while (in.nextToken() != JsonToken.END_OBJECT) {
            String name = in.currentName();
            if (names.contains(name)) {
                throw malformed(at(path, name) + " is there twice");
            }
            names.add(name);
            in.nextToken();
            field.accept(name);
        }
    }

    private void array(String path, String field, IntConsumer element) {
        if (in.currentToken() == JsonToken.VALUE_NULL) {
            return;
        }
        if (in.currentToken() != JsonToken.START_ARRAY) {
            wrong(path, field, "must be a list");
            in.skipChildren();
            return;
        }
        for (int i = 0; in.nextToken() != JsonToken.END_ARRAY; i++) {
            element.accept(i);
        }
    }

    /** Null if it is absent; empty if it is wrong. */
    private @Nullable String text(String path, String field, UnaryOperator<String> type) {
        if (in.currentToken() == JsonToken.VALUE_NULL) {
            return null;
        }
        if (in.currentToken() != JsonToken.VALUE_STRING) {
            return refused(path, field, "must be a text", "");
        }
        try {
            return type.apply(in.getString());
        } catch (IllegalArgumentException e) {
            return refused(path, field, String.valueOf(e.getMessage()), "");
        }
    }

    private @Nullable String name(String path, String field, Set<String> names) {
        String name = text(path, field, MapValues::name);
        if (name != null && !name.isEmpty() && !names.add(name)) {
            draft.report.wrong(new Place(null, at(path, field)), Code.DUPLICATE_NAME, "is " + name + " as another");
        }
        return name;
    }

    private Kind kind(String path, String field) {
        String kind = text(path, field, UnaryOperator.identity());
        if (kind == null || kind.equals(Kind.ROW.name())) {
            return Kind.ROW;
        }
        return kind.equals(Kind.TABLE.name()) ? Kind.TABLE : refused(path, field, "must be ROW or TABLE", Kind.ROW);
    }

    private boolean flag(String path, String field) {
        return switch (in.currentToken()) {
            case VALUE_TRUE -> true;
            case VALUE_FALSE, VALUE_NULL -> false;
            default -> refused(path, field, "must be true or false", false);
        };
    }

    /** Null if it is absent; no number if it is wrong. */
    private @Nullable Double decimal(String path, String field) {
        if (in.currentToken() == JsonToken.VALUE_NULL) {
            return null;
        }
        double value = in.currentToken().isNumeric() ? in.getDoubleValue() : Double.NaN;
        return MapValues.isCoordinate(value)
                ? value + 0.0 // of -0.0, which is the same place, 0.0
                : refused(path, field, MapValues.COORDINATE, Double.NaN);
    }

    private @Nullable Integer capacity(String path, String field) {
        if (in.currentToken() == JsonToken.VALUE_NULL) {
            return null;
        }
        double value = in.currentToken() == JsonToken.VALUE_NUMBER_INT ? in.getDoubleValue() : Double.NaN;
        return MapValues.isCapacity(value) ? Integer.valueOf((int) value) : refused(path, field, MapValues.CAPACITY, 0);
    }

    private <T> T refused(String path, String field, String message, T placeholder) {
        wrong(path, field, message);
        in.skipChildren();
        return placeholder;
    }

    private void unknown(String path, String field, String known) {
        refused(path, field, "is unknown; there are " + known, field);
    }

    private void requireName(String path, @Nullable String name) {
        if (name == null) {
            wrong(path, "name", "is required");
        }
    }

    private void wrong(String path, String field, String message) {
        draft.report.wrong(new Place(null, at(path, field)), message);
    }

    private static String at(String path, String field) {
        return path.isEmpty() ? field : path + "." + field;
    }

    private static ProblemException malformed(String detail) {
        return Problem.of(ErrorCode.MALFORMED_JSON, detail).asException();
    }
}
