package dev.holdfast.server.admission;

import dev.holdfast.server.ticketing.Performances;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.springframework.context.annotation.DependsOn;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Orders whose tickets somebody has to look at: read from the log of orders by one node at a time, and kept until it is done, whoever dies
 * meanwhile. What the log says and how far it was read is one transaction, so no event is missed and none is read for ever.
 */
@Component
@DependsOn(AdmissionSchema.NAME)
class OrderTail {
    /** What one look read. */
    private record Row(String xid, long seq, UUID orderId, boolean concernsTickets) {}

    /** As docs/reference/orders.md says, and beside it which of them are about places. */
    private static final String READ = """
            SELECT e.xid::text, e.seq, e.order_id,
                   e.type IN ('PAID', 'CANCELLED', 'RETURNED')
                       AND EXISTS (SELECT FROM unnest(o.skus) sku WHERE starts_with(sku, ?)) AS concerns_tickets
            FROM order_event e JOIN customer_order o ON o.id = e.order_id
            WHERE (e.xid, e.seq) > (?::xid8, ?) AND e.xid < pg_snapshot_xmin(pg_current_snapshot())
            ORDER BY e.xid, e.seq LIMIT\s""" + OrderTail.EVENTS_MAX;

    /** Asked without a lock, because locking a row is a write, and there is mostly nothing new. */
    private static final String HAS_NEWS = """
            SELECT EXISTS (SELECT FROM order_event
                           WHERE (xid, seq) > ((SELECT xid FROM ticket_tail), (SELECT seq FROM ticket_tail))
                             AND xid < pg_snapshot_xmin(pg_current_snapshot()))""";

    private static final String DUE = """
            INSERT INTO ticket_order (order_id, due_at) VALUES (?, clock_timestamp())
            ON CONFLICT (order_id) DO UPDATE SET due_at = excluded.due_at""";

    /** Whoever takes an order has it for so long; it is taken again when he has died. */
    private static final String TAKE = """
            UPDATE ticket_order SET due_at = clock_timestamp() + ? * interval '1 millisecond'
            WHERE order_id IN (SELECT order_id FROM ticket_order WHERE due_at <= clock_timestamp()
                               ORDER BY due_at LIMIT ? FOR UPDATE SKIP LOCKED)
            RETURNING order_id""";

    private static final int EVENTS_MAX = 1_000;

    private final JdbcTemplate database;
    private final TransactionTemplate transaction;

    OrderTail(JdbcTemplate database, TransactionTemplate transaction) {
        this.database = database;
        this.transaction = transaction;
    }

    /** Reads on. True if there may be more; nothing if another node is at it. */
    boolean read() {
        if (!Boolean.TRUE.equals(database.queryForObject(HAS_NEWS, Boolean.class))) {
            return false;
        }
        return Boolean.TRUE.equals(transaction.execute(_ -> {
            List<Row> cursor = database.query(
                    "SELECT xid::text, seq FROM ticket_tail FOR UPDATE SKIP LOCKED",
                    (row, _) -> new Row(row.getString(1), row.getLong(2), new UUID(0, 0), false));
            return !cursor.isEmpty() && readFrom(cursor.getFirst());
        }));
    }

    private boolean readFrom(Row last) {
        List<Row> rows = database.query(
                READ,
                (row, _) -> new Row(row.getString(1), row.getLong(2), row.getObject(3, UUID.class), row.getBoolean(4)),
                Performances.SKU_PREFIX,
                last.xid,
                last.seq);
        if (rows.isEmpty()) {
            return false;
        }
        Set<UUID> due = new LinkedHashSet<>();
        rows.stream().filter(Row::concernsTickets).forEach(row -> due.add(row.orderId));
        due.forEach(order -> database.update(DUE, order));
        database.update("UPDATE ticket_tail SET xid = ?::xid8, seq = ?", rows.getLast().xid, rows.getLast().seq);
        return rows.size() == EVENTS_MAX;
    }

    /** Some that are due. Nobody else has them for that long. */
    List<UUID> take(int limit, Duration until) {
        return new ArrayList<>(database.query(TAKE, (row, _) -> row.getObject(1, UUID.class), until.toMillis(), limit));
    }
}
