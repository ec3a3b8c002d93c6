package dev.holdfast.server.ticketing;

import dev.holdfast.engine.Level;
import dev.holdfast.engine.Sku;
import dev.holdfast.engine.StockEngine;
import dev.holdfast.server.sql.Poll;
import dev.holdfast.server.venue.VenueMap;
import dev.holdfast.server.venue.Venues;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.DependsOn;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * The live maps of the events that somebody looks at on this node. What this node commits is in them before the answer to whoever committed
 * it. Nodes tell each other through {@code event_pulse} that something has moved, within {@link #LOOK_INTERVAL}; whoever sees that reads all
 * levels of the event (20,000: some 40 ms). Whether somebody says so or not, they are read every {@link #ANYWAY}: a node that dies between
 * a commit and its pulse says nothing.
 */
@Component
@DependsOn(TicketingSchema.NAME)
class LiveMaps implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LiveMaps.class);
    private static final Duration LOOK_INTERVAL = Duration.ofMillis(75);
    private static final Duration ANYWAY = Duration.ofSeconds(5);
    private static final Duration UNUSED = Duration.ofMinutes(10);

    /** By how much an event may be older here than another node has made it. */
    private static final Duration YOUNG = Duration.ofMillis(500);

    /** In one statement, by primary key: about 10 ms. */
    private static final int READ_MAX = 5_000;

    private static final String BEAT = """
            INSERT INTO event_pulse AS p (event_id, node, beat, at) VALUES (?, ?, 1, clock_timestamp())
            ON CONFLICT (event_id, node) DO UPDATE SET beat = p.beat + 1, at = excluded.at
            """;

    private static final String OTHERS_BEATS = """
            SELECT event_id, sum(beat) FROM event_pulse WHERE event_id = ANY (?) AND node <> ? GROUP BY event_id
            """;

    private static final String FORGET_BEATS = """
            DELETE FROM event_pulse WHERE node = ? OR at < clock_timestamp() - interval '1 day'
            """;

    /** An event and who has its seats. */
    record Live(Event event, LiveMap map) {}

    private static final class Kept {
        final LiveMap map;
        volatile Event event;
        volatile long eventReadAtNanos = System.nanoTime();
        volatile long usedAtNanos = System.nanoTime();

        /** Null: never, as yet. */
        volatile @Nullable Long readAtNanos;

        /** By the looking thread alone. */
        long othersBeat;

        Kept(Event event, LiveMap map) {
            this.event = event;
            this.map = map;
        }
    }

    private final EventStore events;
    private final Venues venues;
    private final StockEngine engine;
    private final JdbcTemplate database;
    private final UUID node = UUID.randomUUID();
    private final Map<UUID, Kept> kept = new ConcurrentHashMap<>();

    /** Events of which this node has committed something that others have not been told of. */
    private final Set<UUID> moved = ConcurrentHashMap.newKeySet();

    private final Poll poll;

    LiveMaps(EventStore events, Venues venues, StockEngine engine, JdbcTemplate database) {
        this.events = events;
        this.venues = venues;
        this.engine = engine;
        this.database = database;
        engine.onCommit(this::committed);
        poll = new Poll("live-maps", LOOK_INTERVAL, this::look);
    }

    @Override
    public void close() {
        poll.close();
        try {
            database.update(FORGET_BEATS, node);
        } catch (DataAccessException e) {
            LOG.debug("the pulse of this node stays for a day", e);
        }
    }

    /** Empty if there is no such event, or not all its seats are in stock yet. */
    Optional<Live> find(UUID id) {
        Kept found = kept.get(id);
        if (found == null || found.readAtNanos == null) {
            found = load(id);
            if (found == null) {
                return Optional.empty();
            }
        }
        long now = System.nanoTime();
        found.usedAtNanos = now;
        if (now - found.eventReadAtNanos > YOUNG.toNanos()) {
            found.eventReadAtNanos = now;
            Event event = events.find(id).orElse(found.event);
            if (event.mapVersion() != found.event.mapVersion()) {
                kept.remove(id);
                return find(id);
            }
            found.event = event;
        }
        return Optional.of(new Live(found.event, found.map));
    }

    /** Here, a moment ago: whoever did it sees it. */
    void changed(Event event) {
        kept.computeIfPresent(event.id(), (_, live) -> {
            live.event = event;
            return live;
        });
    }

    /** One after the other: who comes for the same event waits, and finds it there. */
    private synchronized @Nullable Kept load(UUID id) {
        Kept found = kept.get(id);
        if (found != null && found.readAtNanos != null) {
            return found;
        }
        Event event = events.find(id).orElse(null);
        if (event == null || !event.ready()) {
            return null;
        }
        VenueMap map = venues.map(event.venueId(), event.mapVersion()).orElseThrow();
        Kept loaded = new Kept(event, new LiveMap(map));
        kept.put(id, loaded); // from here on it hears of commits
        read(loaded);
        return loaded;
    }

    private void read(Kept live) {
        long now = System.nanoTime();
        UUID id = live.event.id();
        var skus = new ArrayList<Sku>();
        for (int seat = 0; seat < live.map.plan.size(); seat++) {
            skus.add(SeatSku.place(id, live.map.plan.label(seat)).sku());
        }
        live.map
                .map
                .areas()
                .forEach(area -> skus.add(SeatSku.place(id, area.name()).sku()));
        for (int from = 0; from < skus.size(); from += READ_MAX) {
            var some = skus.subList(from, Math.min(skus.size(), from + READ_MAX));
            engine.levels(some).levels().forEach(level -> learn(live, level));
        }
        live.readAtNanos = now;
    }

    private static void learn(Kept live, Level level) {
        String label = SeatSku.label(level.stock().sku());
        if (label != null) {
            live.map.learn(label, level);
        }
    }

    /** On a worker's thread of the engine. */
    private void committed(List<Level> levels) {
        for (Level level : levels) {
            if (SeatSku.isOfEvent(level.stock().sku())) {
                UUID id = SeatSku.event(level.stock().sku());
                Kept live = kept.get(id);
                if (live != null) {
                    learn(live, level);
                }
                moved.add(id);
            }
        }
    }

    private void look() {
        long now = System.nanoTime();
        kept.values().removeIf(live -> now - live.usedAtNanos > UNUSED.toNanos());
        for (UUID id : List.copyOf(moved)) {
            moved.remove(id); // first: what moves from here on is told again
            database.update(BEAT, id, node);
        }
        Map<UUID, Long> beats = othersBeats();
        kept.forEach((id, live) -> {
            long beat = beats.getOrDefault(id, 0L);
            Long readAtNanos = live.readAtNanos;
            boolean isOld = readAtNanos == null || System.nanoTime() - readAtNanos > ANYWAY.toNanos();
            if (beat != live.othersBeat || isOld) {
                read(live);
                live.othersBeat = beat;
            }
        });
    }

    private Map<UUID, Long> othersBeats() {
        Map<UUID, Long> beats = new HashMap<>();
        if (!kept.isEmpty()) {
            database.query(
                    OTHERS_BEATS,
                    row -> {
                        beats.put(row.getObject(1, UUID.class), row.getLong(2));
                    },
                    kept.keySet().toArray(UUID[]::new),
                    node);
        }
        return beats;
    }
}
