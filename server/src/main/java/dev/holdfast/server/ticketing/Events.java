package dev.holdfast.server.ticketing;

import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.server.api.Caller;
import dev.holdfast.server.api.Digest;
import dev.holdfast.server.api.ErrorCode;
import dev.holdfast.server.api.Money;
import dev.holdfast.server.api.Problem;
import dev.holdfast.server.api.Refusals;
import dev.holdfast.server.audit.Audit;
import dev.holdfast.server.sql.Poll;
import dev.holdfast.server.ticketing.Event.About;
import dev.holdfast.server.ticketing.Event.Allotment;
import dev.holdfast.server.ticketing.EventRequests.EventRequest;
import dev.holdfast.server.venue.VenueMap;
import dev.holdfast.server.venue.Venues;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.DependsOn;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** Creates events and changes what is said of them. */
@Component
@DependsOn(TicketingSchema.NAME)
class Events implements AutoCloseable {
    sealed interface Answer {}

    record Seen(Event event, boolean replayed) implements Answer {}

    record Refused(Problem problem) implements Answer {}

    /** Whoever creates 200,000 seats has done so by then, or died of it. */
    private static final Duration UNREADY = Duration.ofMinutes(1);

    private final EventStore store;
    private final Venues venues;
    private final Stocking stocking;
    private final LiveMaps maps;
    private final Audit audit;
    private final TransactionTemplate transaction;
    private final Clock clock;
    private final Poll poll;

    Events(
            EventStore store,
            Venues venues,
            Stocking stocking,
            LiveMaps maps,
            Audit audit,
            TransactionTemplate transaction,
            Clock clock) {
        this.store = store;
        this.venues = venues;
        this.stocking = stocking;
        this.maps = maps;
        this.audit = audit;
        this.transaction = transaction;
        this.clock = clock;
        poll = new Poll("events", UNREADY, this::finish);
    }

    @Override
    public void close() {
        poll.close();
    }

    /** Written first, then its seats are brought into stock; whoever dies in between leaves the rest to a retry, or to the next look. */
    Answer create(IdempotencyKey key, EventRequest request, Caller caller) {
        long hash = Digest.of(request);
        Event before = store.find(key.id()).orElse(null);
        if (before != null) {
            return before.requestHash() == hash ? stocked(before, true) : new Refused(Refusals.keyReused());
        }
        Venues.Version newest = venues.newest(request.venueId()).orElse(null);
        if (newest == null) {
            return new Refused(unknownVenue(request.venueId()));
        }
        Problem refusal = refusal(newest.map(), request.about());
        if (refusal != null) {
            return new Refused(refusal);
        }
        var event = new Event(key.id(), 1, false, hash, request.venueId(), newest.version(), now(), request.about());
        boolean isNew = Boolean.TRUE.equals(transaction.execute(_ -> {
            boolean inserted = store.insert(event);
            if (inserted) {
                record(caller, "create", event.id(), Map.of(), fields(event));
            }
            return inserted;
        }));
        return isNew ? stocked(event, false) : create(key, request, caller);
    }

    /** @param ifMatch the version it must have; null: any */
    Answer change(UUID id, @Nullable Long ifMatch, EventRequest request, Caller caller) {
        while (true) { // each round but the last lost against a change of somebody else
            Event event = store.find(id).orElse(null);
            Problem refusal = event == null ? unknown(id) : refusal(event, ifMatch, request);
            if (event == null || refusal != null) {
                return new Refused(refusal == null ? unknown(id) : refusal);
            }
            if (event.about().equals(request.about())) {
                return new Seen(event, false);
            }
            Event changed = event.with(request.about());
            boolean isWritten = Boolean.TRUE.equals(transaction.execute(_ -> {
                boolean updated = store.update(changed);
                if (updated) {
                    record(caller, "update", id, fields(event), fields(changed));
                }
                return updated;
            }));
            if (isWritten) {
                maps.changed(changed);
                return new Seen(changed, false);
            }
        }
    }

    private @Nullable Problem refusal(Event event, @Nullable Long ifMatch, EventRequest request) {
        if (ifMatch != null && event.version() != ifMatch) {
            return Problem.of(
                            ErrorCode.VERSION_CHANGED,
                            "It is at version " + event.version() + " now; look at it again and decide again")
                    .with("currentVersion", event.version());
        }
        var about = request.about();
        if (!event.venueId().equals(request.venueId())
                || !event.about().allotments().equals(about.allotments())
                || !sameStocks(event.about(), about)) {
            return Problem.invalid(
                    "rules",
                    "venueId, allotments, seatsPerBuyerMax and codes are in stock and stay as they were when it was created");
        }
        return refusal(venues.map(event.venueId(), event.mapVersion()).orElseThrow(), about);
    }

    private static boolean sameStocks(About before, About after) {
        var was = before.rules();
        var is = after.rules();
        return Objects.equals(was.seatsPerBuyerMax(), is.seatsPerBuyerMax())
                && (is.presale() == null
                        || (was.presale() != null
                                && was.presale().codes().equals(is.presale().codes())));
    }

    private static @Nullable Problem refusal(VenueMap map, About about) {
        Set<String> categories = new HashSet<>();
        Set<String> sections = new HashSet<>();
        Set<String> seats = new HashSet<>();
        map.sections().forEach(section -> {
            sections.add(section.name());
            section.rows()
                    .forEach(row -> row.seats().forEach(seat -> {
                        categories.add(seat.category());
                        seats.add(seat.label());
                    }));
        });
        map.areas().forEach(area -> categories.add(area.category()));
        List<String> unpriced = categories.stream()
                .filter(category -> !about.prices().containsKey(category))
                .sorted()
                .toList();
        if (!unpriced.isEmpty()) {
            return Problem.invalid("prices", "must have a price for " + String.join(", ", unpriced));
        }
        List<String> unknown = new ArrayList<>();
        for (Allotment allotment : about.allotments()) {
            allotment.sections().stream()
                    .filter(name -> !sections.contains(name))
                    .forEach(unknown::add);
            allotment.seats().stream().filter(label -> !seats.contains(label)).forEach(unknown::add);
            allotment.areas().forEach((name, places) -> {
                if (map.areas().stream().noneMatch(area -> area.name().equals(name) && area.capacity() >= places)) {
                    unknown.add(name);
                }
            });
        }
        return unknown.isEmpty()
                ? null
                : Problem.invalid("allotments", "the map does not have " + String.join(", ", unknown));
    }

    private Answer stocked(Event event, boolean replayed) {
        if (!event.ready()) {
            stock(event);
        }
        return new Seen(store.find(event.id()).orElseThrow(), replayed);
    }

    private void stock(Event event) {
        stocking.stock(event, venues.map(event.venueId(), event.mapVersion()).orElseThrow());
        store.ready(event.id());
    }

    /** What others have left behind. */
    private void finish() {
        store.unready(UNREADY).forEach(this::stock);
    }

    private void record(Caller caller, String action, UUID id, Map<String, ?> before, Map<String, ?> after) {
        audit.record(caller, now(), List.of(new Audit.Change(action, "event/" + id, before, after)));
    }

    private static Map<String, Object> fields(Event event) {
        var fields = new LinkedHashMap<String, Object>();
        var about = event.about();
        fields.put("venueId", event.venueId());
        fields.put("name", about.name());
        fields.put("startsAt", about.startsAt());
        fields.put("onSaleFrom", String.valueOf(about.onSaleFrom()));
        fields.put("onSaleUntil", String.valueOf(event.saleEnd()));
        for (Map.Entry<String, Money> price : about.prices().entrySet()) {
            fields.put("prices[" + price.getKey() + "]", price.getValue());
        }
        fields.put("rules.orphans", about.rules().orphans());
        fields.put("rules.seatsMin", about.rules().seatsMin());
        fields.put("rules.holdSeconds", about.rules().holdSeconds());
        fields.put("rules.offerSeconds", about.rules().offerSeconds());
        return fields;
    }

    static Problem unknown(UUID id) {
        return Problem.of(ErrorCode.UNKNOWN_EVENT, "No event has the id " + id);
    }

    private static Problem unknownVenue(UUID id) {
        return Problem.of(ErrorCode.UNKNOWN_VENUE, "No venue with a map has the id " + id);
    }

    /** To the microsecond, as the database keeps it. */
    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
