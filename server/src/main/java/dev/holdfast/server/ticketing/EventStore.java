package dev.holdfast.server.ticketing;

import dev.holdfast.server.api.Json;
import dev.holdfast.server.sql.NewestFirst;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.DependsOn;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Events in the database: a row each, read and written whole. */
@Component
@DependsOn(TicketingSchema.NAME)
class EventStore {
    private static final String SELECT =
            "SELECT id, version, ready, request_hash, venue_id, map_version, created_at, starts_at, data FROM event";

    private final JdbcTemplate database;
    private final JdbcClient client;

    EventStore(JdbcTemplate database, JdbcClient client) {
        this.database = database;
        this.client = client;
    }

    /** False if there is one of this id. */
    boolean insert(Event event) {
        return database.update(
                        "INSERT INTO event (id, version, ready, request_hash, venue_id, map_version, created_at, starts_at, data)"
                                + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?::json) ON CONFLICT (id) DO NOTHING",
                        event.id(),
                        event.version(),
                        event.ready(),
                        event.requestHash(),
                        event.venueId(),
                        event.mapVersion(),
                        at(event.createdAt()),
                        at(event.about().startsAt()),
                        data(event))
                > 0;
    }

    /** False if the row is not the version before. */
    boolean update(Event event) {
        return database.update(
                        "UPDATE event SET version = ?, ready = ?, map_version = ?, starts_at = ?, data = ?::json"
                                + " WHERE id = ? AND version = ?",
                        event.version(),
                        event.ready(),
                        event.mapVersion(),
                        at(event.about().startsAt()),
                        data(event),
                        event.id(),
                        event.version() - 1)
                > 0;
    }

    /** All its seats are in stock, whatever else is changed meanwhile. */
    void ready(UUID id) {
        database.update("UPDATE event SET ready = true, version = version + 1 WHERE id = ? AND NOT ready", id);
    }

    Optional<Event> find(UUID id) {
        return database.query(SELECT + " WHERE id = ?", EventStore::event, id).stream()
                .findAny();
    }

    List<Event> find(Collection<UUID> ids) {
        return database.query(SELECT + " WHERE id = ANY (?)", EventStore::event, (Object) ids.toArray(UUID[]::new));
    }

    /** Those whose seats somebody has begun to bring into stock so long ago that he must have died of it. */
    List<Event> unready(Duration since) {
        return database.query(
                SELECT + " WHERE NOT ready AND created_at < clock_timestamp() - ? * interval '1 millisecond'",
                EventStore::event,
                since.toMillis());
    }

    NewestFirst.Page<Event> page(
            @Nullable UUID venue, @Nullable Instant from, @Nullable Instant to, int limit, @Nullable String cursor) {
        return new NewestFirst(SELECT, "starts_at", "id")
                .where("venue_id = ?", venue)
                .between(from, to)
                .page(
                        client,
                        limit,
                        cursor,
                        EventStore::event,
                        event -> event.about().startsAt(),
                        Event::id);
    }

    private static String data(Event event) {
        return new String(Json.write(event.about()), StandardCharsets.UTF_8);
    }

    private static Event event(ResultSet row, int number) throws SQLException {
        return new Event(
                row.getObject("id", UUID.class),
                row.getLong("version"),
                row.getBoolean("ready"),
                row.getLong("request_hash"),
                row.getObject("venue_id", UUID.class),
                row.getLong("map_version"),
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                Json.read(row.getString("data").getBytes(StandardCharsets.UTF_8), Event.About.class));
    }

    private static OffsetDateTime at(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
