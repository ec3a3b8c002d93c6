package dev.holdfast.server.sql;

import dev.holdfast.server.api.Cursor;
import dev.holdfast.server.api.Problem;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Pages of a table by keyset: the newest first, each in one statement that reads an index from where the page before ended. To be
 * used once.
 */
public final class NewestFirst {
    /**
     * Some of the rows.
     *
     * @param nextCursor null on the last page
     */
    public record Page<T>(List<T> rows, @Nullable String nextCursor) {}

    private final String select;
    private final String at;
    private final String id;
    private final List<String> conditions = new ArrayList<>();
    private final Map<String, Object> values = new LinkedHashMap<>();

    /**
     * @param select up to {@code FROM …}
     * @param at the column with the time, to the microsecond
     * @param id the column with the id
     */
    public NewestFirst(String select, String at, String id) {
        this.select = select;
        this.at = at;
        this.id = id;
    }

    /**
     * Only where a condition holds.
     *
     * @param condition with one question mark, which stands for the value
     * @param value as text it tells one list from another; null: without this condition
     */
    public NewestFirst where(String condition, @Nullable Object value) {
        if (value != null) {
            String name = "value" + values.size();
            conditions.add(condition.replace("?", ":" + name));
            values.put(name, value);
        }
        return this;
    }

    /** Only from one moment to before another; null: without a bound. */
    public NewestFirst between(@Nullable Instant from, @Nullable Instant to) {
        return where(at + " >= ?", from == null ? null : from.atOffset(ZoneOffset.UTC))
                .where(at + " < ?", to == null ? null : to.atOffset(ZoneOffset.UTC));
    }

    /**
     * The rows, in one statement.
     *
     * @param cursor of the page before, which must have had the same conditions; null: the first page
     * @param time of a row, by which it is ordered
     * @throws dev.holdfast.server.api.ProblemException {@code invalid-request} if the cursor is none of this list
     */
    public <T> Page<T> page(
            JdbcClient database,
            int limit,
            @Nullable String cursor,
            RowMapper<T> mapper,
            Function<T, Instant> time,
            Function<T, UUID> key) {
        String filter = select + conditions + values;
        if (cursor != null) {
            Cursor last = decode(cursor, filter);
            conditions.add("(" + at + ", " + id + ") < (:at, :id)");
            values.put(
                    "at", Instant.EPOCH.plus(last.position(), ChronoUnit.MICROS).atOffset(ZoneOffset.UTC));
            values.put("id", last.id());
        }
        String sql = select
                + (conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions))
                + " ORDER BY " + at + " DESC, " + id + " DESC LIMIT " + (limit + 1);
        List<T> rows =
                new ArrayList<>(database.sql(sql).params(values).query(mapper).list());
        if (rows.size() <= limit) {
            return new Page<>(rows, null);
        }
        rows.removeLast();
        T last = rows.getLast();
        long micros = ChronoUnit.MICROS.between(Instant.EPOCH, time.apply(last));
        return new Page<>(rows, new Cursor(micros, key.apply(last)).encode(filter));
    }

    private static Cursor decode(String cursor, String filter) {
        try {
            return Cursor.decode(cursor, filter);
        } catch (IllegalArgumentException e) {
            throw Problem.invalid("cursor", "must be the nextCursor of another page of this list")
                    .asException();
        }
    }
}
