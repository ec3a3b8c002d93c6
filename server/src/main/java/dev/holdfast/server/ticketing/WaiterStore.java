package dev.holdfast.server.ticketing;

import dev.holdfast.server.api.Json;
import dev.holdfast.server.seating.Wanted;
import dev.holdfast.server.ticketing.Waiter.State;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.DependsOn;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** Waiting lists in the database. */
@Component
@DependsOn(TicketingSchema.NAME)
class WaiterStore {
    private static final String SELECT =
            "SELECT id, event_id, place, request_hash, wanted, buyer, state, hold_id, offered_until FROM event_waiter";

    private final JdbcTemplate database;

    WaiterStore(JdbcTemplate database) {
        this.database = database;
    }

    /** The last in line. False if there is one of this id. */
    boolean insert(UUID id, UUID event, long requestHash, Wanted wanted, @Nullable String buyer) {
        database.update("INSERT INTO event_waiting_list (event_id) VALUES (?) ON CONFLICT DO NOTHING", event);
        return database.update(
                        "INSERT INTO event_waiter (id, event_id, request_hash, wanted, buyer, state, created_at)"
                                + " VALUES (?, ?, ?, ?::json, ?, 'WAITING', clock_timestamp()) ON CONFLICT (id) DO NOTHING",
                        id,
                        event,
                        requestHash,
                        new String(Json.write(wanted), StandardCharsets.UTF_8),
                        buyer)
                > 0;
    }

    Optional<Waiter> find(UUID id) {
        return database.query(SELECT + " WHERE id = ?", WaiterStore::waiter, id).stream()
                .findAny();
    }

    /** How many are before him who wait still. */
    long ahead(Waiter waiter) {
        Long ahead = database.queryForObject(
                "SELECT count(*) FROM event_waiter WHERE event_id = ? AND place < ? AND state = 'WAITING'",
                Long.class,
                waiter.eventId(),
                waiter.place());
        return ahead == null ? 0 : ahead;
    }

    List<UUID> events() {
        return database.query("SELECT event_id FROM event_waiting_list", (row, _) -> row.getObject(1, UUID.class));
    }

    /** Until the end of the transaction. False if somebody else looks after it, or it is over. */
    boolean lock(UUID event) {
        return !database.queryForList(
                        "SELECT 1 FROM event_waiting_list WHERE event_id = ? FOR UPDATE SKIP LOCKED",
                        Integer.class,
                        event)
                .isEmpty();
    }

    /** Nobody is in line any more. */
    void close(UUID event) {
        database.update("DELETE FROM event_waiting_list WHERE event_id = ?", event);
    }

    /** In the order of their arrival. */
    List<Waiter> inLine(UUID event) {
        return database.query(
                SELECT + " WHERE event_id = ? AND state IN ('WAITING', 'OFFERED') ORDER BY place",
                WaiterStore::waiter,
                event);
    }

    /** Nothing if he is not in that state any more. */
    void change(Waiter waiter, State next, @Nullable UUID hold, @Nullable Instant until) {
        database.update(
                "UPDATE event_waiter SET state = ?, hold_id = ?, offered_until = ? WHERE id = ? AND state = ?",
                next.name(),
                hold,
                until == null ? null : until.atOffset(ZoneOffset.UTC),
                waiter.id(),
                waiter.state().name());
    }

    private static Waiter waiter(ResultSet row, int number) throws SQLException {
        OffsetDateTime until = row.getObject("offered_until", OffsetDateTime.class);
        return new Waiter(
                row.getObject("id", UUID.class),
                row.getObject("event_id", UUID.class),
                row.getLong("place"),
                row.getLong("request_hash"),
                Json.read(row.getString("wanted").getBytes(StandardCharsets.UTF_8), Wanted.class),
                row.getString("buyer"),
                State.valueOf(row.getString("state")),
                row.getObject("hold_id", UUID.class),
                until == null ? null : until.toInstant());
    }
}
