package dev.holdfast.server.admission;

import dev.holdfast.server.admission.Ticket.Entry;
import dev.holdfast.server.admission.Ticket.State;
import dev.holdfast.server.api.Money;
import dev.holdfast.server.ticketing.Performances.Place;
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
import org.springframework.stereotype.Component;

/** Tickets in the database: a row each, read and written whole. */
@Component
@DependsOn(AdmissionSchema.NAME)
class TicketStore {
    private static final String SELECT = """
            SELECT id, version, state, generation, key_id, order_id, unit, event_id, label, category, section, seat_row, number,
                   holder, price_minor, currency, issued_at, admitted_at, gate, leaving_at
            FROM ticket""";

    private static final String INSERT = """
            INSERT INTO ticket (id, version, state, generation, key_id, order_id, unit, event_id, label, category, section,
                                seat_row, number, holder, price_minor, currency, issued_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""";

    private static final String UPDATE = """
            UPDATE ticket
            SET version = ?, state = ?, generation = ?, key_id = ?, holder = ?, admitted_at = ?, gate = ?,
                leaving_at = CASE WHEN ? THEN coalesce(leaving_at, clock_timestamp()) END
            WHERE id = ? AND version = ?""";

    private final JdbcTemplate database;

    TicketStore(JdbcTemplate database) {
        this.database = database;
    }

    /** False if its place has a live ticket. */
    boolean insert(Ticket ticket) {
        Place place = ticket.place();
        return database.update(
                        INSERT,
                        ticket.id(),
                        ticket.version(),
                        ticket.state().name(),
                        ticket.generation(),
                        ticket.keyId(),
                        ticket.orderId(),
                        ticket.unit(),
                        place.event(),
                        place.label(),
                        place.category(),
                        place.section(),
                        place.row(),
                        place.number(),
                        ticket.holder(),
                        ticket.price().amountMinor(),
                        ticket.price().currency(),
                        at(ticket.issuedAt()))
                > 0;
    }

    /** The next version of one that the caller has locked. */
    void update(Ticket ticket) {
        Entry entry = ticket.entry();
        int rows = database.update(
                UPDATE,
                ticket.version(),
                ticket.state().name(),
                ticket.generation(),
                ticket.keyId(),
                ticket.holder(),
                entry == null ? null : at(entry.at()),
                entry == null ? null : entry.gate(),
                ticket.isLeaving(),
                ticket.id(),
                ticket.version() - 1);
        if (rows != 1) {
            throw new IllegalStateException("ticket " + ticket.id() + " was not locked");
        }
    }

    Optional<Ticket> find(UUID id) {
        return database.query(SELECT + " WHERE id = ?", TicketStore::ticket, id).stream()
                .findAny();
    }

    /** In the order of their ids. */
    List<Ticket> find(Collection<UUID> ids) {
        return database.query(
                SELECT + " WHERE id = ANY (?) ORDER BY id", TicketStore::ticket, (Object) ids.toArray(UUID[]::new));
    }

    /** Locked to the end of the caller's transaction. */
    Optional<Ticket> lock(UUID id) {
        return lock(List.of(id)).stream().findAny();
    }

    /** The same with many: by their ids, as everybody locks several of them, so that no two wait for each other. */
    List<Ticket> lock(Collection<UUID> ids) {
        return database.query(SELECT + " WHERE id = ANY (?) ORDER BY id FOR UPDATE", TicketStore::ticket, (Object)
                ids.toArray(UUID[]::new));
    }

    /** All that were ever issued for an order, in the order of their places. */
    List<Ticket> ofOrder(UUID orderId) {
        return database.query(
                SELECT + " WHERE order_id = ? ORDER BY event_id, label, unit, issued_at", TicketStore::ticket, orderId);
    }

    /** Those of an order that are good for something, locked to the end of the caller's transaction. */
    List<Ticket> lockLiveOf(UUID orderId) {
        return database.query(
                SELECT + " WHERE order_id = ? AND state <> 'VOID' ORDER BY id FOR UPDATE",
                TicketStore::ticket,
                orderId);
    }

    /** The order that has the live ticket of a seat. */
    Optional<UUID> orderOf(Place seat) {
        return database
                .query(
                        "SELECT order_id FROM ticket WHERE event_id = ? AND label = ? AND state <> 'VOID' AND number IS NOT NULL",
                        (row, _) -> row.getObject(1, UUID.class),
                        seat.event(),
                        seat.label())
                .stream()
                .findAny();
    }

    /** Those that somebody has begun to cancel so long ago that he must have died of it. */
    List<UUID> leaving(Duration since, int limit) {
        return database.query(
                "SELECT id FROM ticket WHERE leaving_at < clock_timestamp() - ? * interval '1 millisecond'"
                        + " ORDER BY leaving_at LIMIT ?",
                (row, _) -> row.getObject(1, UUID.class),
                since.toMillis(),
                limit);
    }

    /** The hash of the request that had this key; empty if it has not changed this ticket. */
    Optional<Long> requestHash(UUID id, UUID keyId) {
        return database
                .query(
                        "SELECT request_hash FROM ticket_request WHERE ticket_id = ? AND key_id = ?",
                        (row, _) -> row.getLong(1),
                        id,
                        keyId)
                .stream()
                .findAny();
    }

    void remember(UUID id, UUID keyId, long requestHash) {
        database.update(
                "INSERT INTO ticket_request (ticket_id, key_id, request_hash) VALUES (?, ?, ?)",
                id,
                keyId,
                requestHash);
    }

    /** Requests that came to nothing. */
    void forget(UUID id, long requestHash) {
        database.update("DELETE FROM ticket_request WHERE ticket_id = ? AND request_hash = ?", id, requestHash);
    }

    private static Ticket ticket(ResultSet row, int number) throws SQLException {
        return new Ticket(
                row.getObject("id", UUID.class),
                row.getLong("version"),
                State.valueOf(row.getString("state")),
                row.getInt("generation"),
                row.getInt("key_id"),
                row.getObject("order_id", UUID.class),
                row.getInt("unit"),
                new Place(
                        row.getObject("event_id", UUID.class),
                        row.getString("label"),
                        row.getString("category"),
                        row.getString("section"),
                        row.getString("seat_row"),
                        row.getString("number")),
                row.getString("holder"),
                new Money(row.getLong("price_minor"), row.getString("currency")),
                row.getObject("issued_at", OffsetDateTime.class).toInstant(),
                entry(row),
                row.getObject("leaving_at") != null);
    }

    private static @Nullable Entry entry(ResultSet row) throws SQLException {
        OffsetDateTime at = row.getObject("admitted_at", OffsetDateTime.class);
        return at == null ? null : new Entry(at.toInstant(), row.getString("gate"));
    }

    private static OffsetDateTime at(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
