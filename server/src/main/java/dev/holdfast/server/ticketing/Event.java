package dev.holdfast.server.ticketing;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.holdfast.server.api.Money;
import dev.holdfast.server.seating.OrphanRule;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What is performed where and when, what it costs, and the rules of its sale.
 *
 * @param ready whether all its seats are in stock
 * @param mapVersion of the venue's map that it is sold by
 */
record Event(
        UUID id,
        long version,
        boolean ready,
        long requestHash,
        UUID venueId,
        long mapVersion,
        Instant createdAt,
        About about) {
    /**
     * What is said of it; read and written whole.
     *
     * @param onSaleFrom null: at once
     * @param onSaleUntil null: until it starts
     * @param prices by category
     */
    record About(
            String name,
            Instant startsAt,
            @Nullable Instant onSaleFrom,
            @Nullable Instant onSaleUntil,
            Map<String, Money> prices,
            Rules rules,
            List<Allotment> allotments) {
        About {
            prices = Collections.unmodifiableMap(new TreeMap<>(prices)); // in one order: it is compared as text
            allotments = List.copyOf(allotments);
        }
    }

    /**
     * What a hold has to keep to.
     *
     * @param seatsPerBuyerMax null: as many as he likes
     * @param seatsMin the smallest group
     * @param holdSeconds how long a hold lasts that does not say
     * @param offerSeconds how long places are held for one who has waited
     */
    record Rules(
            OrphanRule orphans,
            @Nullable Integer seatsPerBuyerMax,
            int seatsMin,
            long holdSeconds,
            long offerSeconds,
            @Nullable Presale presale) {
        @JsonIgnore
        Duration holdTtl() {
            return Duration.ofSeconds(holdSeconds);
        }

        @JsonIgnore
        Duration offerTtl() {
            return Duration.ofSeconds(offerSeconds);
        }
    }

    /**
     * Only with a code, until it is open to everybody.
     *
     * @param codes each with the places that it is good for; null: as many as there are
     */
    record Presale(Instant until, Map<String, @Nullable Integer> codes) {
        Presale {
            codes = Collections.unmodifiableMap(new TreeMap<>(codes));
        }
    }

    /**
     * Places that only one channel sells.
     *
     * @param sections all seats of these
     * @param seats and these, by their labels
     * @param areas so many places of each
     */
    record Allotment(String channel, List<String> sections, List<String> seats, Map<String, Integer> areas) {
        Allotment {
            sections = List.copyOf(sections);
            seats = List.copyOf(seats);
            areas = Collections.unmodifiableMap(new TreeMap<>(areas));
        }
    }

    boolean isOnSale(Instant now) {
        return ready && (about.onSaleFrom == null || !now.isBefore(about.onSaleFrom)) && now.isBefore(saleEnd());
    }

    Instant saleEnd() {
        return about.onSaleUntil == null ? about.startsAt : about.onSaleUntil;
    }

    /** The presale that is on, if one is. */
    @Nullable
    Presale presale(Instant now) {
        var presale = about.rules.presale;
        return presale != null && now.isBefore(presale.until) ? presale : null;
    }

    Event with(About changed) {
        return new Event(id, version + 1, ready, requestHash, venueId, mapVersion, createdAt, changed);
    }
}
