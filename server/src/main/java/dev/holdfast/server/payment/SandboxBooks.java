package dev.holdfast.server.payment;

import dev.holdfast.server.api.Json;
import dev.holdfast.server.api.Money;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The table {@code sandbox_payment}: many rows read, many written, a statement and a commit each. */
final class SandboxBooks {
    private static final String READ = """
            SELECT id, version, state, token, amount_minor, currency, due_at, captured_minor, refunds
            FROM sandbox_payment WHERE id = ANY (?)
            """;

    /** Whoever comes second with a version writes nothing, and does not get its id back. */
    private static final String WRITE = """
            INSERT INTO sandbox_payment AS p (id, version, state, token, amount_minor, currency, due_at, captured_minor,
                                              refunded_minor, refunds)
            SELECT id, version, state, token, amount_minor, currency, due_at, captured_minor, refunded_minor, refunds::jsonb
            FROM unnest(?::uuid[], ?::integer[], ?::text[], ?::text[], ?::bigint[], ?::text[], ?::timestamptz[], ?::bigint[],
                        ?::bigint[], ?::text[])
                n(id, version, state, token, amount_minor, currency, due_at, captured_minor, refunded_minor, refunds)
            ORDER BY id -- every node writes in this order: no deadlock
            ON CONFLICT (id) DO UPDATE SET version = excluded.version, state = excluded.state,
                captured_minor = excluded.captured_minor, refunded_minor = excluded.refunded_minor, refunds = excluded.refunds
            WHERE p.version = excluded.version - 1
            RETURNING id
            """;

    private final DataSource dataSource;

    SandboxBooks(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    Map<UUID, SandboxPayment> read(Collection<UUID> ids) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                var statement = connection.prepareStatement(READ)) {
            statement.setArray(1, connection.createArrayOf("uuid", ids.toArray()));
            Map<UUID, SandboxPayment> payments = new HashMap<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    SandboxPayment payment = payment(rows);
                    payments.put(payment.id(), payment);
                }
            }
            return payments;
        }
    }

    /** The ids of those that are written; of the others another node has written the same version. */
    Set<UUID> write(List<SandboxPayment> payments) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                var statement = connection.prepareStatement(WRITE)) {
            var columns = new Columns(connection, payments);
            statement.setArray(1, columns.of("uuid", SandboxPayment::id));
            statement.setArray(2, columns.of("integer", SandboxPayment::version));
            statement.setArray(3, columns.of("text", payment -> payment.state().name()));
            statement.setArray(4, columns.of("text", SandboxPayment::token));
            statement.setArray(
                    5, columns.of("bigint", payment -> payment.amount().amountMinor()));
            statement.setArray(6, columns.of("text", payment -> payment.amount().currency()));
            statement.setArray(7, columns.of("timestamptz", payment -> Timestamp.from(payment.dueAt())));
            statement.setArray(8, columns.of("bigint", SandboxPayment::capturedMinor));
            statement.setArray(9, columns.of("bigint", SandboxPayment::refundedMinor));
            statement.setArray(10, columns.of("text", SandboxBooks::refunds));
            Set<UUID> written = new HashSet<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    written.add(rows.getObject(1, UUID.class));
                }
            }
            return written;
        }
    }

    private record Columns(Connection connection, List<SandboxPayment> payments) {
        Array of(String type, Function<SandboxPayment, @Nullable Object> column) throws SQLException {
            return connection.createArrayOf(type, payments.stream().map(column).toArray());
        }
    }

    private static @Nullable String refunds(SandboxPayment payment) {
        return payment.refunds().isEmpty() ? null : new String(Json.write(payment.refunds()), StandardCharsets.UTF_8);
    }

    private static SandboxPayment payment(ResultSet row) throws SQLException {
        String json = row.getString("refunds");
        Map<String, Long> refunds = new LinkedHashMap<>();
        if (json != null) {
            Json.read(json.getBytes(StandardCharsets.UTF_8))
                    .properties()
                    .forEach(refund ->
                            refunds.put(refund.getKey(), refund.getValue().longValue()));
        }
        return new SandboxPayment(
                row.getObject("id", UUID.class),
                row.getInt("version"),
                SandboxPayment.State.valueOf(row.getString("state")),
                row.getString("token"),
                new Money(row.getLong("amount_minor"), row.getString("currency")),
                row.getTimestamp("due_at").toInstant(),
                row.getLong("captured_minor"),
                refunds);
    }
}
