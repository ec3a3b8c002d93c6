package dev.holdfast.server.hold;

import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.engine.Line;
import dev.holdfast.engine.Location;
import dev.holdfast.engine.Quantity;
import dev.holdfast.engine.Sku;
import dev.holdfast.engine.Sourcing;
import dev.holdfast.engine.Sourcing.Wanted;
import dev.holdfast.engine.StockEngine;
import dev.holdfast.engine.StockKey;
import dev.holdfast.server.api.Body;
import dev.holdfast.server.catalog.LocationOrder;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.Size;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

import static dev.holdfast.server.hold.SourcingProperties.Policy.FEWEST_PARCELS;
import static dev.holdfast.server.hold.SourcingProperties.Policy.NONE;

/** Where the units of lines without a location come from: what a request says about it, with the catalogue's locations. */
@Component
final class SourcingRequests {
    private static final double DISTANCE_MAX = 1_000_000_000;

    /** NEAREST is PRIORITY in another order. */
    enum Policy {
        PRIORITY,
        NEAREST,
        FEWEST_PARCELS
    }

    @Schema(
            name = "SourcingRequest",
            description =
                    "Where the units of lines without a location come from; decided with the levels of all candidates")
    record SourcingBody(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            Policy policy,

            @Schema(
                    description = "Whether units of one SKU may come from several locations. If absent as configured",
                    defaultValue = "true")
            @Nullable
            Boolean split,

            @Schema(
                    description =
                            "The candidates and how far each is, in any unit: the nearest first. Needed for NEAREST;"
                                    + " with FEWEST_PARCELS, of several ways the nearest",
                    example = "{\"berlin\": 12, \"hamburg\": 280.5}")
            @Nullable
            Map<String, Double> distances,

            @Schema(
                    description = "The candidates; if absent all, in the order of their priority",
                    example = "[\"berlin\"]")
            @Size(min = 1, max = Sourcing.CANDIDATES_MAX)
            @Nullable
            List<String> locations) {}

    /** @param split null if the request does not say */
    private record Terms(
            Policy policy,
            @Nullable Boolean split,
            @Nullable Map<Location, Double> distances,
            @Nullable List<Location> locations) {
        static Terms read(Body body) {
            Policy policy = body.choice("policy", Policy.class);
            Boolean split = body.optionalFlag("split");
            Map<Location, Double> distances =
                    body.optionalDecimals("distances", Sourcing.CANDIDATES_MAX, Location::new, 0, DISTANCE_MAX);
            List<Location> locations = body.optionalNames("locations", Sourcing.CANDIDATES_MAX, Location::new);
            if (policy == Policy.NEAREST && distances == null) {
                body.wrong("distances", "is required for NEAREST");
            } else if (policy == Policy.PRIORITY && distances != null) {
                body.wrong("distances", "goes with NEAREST or FEWEST_PARCELS");
            } else if (distances != null && locations != null) {
                body.wrong("locations", "must not be there beside distances, which name the candidates");
            }
            return new Terms(policy, split, distances, locations);
        }

        Collection<Location> named() {
            return distances != null ? distances.keySet() : locations != null ? locations : List.of();
        }

        double distance(Location location) {
            return distances == null ? 0 : distances.getOrDefault(location, DISTANCE_MAX);
        }

        String field(Location location) {
            return locations == null
                    ? "sourcing.distances." + location
                    : "sourcing.locations[" + locations.indexOf(location) + "]";
        }

        /** The same for the same meaning; names have no line ends. */
        String text() {
            var text = new StringJoiner("\n").add(policy.name()).add(String.valueOf(split));
            for (String name : named().stream().map(Location::value).sorted().toList()) {
                text.add(name).add(distances == null ? "" : String.valueOf(distances.get(new Location(name))));
            }
            return text.toString();
        }
    }

    /** Lines as they are read: those with a location, and what becomes of those without if nothing was wrong. */
    record Lines(List<Line> located, @Nullable Supplier<Sourcing> open) {
        @Nullable
        Sourcing sourcing() {
            return open == null ? null : open.get();
        }
    }

    private final StockEngine engine;
    private final LocationOrder order;
    private final SourcingProperties properties;

    SourcingRequests(StockEngine engine, LocationOrder order, SourcingProperties properties) {
        this.engine = engine;
        this.order = order;
        this.properties = properties;
    }

    /** The lines of a hold or a sale. */
    Lines read(IdempotencyKey key, Body body) {
        Terms terms = body.optionalObject("sourcing", Terms::read);
        if (terms == null && (properties.policy() == NONE || order.locations().isEmpty())) {
            return new Lines(body.list("lines", Line.LINES_MAX, SourcingRequests::located), null);
        }
        List<Line> located = new ArrayList<>();
        List<Wanted> wanted = new ArrayList<>();
        body.list("lines", Line.LINES_MAX, line -> {
            Sku sku = line.sku("sku");
            Location location = line.optional("location", Location::new);
            Quantity quantity = line.quantity("quantity");
            return location == null
                    ? wanted.add(new Wanted(sku, quantity.units()))
                    : located.add(new Line(new StockKey(sku, location), quantity));
        });
        if (wanted.isEmpty()) {
            if (terms != null && !located.isEmpty()) {
                body.wrong("sourcing", "is for lines without a location, and there is none");
            }
            return new Lines(located, null);
        }
        List<Location> candidates = candidates(key, body, terms, wanted);
        return new Lines(located, () -> sourcing(terms, wanted, candidates));
    }

    static Line located(Body line) {
        return new Line(new StockKey(line.sku("sku"), line.location("location")), line.quantity("quantity"));
    }

    private Sourcing sourcing(@Nullable Terms terms, List<Wanted> wanted, List<Location> candidates) {
        boolean fewest = terms == null ? properties.policy() == FEWEST_PARCELS : terms.policy == Policy.FEWEST_PARCELS;
        Boolean split = terms == null ? null : terms.split;
        return new Sourcing(
                wanted,
                candidates,
                fewest ? Sourcing.Policy.FEWEST_PARCELS : Sourcing.Policy.IN_ORDER,
                split == null ? properties.split() : split,
                terms == null ? null : terms.text());
    }

    /**
     * The best first. Of a catalogue with more locations than can be candidates those at the head: adding one must not stop
     * everybody's holds.
     */
    private List<Location> candidates(IdempotencyKey key, Body body, @Nullable Terms terms, List<Wanted> wanted) {
        List<Location> known = order.locations().isEmpty() ? List.of(Location.MAIN) : order.locations();
        if (terms == null || terms.named().isEmpty()) {
            long skus = wanted.stream().map(Wanted::sku).distinct().count();
            return known.stream()
                    .limit(Math.min(Sourcing.CANDIDATES_MAX, Sourcing.STOCKS_MAX / skus))
                    .toList();
        }
        List<Location> unknown = new ArrayList<>(terms.named());
        unknown.removeAll(known);
        // What was decided when they were known is answered again.
        if (!unknown.isEmpty() && engine.used(List.of(key.id())).isEmpty()) {
            unknown.forEach(location -> body.wrong(terms.field(location), "is no location of the catalogue"));
        }
        List<Location> candidates = known.stream()
                .filter(terms.named()::contains)
                .sorted(Comparator.comparingDouble(terms::distance))
                .toList();
        return candidates.isEmpty() ? List.of(Location.MAIN) : candidates;
    }
}
