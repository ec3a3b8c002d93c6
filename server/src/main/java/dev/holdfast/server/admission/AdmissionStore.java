package dev.holdfast.server.admission;

import dev.holdfast.server.admission.Ticket.Entry;
import java.sql.ResultSet;
import java.sql.SQLException;
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

/** Who was let in, in the database: rows that are written once. */
@Component
@DependsOn(AdmissionSchema.NAME)
class AdmissionStore {
    private static final String SELECT =
            "SELECT event_id, ticket_id, at, gate, generation, is_good, key_id FROM admission";

    private final JdbcTemplate database;

    AdmissionStore(JdbcTemplate database) {
        this.database = database;
    }

    void insert(List<Admission> admissions) {
        database.batchUpdate(
                "INSERT INTO admission (event_id, ticket_id, at, gate, generation, is_good, recorded_at, key_id)"
                        + " VALUES (?, ?, ?, ?, ?, ?, clock_timestamp(), ?)",
                admissions.stream().map(AdmissionStore::values).toList());
    }

    private static @Nullable Object[] values(Admission admission) {
        return new @Nullable Object[] {
            admission.eventId(),
            admission.ticketId(),
            admission.entry().at().atOffset(ZoneOffset.UTC),
            admission.entry().gate(),
            admission.generation(),
            admission.isGood(),
            admission.keyId()
        };
    }

    /** The one that came of a request. */
    Optional<Admission> ofKey(UUID keyId) {
        return database.query(SELECT + " WHERE key_id = ?", AdmissionStore::admission, keyId).stream()
                .findAny();
    }

    /** All of these tickets, the first of each first. */
    List<Admission> of(UUID eventId, Collection<UUID> ticketIds) {
        return database.query(
                SELECT + " WHERE event_id = ? AND ticket_id = ANY (?) ORDER BY ticket_id, at, gate COLLATE \"C\"",
                AdmissionStore::admission,
                eventId,
                ticketIds.toArray(UUID[]::new));
    }

    /** Tickets of an event that let more than one in, or one with a code that was not good any more; by their ids. */
    List<UUID> conflicts(UUID eventId, UUID after, int limit) {
        return database.query("""
                SELECT ticket_id FROM admission WHERE event_id = ? AND ticket_id > ?
                GROUP BY ticket_id HAVING count(*) > 1 OR NOT bool_and(is_good) ORDER BY ticket_id LIMIT ?""", (row, _) -> row.getObject(1, UUID.class), eventId, after, limit);
    }

    private static Admission admission(ResultSet row, int number) throws SQLException {
        return new Admission(
                row.getObject("event_id", UUID.class),
                row.getObject("ticket_id", UUID.class),
                new Entry(row.getObject("at", OffsetDateTime.class).toInstant(), row.getString("gate")),
                row.getInt("generation"),
                row.getBoolean("is_good"),
                row.getObject("key_id", UUID.class));
    }
}
