package dev.holdfast.server.venue;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.holdfast.server.api.ErrorCode;
import dev.holdfast.server.api.Problem;
import dev.holdfast.server.api.ProblemException;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What is wrong with a map that was read, and what may be: collected, so that who drew it sees it all at once. */
final class MapReport {
    /** Of errors, and of warnings. Whoever has made so many has made one of them very often. */
    static final int FINDINGS_MAX = 1_000;

    /** What kind of thing was found: errors first, then warnings. */
    enum Code {
        /** Missing, unknown, of another type, or out of range. */
        INVALID,
        DUPLICATE_NAME,
        DUPLICATE_LABEL,
        SAME_PLACE,
        LONE_COMPANION,
        TOO_MANY_SEATS,

        NUMBER_GAP,
        UNREACHABLE,
        LONG_BLOCK,
        MIXED_CATEGORIES;

        @JsonValue
        String code() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * Where in the client's text something is written.
     *
     * @param line of CSV, from 1; null in JSON
     * @param field the column; in JSON the path
     */
    record Place(@Nullable Integer line, String field) {
        @Override
        public String toString() {
            return line == null ? field : "line " + line;
        }
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    @Schema(name = "VenueMapFinding")
    record Finding(
            @Schema(description = "Of CSV; absent with JSON", example = "17") @Nullable
            Integer line,

            @Schema(
                    description = "The column; with JSON the path",
                    example = "number",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            String field,

            @Schema(type = "string", example = "number-gap", requiredMode = Schema.RequiredMode.REQUIRED)
            Code code,

            @Schema(example = "there is no 3", requiredMode = Schema.RequiredMode.REQUIRED)
            String message) {
        @Override
        public String toString() {
            return (line == null ? "" : "line " + line + ": ") + field + " " + message;
        }
    }

    private final List<Finding> errors = new ArrayList<>();
    private final List<Finding> warnings = new ArrayList<>();

    /**
     * Notes an error.
     *
     * @throws ProblemException {@code invalid-map} if it is the last that may be noted
     */
    void wrong(Place place, Code code, String message) {
        errors.add(new Finding(place.line, place.field, code, message));
        if (errors.size() == FINDINGS_MAX) {
            throw problem("At least " + FINDINGS_MAX + " errors");
        }
    }

    void wrong(Place place, String message) {
        wrong(place, Code.INVALID, message);
    }

    /**
     * Notes an error behind which nothing can be read.
     *
     * @throws ProblemException {@code invalid-map}
     */
    ProblemException broken(Place place, Code code, String message) {
        wrong(place, code, message);
        throw problem(count());
    }

    /** Notes what may be wrong; nothing any more if there is too much. */
    void warn(Place place, Code code, String message) {
        if (warnings.size() < FINDINGS_MAX) {
            warnings.add(new Finding(place.line, place.field, code, message));
        }
    }

    boolean isClean() {
        return errors.isEmpty();
    }

    /**
     * The end, if something is wrong.
     *
     * @throws ProblemException {@code invalid-map} with all of it
     */
    void check() {
        if (!errors.isEmpty()) {
            throw problem(count());
        }
    }

    List<Finding> warnings() {
        return inOrder(warnings);
    }

    private String count() {
        return errors.size() == 1 ? "One error" : errors.size() + " errors";
    }

    private ProblemException problem(String count) {
        List<Finding> found = inOrder(errors);
        return Problem.of(ErrorCode.INVALID_MAP, count + ", and nothing was changed; the first: " + found.getFirst())
                .with("violations", found)
                .asException();
    }

    /** Of the lines; in JSON as they were found. */
    private static List<Finding> inOrder(List<Finding> found) {
        return found.stream()
                .sorted(Comparator.comparingInt(finding -> finding.line == null ? 0 : finding.line))
                .toList();
    }
}
