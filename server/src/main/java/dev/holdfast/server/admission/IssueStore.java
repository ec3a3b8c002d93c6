package dev.holdfast.server.admission;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.springframework.context.annotation.DependsOn;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** How far tickets have followed each order. */
@Component
@DependsOn(AdmissionSchema.NAME)
class IssueStore {
    /** Somebody has to mend what is refused; then it is seen within this time. */
    private static final Duration REFUSED_AGAIN_AFTER = Duration.ofMinutes(1);

    private final JdbcTemplate database;

    IssueStore(JdbcTemplate database) {
        this.database = database;
    }

    /** Whether the tickets of an order are right for this version of it. */
    boolean isSettled(UUID orderId, long version) {
        return !database.queryForList(
                        "SELECT 1 FROM ticket_order WHERE order_id = ? AND order_version >= ?",
                        Long.class,
                        orderId,
                        version)
                .isEmpty();
    }

    /** Places that an order has paid for and gets no ticket of. */
    List<String> refused(UUID orderId) {
        return database
                .query(
                        "SELECT refused FROM ticket_order WHERE order_id = ?",
                        (row, _) -> (String[]) row.getArray(1).getArray(),
                        orderId)
                .stream()
                .flatMap(Arrays::stream)
                .toList();
    }

    /** The tickets of an order are right for this version of it, but for these places. The caller has the order locked. */
    void settled(UUID orderId, long version, List<String> refused) {
        database.update(
                """
                INSERT INTO ticket_order (order_id, order_version, refused, due_at)
                VALUES (?, ?, ?, clock_timestamp() + ? * interval '1 millisecond')
                ON CONFLICT (order_id) DO UPDATE
                SET order_version = excluded.order_version, refused = excluded.refused, due_at = excluded.due_at""",
                orderId,
                version,
                refused.toArray(String[]::new),
                refused.isEmpty() ? null : REFUSED_AGAIN_AFTER.toMillis());
    }
}
