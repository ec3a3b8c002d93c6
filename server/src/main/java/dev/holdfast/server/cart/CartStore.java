package dev.holdfast.server.cart;

import dev.holdfast.server.api.Json;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** Carts in the database: a row each, read and written whole. By JDBC: there is one of it, and each call is one statement. */
@Component
class CartStore {
    private final JdbcTemplate database;
    private final Duration ttl;

    CartStore(JdbcTemplate database, CartProperties properties) {
        this.database = database;
        this.ttl = properties.ttl();
    }

    /** An empty cart. False if there is one of this id. */
    boolean insert(UUID id, @Nullable String channel) {
        return database.update(
                        "INSERT INTO cart (id, version, revision, channel, lines, expires_at)"
                                + " VALUES (?, 1, 1, ?, '[]', clock_timestamp() + ? * interval '1 millisecond')"
                                + " ON CONFLICT (id) DO NOTHING",
                        id,
                        channel,
                        ttl.toMillis())
                > 0;
    }

    /** One that has expired is gone, swept or not. */
    Optional<Cart> find(UUID id) {
        return database
                .query(
                        "SELECT id, holds, version, revision, channel, lines, held_until, key_id, request_hash FROM cart"
                                + " WHERE id = ? AND expires_at > clock_timestamp()",
                        CartStore::cart,
                        id)
                .stream()
                .findAny();
    }

    /** False if the row is not the revision before, or is gone. */
    boolean update(Cart cart) {
        var request = cart.request();
        return database.update(
                        "UPDATE cart SET version = ?, revision = ?, lines = ?::jsonb, held_until = ?,"
                                + " expires_at = clock_timestamp() + ? * interval '1 millisecond', key_id = ?,"
                                + " request_hash = ? WHERE id = ? AND holds = ? AND revision = ?",
                        cart.version(),
                        cart.revision(),
                        new String(Json.write(cart.lines()), StandardCharsets.UTF_8),
                        cart.heldUntil() == null ? null : cart.heldUntil().atOffset(ZoneOffset.UTC),
                        ttl.toMillis(),
                        request == null ? null : request.keyId(),
                        request == null ? null : request.hash(),
                        cart.id(),
                        cart.holds(),
                        cart.revision() - 1)
                > 0;
    }

    /** From now on its holds have other ids, and it has none. Nothing if somebody else has written it. */
    void forgetHold(Cart cart) {
        database.update(
                "UPDATE cart SET holds = gen_random_uuid(), revision = revision + 1, held_until = NULL"
                        + " WHERE id = ? AND holds = ? AND revision = ?",
                cart.id(),
                cart.holds(),
                cart.revision());
    }

    void delete(UUID id) {
        database.update("DELETE FROM cart WHERE id = ?", id);
    }

    /** Some of those that have expired; of several nodes each takes others. */
    int deleteExpired(int cartsMax) {
        return database.update(
                "DELETE FROM cart WHERE id IN (SELECT id FROM cart WHERE expires_at <= clock_timestamp()"
                        + " ORDER BY expires_at LIMIT ? FOR UPDATE SKIP LOCKED)",
                cartsMax);
    }

    private static Cart cart(ResultSet row, int number) throws SQLException {
        OffsetDateTime heldUntil = row.getObject("held_until", OffsetDateTime.class);
        UUID keyId = row.getObject("key_id", UUID.class);
        return new Cart(
                row.getObject("id", UUID.class),
                row.getObject("holds", UUID.class),
                row.getLong("version"),
                row.getLong("revision"),
                row.getString("channel"),
                List.of(Json.read(row.getString("lines").getBytes(StandardCharsets.UTF_8), CartLine[].class)),
                heldUntil == null ? null : heldUntil.toInstant(),
                keyId == null ? null : new Cart.Request(keyId, row.getLong("request_hash")));
    }
}
