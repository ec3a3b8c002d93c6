package dev.holdfast.server.venue;

import dev.holdfast.server.sql.NewestFirst;
import dev.holdfast.server.venue.Venue.Plan;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.DependsOn;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Venues and the versions of their maps in the database. A writer locks the venue's row first: there is one writer of a venue. */
@Component
@DependsOn(VenueSchema.NAME)
class VenueStore {
    private static final String SELECT =
            "SELECT v.id, v.version, v.name, v.map_version, v.created_at, v.updated_at, v.request_hash, m.seats, m.standing,"
                    + " m.sections FROM venue v LEFT JOIN venue_map m ON m.venue_id = v.id AND m.version = v.map_version";

    private final JdbcClient database;

    VenueStore(JdbcClient database) {
        this.database = database;
    }

    /** False if there is one of this id. */
    boolean insert(UUID id, String name, @Nullable Long hash, Instant at) {
        return database.sql("INSERT INTO venue (id, version, name, created_at, updated_at, request_hash)"
                                + " VALUES (:id, 1, :name, :at, :at, :hash) ON CONFLICT (id) DO NOTHING")
                        .param("id", id)
                        .param("name", name)
                        .param("at", at.atOffset(ZoneOffset.UTC))
                        .param("hash", hash)
                        .update()
                > 0;
    }

    Optional<Venue> find(UUID id) {
        return database.sql(SELECT + " WHERE v.id = ?")
                .param(id)
                .query(VenueStore::venue)
                .optional();
    }

    /** From now on until the end of the transaction nobody else writes it. */
    Optional<Venue> lock(UUID id) {
        return database.sql(SELECT + " WHERE v.id = ? FOR UPDATE OF v")
                .param(id)
                .query(VenueStore::venue)
                .optional();
    }

    NewestFirst.Page<Venue> page(int limit, @Nullable String cursor) {
        return new NewestFirst(SELECT, "v.created_at", "v.id")
                .page(database, limit, cursor, VenueStore::venue, Venue::createdAt, Venue::id);
    }

    void rename(UUID id, String name, Instant at) {
        database.sql("UPDATE venue SET version = version + 1, name = ?, updated_at = ? WHERE id = ?")
                .params(name, at.atOffset(ZoneOffset.UTC), id)
                .update();
    }

    /** Not its maps. */
    void delete(UUID id) {
        database.sql("DELETE FROM venue WHERE id = ?").param(id).update();
    }

    /** Never one that was there before, even of a venue that was deleted and created again. */
    long nextMapVersion(UUID id) {
        return database.sql("SELECT coalesce(max(version), 0) + 1 FROM venue_map WHERE venue_id = ?")
                .param(id)
                .query(Long.class)
                .single();
    }

    /** Another map from now on. */
    void insertMap(UUID id, Plan plan, byte[] compressed, Instant at) {
        OffsetDateTime time = at.atOffset(ZoneOffset.UTC);
        database.sql("INSERT INTO venue_map (venue_id, version, map, seats, standing, sections, at)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?)")
                .params(id, plan.version(), compressed, plan.seats(), plan.standing(), plan.sections(), time)
                .update();
        database.sql("UPDATE venue SET version = version + 1, map_version = ?, updated_at = ? WHERE id = ?")
                .params(plan.version(), time, id)
                .update();
    }

    /** A map as JSON, compressed by gzip. */
    Optional<byte[]> map(UUID id, long version) {
        return database.sql("SELECT map FROM venue_map WHERE venue_id = ? AND version = ?")
                .params(id, version)
                .query((row, _) -> row.getBytes(1))
                .optional();
    }

    private static Venue venue(ResultSet row, int number) throws SQLException {
        Long mapVersion = row.getObject("map_version", Long.class);
        return new Venue(
                row.getObject("id", UUID.class),
                row.getLong("version"),
                row.getString("name"),
                mapVersion == null
                        ? null
                        : new Plan(mapVersion, row.getInt("seats"), row.getInt("standing"), row.getInt("sections")),
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                row.getObject("updated_at", OffsetDateTime.class).toInstant(),
                row.getObject("request_hash", Long.class));
    }
}
