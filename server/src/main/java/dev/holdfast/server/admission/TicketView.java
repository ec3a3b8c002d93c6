package dev.holdfast.server.admission;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.holdfast.server.admission.Ticket.Entry;
import dev.holdfast.server.admission.Ticket.State;
import dev.holdfast.server.api.Money;
import dev.holdfast.server.ticketing.Performances.Performance;
import dev.holdfast.server.ticketing.Performances.Place;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

@Schema(name = "Ticket", description = "The right of one person to one place")
record TicketView(
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) UUID id,

        @Schema(description = "For If-Match", requiredMode = Schema.RequiredMode.REQUIRED)
        long version,

        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) State state,
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) UUID orderId,
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) EventView event,
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) PlaceView place,
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) String holder,

        @Schema(description = "What it was sold for", requiredMode = Schema.RequiredMode.REQUIRED)
        Money price,

        @Schema(description = "Of its code: those before it are worthless", requiredMode = Schema.RequiredMode.REQUIRED)
        int generation,

        @Schema(
                types = {"string", "null"},
                description = "What its QR code says, spaces included; null once it is void or being cancelled")
        @Nullable
        String code,

        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) Instant issuedAt,

        @Schema(
                types = {"string", "null"},
                format = "date-time",
                description = "When its holder came in; null: not yet")
        @Nullable
        Instant admittedAt,

        @Schema(types = {"string", "null"}) @Nullable String gate) {
    @Schema(name = "TicketEvent")
    record EventView(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            UUID id,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            String name,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            Instant startsAt,

            @Schema(description = "Its name", requiredMode = Schema.RequiredMode.REQUIRED)
            String venue) {
        static EventView of(Performance performance) {
            return new EventView(performance.id(), performance.name(), performance.startsAt(), performance.venue());
        }
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    @Schema(name = "TicketPlace", description = "A seat, or a place in an area")
    record PlaceView(
            @Schema(
                    example = "A-12",
                    description = "The seat's, or the area's name",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            String label,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            String category,

            @Schema(description = "Of a seat, as the next two") @Nullable
            String section,

            @Nullable String row,
            @Nullable String number) {
        static PlaceView of(Place place) {
            return new PlaceView(place.label(), place.category(), place.section(), place.row(), place.number());
        }
    }

    /** @param code the text of its QR code; null if it has none any more */
    static TicketView of(Ticket ticket, Performance performance, @Nullable String code) {
        Entry entry = ticket.entry();
        return new TicketView(
                ticket.id(),
                ticket.version(),
                ticket.state(),
                ticket.orderId(),
                EventView.of(performance),
                PlaceView.of(ticket.place()),
                ticket.holder(),
                ticket.price(),
                ticket.generation(),
                code,
                ticket.issuedAt(),
                entry == null ? null : entry.at(),
                entry == null ? null : entry.gate());
    }
}
