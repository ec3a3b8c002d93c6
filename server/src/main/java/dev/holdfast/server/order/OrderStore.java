package dev.holdfast.server.order;

import dev.holdfast.server.api.Json;
import dev.holdfast.server.order.Order.Refund;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Orders and their log in the database. By JDBC rather than JPA: an order is one row that is read and written whole, and a change and
 * its event are one statement.
 */
@Component
class OrderStore {
    /** @param intent null: nothing is on its way */
    record Stored(Order order, @Nullable Intent intent) {}

    /** @param tries of its refund before */
    record RefundTry(Order order, int tries) {}

    /** An order that nobody knows yet, as it is after these events, which come from one caller. */
    record NewRow(Order order, List<OrderEvent> events) {
        private @Nullable Object[] values() {
            var caller = events.getFirst().caller();
            return new @Nullable Object[] {
                order.id(),
                order.version(),
                order.state().name(),
                at(order.placedAt()),
                at(order.changedAt()),
                order.holdId(),
                order.buyer(),
                order.channel(),
                order.currency(),
                order.totalMinor(),
                order.payment(),
                json(order.lines()),
                order.lines().stream().map(OrderLine::sku).distinct().toArray(String[]::new),
                caller.actor(),
                caller.reason(),
                caller.traceId(),
                events.stream().map(OrderEvent::type).toArray(String[]::new),
                events.stream().map(event -> json(event.data())).toArray(String[]::new)
            };
        }
    }

    static final String SELECT = """
            SELECT id, version, state, placed_at, changed_at, hold_id, buyer, channel, currency, total_minor, payment, lines,
                   refunds, intent, refund_tries
            FROM customer_order""";

    /** Nothing where there is an order of this id. All events of one transaction, so that a paid order is placed at once. */
    private static final String INSERT = """
            WITH placed AS (
                INSERT INTO customer_order (id, version, state, placed_at, changed_at, hold_id, buyer, channel, currency,
                                            total_minor, payment, lines, skus, refunds, refund_due_minor, last_xid)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?::json, ?, '[]', 0, pg_current_xact_id())
                ON CONFLICT (id) DO NOTHING
                RETURNING id, placed_at, last_xid)
            INSERT INTO order_event (order_id, number, type, at, actor, reason, trace_id, data, xid)
            SELECT id, e.number, e.type, placed_at, ?, ?, ?, e.data, last_xid
            FROM placed, unnest(?::text[], ?::json[]) WITH ORDINALITY e(type, data, number)
            """;

    /** An event is never tailed before those that its order had earlier: its xid is no smaller than theirs. */
    private static final String UPDATE = """
            WITH changed AS (
                UPDATE customer_order
                SET version = ?, state = ?, changed_at = ?, payment = ?, lines = ?::json, refunds = ?::json,
                    refund_tries = CASE WHEN ? < refund_due_minor THEN 0 ELSE refund_tries END, refund_due_minor = ?,
                    refund_at = CASE WHEN ? = 0 THEN NULL
                                     WHEN ? < refund_due_minor OR refund_at IS NULL THEN clock_timestamp()
                                     ELSE refund_at END, -- one that was put off stays so: a try may still be on its way
                    last_xid = greatest(last_xid, pg_current_xact_id()),
                    intent = CASE WHEN ? THEN intent END, intent_at = CASE WHEN ? THEN intent_at END
                WHERE id = ?
                RETURNING last_xid)
            INSERT INTO order_event (order_id, number, type, at, actor, reason, trace_id, data, key_id, request_hash, xid)
            SELECT ?, ?, ?, ?, ?, ?, ?, ?::json, ?, ?, last_xid FROM changed
            """;

    private final JdbcTemplate database;

    OrderStore(JdbcTemplate database) {
        this.database = database;
    }

    /** One round trip. False for each where there is an order of its id, which is left as it is. */
    List<Boolean> insertAll(List<NewRow> orders) {
        int[] rows =
                database.batchUpdate(INSERT, orders.stream().map(NewRow::values).toList());
        return Arrays.stream(rows).mapToObj(count -> count > 0).toList();
    }

    Optional<Order> find(UUID id) {
        return database.query(SELECT + " WHERE id = ?", OrderStore::order, id).stream()
                .findAny();
    }

    /** Locked to the end of the caller's transaction. */
    Optional<Stored> lock(UUID id) {
        return database.query(SELECT + " WHERE id = ? FOR UPDATE", OrderStore::stored, id).stream()
                .findAny();
    }

    /**
     * The order, which the caller has locked, with its event.
     *
     * @param isOnItsWay whether what is on its way stays so
     */
    void update(Order order, OrderEvent event, boolean isOnItsWay) {
        var caller = event.caller();
        var request = event.request();
        database.update(
                UPDATE,
                order.version(),
                order.state().name(),
                at(order.changedAt()),
                order.payment(),
                json(order.lines()),
                json(order.refunds()),
                order.refundDueMinor(),
                order.refundDueMinor(),
                order.refundDueMinor(),
                order.refundDueMinor(),
                isOnItsWay,
                isOnItsWay,
                order.id(),
                order.id(),
                event.number(),
                event.type(),
                at(event.at()),
                caller.actor(),
                caller.reason(),
                caller.traceId(),
                json(event.data()),
                request == null ? null : request.keyId(),
                request == null ? null : request.hash());
    }

    void begin(UUID id, Intent intent) {
        database.update(
                "UPDATE customer_order SET intent = ?::json, intent_at = clock_timestamp() WHERE id = ?",
                json(intent),
                id);
    }

    /** Nothing if it is not on its way any more. */
    void withdraw(UUID id, Intent intent) {
        database.update(
                "UPDATE customer_order SET intent = NULL, intent_at = NULL WHERE id = ? AND intent ->> 'id' = ?",
                id,
                intent.id().toString());
    }

    /** The hash of the request that had this key; empty if no event of the order comes from it. */
    Optional<Long> requestHash(UUID id, UUID keyId) {
        return database
                .query(
                        "SELECT request_hash FROM order_event WHERE order_id = ? AND key_id = ?",
                        (row, _) -> row.getLong(1),
                        id,
                        keyId)
                .stream()
                .findAny();
    }

    /** Orders on which something has been on its way for longer than that, the longest first. */
    List<UUID> unfinished(Duration age, int limit) {
        return database.query("""
                SELECT id FROM customer_order
                WHERE intent_at < now() - ? * interval '1 millisecond' ORDER BY intent_at LIMIT ?""", (row, _) -> row.getObject(1, UUID.class), age.toMillis(), limit);
    }

    /** Orders that money is due of now, the longest first. */
    List<RefundTry> withRefundsDue(int limit) {
        return database.query(
                SELECT + " WHERE refund_at <= clock_timestamp() ORDER BY refund_at LIMIT ?",
                (row, number) -> new RefundTry(order(row, number), row.getInt("refund_tries")),
                limit);
    }

    void putOffRefund(UUID id, int tries, Duration pause) {
        database.update(
                "UPDATE customer_order SET refund_tries = refund_tries + 1,"
                        + " refund_at = clock_timestamp() + ? * interval '1 millisecond'"
                        + " WHERE id = ? AND refund_tries = ? AND refund_at IS NOT NULL",
                pause.toMillis(),
                id,
                tries);
    }

    static Order order(ResultSet row, int number) throws SQLException {
        return new Order(
                row.getObject("id", UUID.class),
                row.getLong("version"),
                OrderState.valueOf(row.getString("state")),
                row.getObject("placed_at", OffsetDateTime.class).toInstant(),
                row.getObject("changed_at", OffsetDateTime.class).toInstant(),
                row.getObject("hold_id", UUID.class),
                row.getString("buyer"),
                row.getString("channel"),
                row.getString("currency"),
                row.getLong("total_minor"),
                row.getString("payment"),
                List.of(read(row.getString("lines"), OrderLine[].class)),
                List.of(read(row.getString("refunds"), Refund[].class)));
    }

    private static Stored stored(ResultSet row, int number) throws SQLException {
        String intent = row.getString("intent");
        return new Stored(order(row, number), intent == null ? null : read(intent, Intent.class));
    }

    private static <T> T read(String json, Class<T> type) {
        return Json.read(json.getBytes(StandardCharsets.UTF_8), type);
    }

    private static String json(Object value) {
        return new String(Json.write(value), StandardCharsets.UTF_8);
    }

    private static OffsetDateTime at(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}
