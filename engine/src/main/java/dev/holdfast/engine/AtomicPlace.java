package dev.holdfast.engine;

import dev.holdfast.engine.Command.PlaceHold;
import java.sql.SQLException;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * Places a hold by one conditional statement: a round trip, with the rows locked for as long as the statement and its commit take.
 *
 * <p>It knows only the plain case: enough is there for everybody, the key is new. The rule is that of {@link Level#available}, in SQL. Everything
 * else (too few, a key used before, holds past their deadline in the way, a shortfall, units kept for a channel) it leaves to the {@link Decider}.
 */
final class AtomicPlace {
    private static final String SQL = """
            WITH taken AS (
                UPDATE stock_level l SET held = l.held + u.units, version = l.version + 1
                FROM unnest(?::bigint[], ?::bigint[]) u(id, units)
                WHERE l.id = u.id AND l.shortfall = 0 AND l.buffers IS NULL
                  AND l.on_hand + l.backorder_limit - l.held - l.allocated - l.safety_stock >= u.units
                  AND NOT EXISTS (SELECT FROM idempotency_entry e WHERE e.id = ?::uuid)
                RETURNING l.id, l.version, u.units, clock_timestamp() AS at),
            -- some lines and not all: 1 / 0 undoes them
            done AS (SELECT max(at) AS at, 1 / (count(*) = ?::bigint)::int AS whole FROM taken HAVING count(*) > 0),
            placed AS (
                INSERT INTO hold (id, state, placed_at, expires_at, request_hash, lines, channel, reference)
                SELECT p.id, 0, done.at, done.at + p.ttl * interval '1 second', p.hash, p.lines, p.channel, p.reference
                FROM done, (SELECT ?::uuid, ?::bigint, ?::bigint, ?::bigint[], ?::text, ?::text)
                    p(id, ttl, hash, lines, channel, reference)
                WHERE done.whole = 1
                RETURNING id, placed_at, expires_at),
            deadlines AS (
                INSERT INTO hold_deadline (stock_id, due_at, hold_ids)
                SELECT taken.id, placed.expires_at, ARRAY[placed.id] FROM taken, placed),
            movements AS (
                INSERT INTO ledger (stock_id, version, kind, at, cause, held)
                SELECT taken.id, taken.version, 5, placed.placed_at, placed.id, taken.units FROM taken, placed)
            SELECT placed_at, expires_at FROM placed;COMMIT""";

    private AtomicPlace() {}

    /** The hold, committed; null if it could not be placed like this, and nothing has changed. */
    static @Nullable Hold place(Store store, PlaceHold command, long requestHash, Batch batch) throws SQLException {
        // In the order of ids, as everybody locks; the database may still choose another, and then a deadlock is run
        // again.
        var lines = command.lines().stream()
                .sorted(Comparator.comparingLong(line -> batch.id(line.stock())))
                .toList();
        var pairs = new Parameters.Slices(1, 2 * lines.size());
        command.lines().forEach(line -> pairs.add(batch.id(line.stock()), line.units()));
        pairs.end(0);
        var statement = store.prepare(SQL);
        new Parameters(statement)
                .longs(lines.stream().mapToLong(line -> batch.id(line.stock())).toArray())
                .longs(lines.stream().mapToLong(Line::units).toArray())
                .object(command.key().id())
                .number(lines.size())
                .object(command.key().id())
                .object(command.ttl().toSeconds())
                .object(requestHash)
                .longs(pairs.flat())
                .object(command.channel())
                .object(command.reference());
        try {
            statement.execute();
        } catch (SQLException e) {
            if (!SqlStates.isRefusedRow(e)) {
                throw e;
            }
            store.rollback();
            return null;
        }
        try (var rows = statement.getResultSet()) {
            return rows.next()
                    ? new Hold(
                            command.key().id(),
                            Hold.State.ACTIVE,
                            command.lines(),
                            Store.instant(rows, 1),
                            Store.instant(rows, 2),
                            command.channel(),
                            command.reference())
                    : null;
        }
    }
}
