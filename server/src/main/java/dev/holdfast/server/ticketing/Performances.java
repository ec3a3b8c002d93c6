package dev.holdfast.server.ticketing;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import dev.holdfast.engine.Sku;
import dev.holdfast.engine.StockKey;
import dev.holdfast.server.venue.VenueMap;
import dev.holdfast.server.venue.Venues;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** What whoever issues tickets has to know of events and their places. */
@Component
public final class Performances {
    /**
     * What is performed where and when.
     *
     * @param venue its name; empty if the venue is gone
     */
    public record Performance(UUID id, String name, Instant startsAt, String venue) {}

    /**
     * A seat, or a place in an area.
     *
     * @param label of the seat, or the area's name
     * @param number of the seat, as the two before it; null of a place in an area
     */
    public record Place(
            UUID event,
            String label,
            String category,
            @Nullable String section,
            @Nullable String row,
            @Nullable String number) {
        /** Whether there is one of it. */
        public boolean isSeat() {
            return number != null;
        }

        /** What it is called in stock. */
        public StockKey stock() {
            return SeatSku.place(event, label);
        }

        private Place of(UUID other) {
            return new Place(other, label, category, section, row, number);
        }
    }

    /** What the SKUs of places begin with, and no others than theirs and their rules'. */
    public static final String SKU_PREFIX = SeatSku.PREFIX;

    private record MapOf(UUID venue, long version) {}

    /** Of 20,000 seats some 3 MB. */
    private static final int MAPS_MAX = 16;

    private static final UUID NO_EVENT = new UUID(0, 0);

    private final EventStore events;
    private final Venues venues;
    private final LoadingCache<MapOf, Map<String, Place>> maps;

    Performances(EventStore events, Venues venues) {
        this.events = events;
        this.venues = venues;
        maps = Caffeine.newBuilder()
                .maximumSize(MAPS_MAX)
                .build(of -> places(venues.map(of.venue, of.version).orElseThrow()));
    }

    /** By labels of seats and names of areas. */
    private static Map<String, Place> places(VenueMap map) {
        Map<String, Place> places = new HashMap<>();
        map.sections()
                .forEach(section -> section.rows()
                        .forEach(row -> row.seats()
                                .forEach(seat -> places.put(
                                        seat.label(),
                                        new Place(
                                                NO_EVENT,
                                                seat.label(),
                                                seat.category(),
                                                section.name(),
                                                row.name(),
                                                seat.number())))));
        map.areas()
                .forEach(area ->
                        places.put(area.name(), new Place(NO_EVENT, area.name(), area.category(), null, null, null)));
        return places;
    }

    /** What is performed, as it is said now. */
    public Optional<Performance> find(UUID event) {
        return events.find(event)
                .map(found -> new Performance(
                        found.id(),
                        found.about().name(),
                        found.about().startsAt(),
                        venues.name(found.venueId()).orElse("")));
    }

    /** The places among these stocks, in one statement at most: goods, and the rules of sales, are left out. */
    public Map<Sku, Place> places(Collection<Sku> skus) {
        Map<Sku, UUID> ofEvents = skus.stream()
                .filter(sku -> SeatSku.isOfEvent(sku) && SeatSku.label(sku) != null)
                .collect(Collectors.toMap(sku -> sku, SeatSku::event));
        if (ofEvents.isEmpty()) {
            return Map.of();
        }
        Map<Sku, Place> places = new HashMap<>();
        Map<UUID, Event> found =
                events.find(ofEvents.values()).stream().collect(Collectors.toMap(Event::id, event -> event));
        ofEvents.forEach((sku, id) -> {
            Event event = found.get(id);
            Place place = event == null
                    ? null
                    : maps.get(new MapOf(event.venueId(), event.mapVersion())).get(SeatSku.label(sku));
            if (place != null) {
                places.put(sku, place.of(id));
            }
        });
        return places;
    }
}
