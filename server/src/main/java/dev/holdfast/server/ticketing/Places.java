package dev.holdfast.server.ticketing;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import dev.holdfast.engine.Sku;
import dev.holdfast.server.api.Money;
import dev.holdfast.server.catalog.Offers;
import dev.holdfast.server.venue.VenueMap;
import dev.holdfast.server.venue.Venues;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** What the places of events cost: as their category does. Prices are read from the database each time, maps never change. */
@Component
class Places implements Offers {
    /** Of 20,000 seats some 2 MB. */
    private static final int MAPS_MAX = 16;

    private record MapOf(UUID venue, long version) {}

    private final EventStore events;
    private final LoadingCache<MapOf, Map<String, String>> categories;

    Places(EventStore events, Venues venues) {
        this.events = events;
        categories = Caffeine.newBuilder()
                .maximumSize(MAPS_MAX)
                .build(of -> categories(venues.map(of.venue, of.version).orElseThrow()));
    }

    /** By labels of seats and names of areas. */
    private static Map<String, String> categories(VenueMap map) {
        Map<String, String> categories = new HashMap<>();
        map.sections()
                .forEach(section -> section.rows()
                        .forEach(row -> row.seats().forEach(seat -> categories.put(seat.label(), seat.category()))));
        map.areas().forEach(area -> categories.put(area.name(), area.category()));
        return categories;
    }

    @Override
    public boolean has(Sku sku) {
        return SeatSku.isOfEvent(sku);
    }

    @Override
    public boolean isRule(Sku sku) {
        return SeatSku.isOfEvent(sku) && SeatSku.label(sku) == null;
    }

    @Override
    public Map<Sku, Money> prices(Collection<Sku> skus) {
        Map<UUID, Event> found = events.find(skus.stream().map(SeatSku::event).collect(Collectors.toSet())).stream()
                .collect(Collectors.toMap(Event::id, event -> event));
        Map<Sku, Money> prices = new HashMap<>();
        for (Sku sku : skus) {
            Event event = found.get(SeatSku.event(sku));
            String label = SeatSku.label(sku);
            if (event != null && label != null) {
                String category = categories
                        .get(new MapOf(event.venueId(), event.mapVersion()))
                        .get(label);
                Money price = category == null ? null : event.about().prices().get(category);
                if (price != null) {
                    prices.put(sku, price);
                }
            }
        }
        return prices;
    }
}
