package dev.holdfast.server.ticketing;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.holdfast.engine.Hold;
import dev.holdfast.engine.Line;
import dev.holdfast.server.api.Money;
import dev.holdfast.server.venue.VenueMap.Area;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

@Schema(name = "SeatHold", description = "A hold of seats or of places in an area: all or none")
record SeatHoldView(
        @Schema(
                description = "For POST /v1/checkouts with holdId, and under /v1/holds",
                requiredMode = Schema.RequiredMode.REQUIRED)
        UUID id,

        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) UUID eventId,
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) Hold.State state,

        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) List<PlaceView> seats,

        @Schema(description = "Of all of them, now", requiredMode = Schema.RequiredMode.REQUIRED)
        Money total,

        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) Instant expiresAt,

        @Schema(
                description = "Whole seconds left, rounded down; 0 once the hold has ended. In the answer to a POST,"
                        + " also a replayed one: as granted",
                requiredMode = Schema.RequiredMode.REQUIRED)
        long expiresInSeconds,

        @Nullable String channel,
        @Nullable String reference) {
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @Schema(name = "HeldPlace", description = "A seat, or places in an area")
    record PlaceView(
            @Schema(
                    example = "A-12",
                    description = "The seat's, or the area's name",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            String label,

            @Schema(description = "Of a seat, as the next two") @Nullable
            String section,

            @Nullable String row,
            @Nullable String number,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            String category,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            long quantity,

            @Schema(description = "Of one, now", requiredMode = Schema.RequiredMode.REQUIRED)
            Money price) {}

    static SeatHoldView of(Event event, LiveMap map, Hold hold, Instant now) {
        var places = new ArrayList<PlaceView>();
        long total = 0;
        for (Line line : hold.lines()) {
            String label = SeatSku.label(line.stock().sku());
            if (label != null) {
                PlaceView place = place(event, map, label, line.units());
                places.add(place);
                total += place.price.amountMinor() * place.quantity;
            }
        }
        boolean live = hold.state() == Hold.State.ACTIVE && now.isBefore(hold.expiresAt());
        return new SeatHoldView(
                hold.id(),
                event.id(),
                hold.state(),
                places,
                new Money(total, places.getFirst().price.currency()),
                hold.expiresAt(),
                live ? Duration.between(now, hold.expiresAt()).toSeconds() : 0,
                hold.channel(),
                SeatRequest.reference(hold.reference()));
    }

    private static PlaceView place(Event event, LiveMap map, String label, long quantity) {
        LiveMap.Place place = map.place(label);
        if (place != null) {
            var seat = place.seat();
            return new PlaceView(
                    label,
                    place.section(),
                    place.row(),
                    seat.number(),
                    seat.category(),
                    1,
                    price(event, seat.category()));
        }
        Area area = map.area(label).orElseThrow();
        return new PlaceView(label, null, null, null, area.category(), quantity, price(event, area.category()));
    }

    private static Money price(Event event, String category) {
        return Objects.requireNonNull(event.about().prices().get(category));
    }
}
