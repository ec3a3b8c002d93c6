package dev.holdfast.server.venue;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Optional;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** Every version of every map: of the newest one, and of those that something was sold on. Maps that were asked for are in memory. */
@Component
public final class Venues {
    /** A seat takes 120 to 135 bytes: 54 MB for two of the largest maps, or twenty of 20,000 seats. */
    private static final long SEATS_IN_MEMORY_MAX = 400_000;

    /** What a map without seats weighs among those that have some. */
    private static final int SEATS_MIN = 100;

    /** A map, and which version of it. */
    public record Version(long version, VenueMap map) {}

    private record Key(UUID venue, long version) {}

    private final VenueStore store;
    private final Cache<Key, VenueMap> maps = Caffeine.newBuilder()
            .maximumWeight(SEATS_IN_MEMORY_MAX)
            .<Key, VenueMap>weigher((_, map) -> Math.max(map.seats(), SEATS_MIN))
            .build();

    Venues(VenueStore store) {
        this.store = store;
    }

    /**
     * A version of a venue's map: always the same, also when the venue has another one by now, or is gone.
     *
     * @return empty: there never was such a version
     */
    public Optional<VenueMap> map(UUID venue, long version) {
        var key = new Key(venue, version);
        VenueMap known = maps.getIfPresent(key);
        if (known != null) {
            return Optional.of(known);
        }
        Optional<VenueMap> read = store.map(venue, version)
                .map(compressed -> MapJson.read(Gzip.decompress(compressed)).map());
        read.ifPresent(map -> maps.put(key, map)); // two who come at once both read it: it is the same
        return read;
    }

    /** The map as it is now; empty if there is no such venue, or it has none. */
    public Optional<Version> newest(UUID venue) {
        return store.find(venue)
                .map(Venue::mapVersion)
                .flatMap(version -> map(venue, version).map(map -> new Version(version, map)));
    }

    /** The name of a venue as it is now; empty if there is no such venue. */
    public Optional<String> name(UUID venue) {
        return store.find(venue).map(Venue::name);
    }
}
