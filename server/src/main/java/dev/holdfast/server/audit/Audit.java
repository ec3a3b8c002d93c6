package dev.holdfast.server.audit;

import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.server.api.Caller;
import dev.holdfast.server.api.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** The log of what people and keys changed. Append-only: there is no call that changes or deletes an entry. */
@Component
public final class Audit {
    /**
     * One change of one thing.
     *
     * @param action what was done, as the call names it: {@code replace}
     * @param subject what kind of thing, and which: {@code product/<id>}
     * @param before its fields as they were; none where it is new
     * @param after its fields as they are now; none where it is gone
     */
    public record Change(
            String action,
            String subject,
            Map<String, ? extends @Nullable Object> before,
            Map<String, ? extends @Nullable Object> after) {
        /** The fields of {@code of} that {@code other} does not have, or has otherwise; null if there are none at all. */
        private static @Nullable String different(
                Map<String, ? extends @Nullable Object> of, Map<String, ? extends @Nullable Object> other) {
            if (of.isEmpty()) {
                return null;
            }
            Map<String, @Nullable Object> different = new LinkedHashMap<>();
            of.forEach((field, value) -> {
                if (!Objects.equals(value, other.get(field))) {
                    different.put(field, value);
                }
            });
            return new String(Json.write(different), StandardCharsets.UTF_8);
        }
    }

    private static final String INSERT = """
            INSERT INTO audit_entry (id, at, actor, action, subject, before, after, reason, trace_id)
            VALUES (?, ?, ?, ?, ?, ?::json, ?::json, ?, ?)
            """;

    private final JdbcTemplate database;

    Audit(JdbcTemplate database) {
        this.database = database;
    }

    /** Writes them in the caller's transaction, with the fields that changed only; nothing of what did not change. */
    public void record(Caller caller, Instant at, List<Change> changes) {
        database.batchUpdate(
                INSERT,
                changes.stream()
                        .filter(change -> !change.before.equals(change.after))
                        .map(change -> new @Nullable Object[] {
                            IdempotencyKey.randomUuidV7(),
                            at.atOffset(ZoneOffset.UTC),
                            caller.actor(),
                            change.action,
                            change.subject,
                            Change.different(change.before, change.after),
                            Change.different(change.after, change.before),
                            caller.reason(),
                            caller.traceId()
                        })
                        .toList());
    }
}
