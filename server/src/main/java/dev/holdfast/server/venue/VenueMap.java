package dev.holdfast.server.venue;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.util.List;

/** Where people sit or stand: one immutable version of a venue's map, sections and rows in their order. As JSON it is the contract's. */
@Schema(name = "VenueMap", description = "Sections with their rows and tables, and areas; at least one seat or area")
public record VenueMap(
        @Schema(description = "In front of everything; 0, 0 if absent")
        Point stage,

        @Schema(description = "None if absent") List<Section> sections,
        @Schema(description = "None if absent") List<Area> areas) {
    /**
     * Any unit of length, the same for the whole map; only distances count.
     *
     * @param x to the right
     * @param y away from the stage, as on a plan
     */
    @Schema(name = "VenuePoint", description = "In any unit of length; y grows away from the stage")
    public record Point(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            double x,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            double y) {}

    /**
     * Rows that are found together.
     *
     * @param name unique in the map
     */
    @Schema(name = "VenueSection")
    public record Section(
            @Schema(
                    description = "Unique in the map; 1 to 40 characters",
                    example = "Stalls",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            String name,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            List<Row> rows) {
        public Section {
            rows = List.copyOf(rows);
        }
    }

    /**
     * Seats that belong together.
     *
     * @param name unique in its section
     * @param whole of a table: it is sold only as a whole
     * @param seats in their order
     */
    @Schema(name = "VenueRow", description = "A row or a table")
    public record Row(
            @Schema(
                    description = "Unique in its section; 1 to 40 characters",
                    example = "A",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            String name,

            @Schema(description = "ROW if absent") Kind kind,

            @Schema(description = "A table that is sold only as a whole; false if absent")
            @JsonInclude(JsonInclude.Include.NON_DEFAULT)
            boolean whole,

            @Schema(description = "In their order", requiredMode = Schema.RequiredMode.REQUIRED)
            List<Seat> seats) {
        public enum Kind {
            /** Neighbours in the list are adjacent unless the later one has an aisle before it. */
            ROW,
            /** All seats of it are together. */
            TABLE
        }

        public Row {
            seats = List.copyOf(seats);
        }
    }

    /**
     * A place for one.
     *
     * @param label what buyers see and the API takes ({@code A-12}): unique in the map, 1 to 40 printable characters without white space
     * @param number as it is written on the seat
     * @param category what it costs depends on it; 1 to 40 characters
     * @param accessible a place for a wheelchair
     * @param companion for somebody who comes with one in a wheelchair: beside an accessible one
     */
    @Schema(name = "VenueSeat")
    public record Seat(
            @Schema(
                    description = "Unique in the map, 1 to 40 characters without white space; made of section, row and"
                            + " number if absent",
                    example = "Stalls-A-12")
            String label,

            @Schema(
                    description = "As it is written on the seat; 1 to 40 characters",
                    example = "12",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            String number,

            @Schema(description = "1 to 40 characters", example = "Silver", requiredMode = Schema.RequiredMode.REQUIRED)
            String category,

            @Schema(description = "A place for a wheelchair; false if absent")
            @JsonInclude(JsonInclude.Include.NON_DEFAULT)
            boolean accessible,

            @Schema(description = "Beside an accessible one; false if absent")
            @JsonInclude(JsonInclude.Include.NON_DEFAULT)
            boolean companion,

            @Schema(description = "false if absent") @JsonInclude(JsonInclude.Include.NON_DEFAULT)
            boolean restrictedView,

            @Schema(description = "Not adjacent to the seat before it; false if absent")
            @JsonInclude(JsonInclude.Include.NON_DEFAULT)
            boolean aisleBefore,

            @Schema(description = "For all seats of a row or for none")
            double x,

            @Schema(description = "For all seats of a row or for none")
            double y) {}

    /**
     * Standing or unnumbered places.
     *
     * @param name unique in the map, and no seat's label
     */
    @Schema(name = "VenueArea", description = "Standing or unnumbered places")
    public record Area(
            @Schema(
                    description = "Unique in the map, and no seat's label; as a label",
                    example = "Floor",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            String name,

            @Schema(
                    description = "1 to 40 characters",
                    example = "Standing",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            String category,

            @Schema(example = "500", requiredMode = Schema.RequiredMode.REQUIRED) @Min(1) @Max(1_000_000)
            int capacity) {}

    public VenueMap {
        sections = List.copyOf(sections);
        areas = List.copyOf(areas);
    }

    /** How many seats there are, those of tables too; areas have none. */
    int seats() {
        return sections.stream()
                .flatMap(section -> section.rows().stream())
                .mapToInt(row -> row.seats().size())
                .sum();
    }

    /** How many have a place in areas. */
    int standing() {
        return areas.stream().mapToInt(Area::capacity).sum();
    }
}
