package dev.holdfast.engine;

import dev.holdfast.engine.Decision.HoldRow;
import dev.holdfast.engine.Parameters.Slices;
import dev.holdfast.engine.Parameters.Texts;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.StringJoiner;
import java.util.UUID;
import java.util.function.ToLongFunction;

/** Turns what a batch changed into one string of statements that ends in COMMIT, and the arrays for it. */
final class BatchWriter {
    /** 100 ids of 16 bytes stay below 2 kB, so that the row needs no TOAST table. */
    private static final int DEADLINE_IDS_MAX = 100;

    /** Of a ledger row: 40 × (16 + 2 + 2 × 8) bytes for holds stay below 2 kB too. */
    private static final int MOVEMENTS_MAX = 40;

    private static final long[] NO_LONGS = {};
    private static final List<ToLongFunction<Movement>> DELTAS =
            List.of(Movement::onHandDelta, Movement::heldDelta, Movement::allocatedDelta, Movement::shortfallDelta);

    private interface Setter {
        void set(Parameters write) throws SQLException;
    }

    private final Batch batch;
    private final Instant now;
    private final StringJoiner sql = new StringJoiner(";");
    private final List<Setter> setters = new ArrayList<>();
    private boolean updatesLevels;

    BatchWriter(Batch batch, Instant now) {
        this.batch = batch;
        this.now = now;
    }

    /** New rows, which need no lock. */
    BatchWriter inserts() {
        if (!batch.movements.isEmpty()) {
            write(Sql.INSERT_MOVEMENTS, this::setMovements);
        }
        if (!batch.placedHolds.isEmpty()) {
            write(Sql.INSERT_HOLDS, this::setPlacedHolds);
        }
        if (!batch.newDeadlines.isEmpty()) {
            write(Sql.INSERT_DEADLINES, this::setDeadlines);
        }
        if (!batch.newEntries.isEmpty()) {
            write(Sql.INSERT_ENTRIES, this::setEntries);
        }
        if (!batch.auditEntries.isEmpty()) {
            write(Sql.INSERT_AUDIT, this::setAuditEntries);
        }
        return this;
    }

    /** Levels, then the holds that their locks guard. */
    BatchWriter updates() {
        if (!batch.movements.isEmpty()) {
            write(Sql.UPDATE_LEVELS, this::setLevels);
            updatesLevels = true;
        }
        if (!batch.changedHolds.isEmpty()) {
            write(Sql.UPDATE_HOLDS, this::setChangedHolds);
        }
        return this;
    }

    BatchWriter commit() {
        sql.add("COMMIT");
        return this;
    }

    private void write(String statement, Setter setter) {
        sql.add(statement);
        setters.add(setter);
    }

    /** Whether its first result is that of the levels. */
    boolean updatesLevels() {
        return updatesLevels;
    }

    String sql() {
        return sql.toString();
    }

    void set(Parameters write) throws SQLException {
        for (Setter setter : setters) {
            setter.set(write);
        }
    }

    private void setLevels(Parameters write) throws SQLException {
        int n = batch.levelsBefore.size();
        var addresses = new String[n];
        var columns = new long[9][n];
        var buffers = new Texts(n);
        int i = 0;
        // In the order of ids, as they were read: where nothing was locked then, this is where it happens.
        for (StockKey stock : batch.changedStocks()) {
            var level = Objects.requireNonNull(batch.level(stock));
            addresses[i] = Objects.requireNonNull(batch.levelAddresses.get(stock));
            columns[0][i] = batch.id(stock);
            columns[1][i] = level.onHand();
            columns[2][i] = level.held();
            columns[3][i] = level.allocated();
            columns[4][i] = level.safetyStock();
            columns[5][i] = level.backorderLimit();
            columns[6][i] = level.shortfall();
            columns[7][i] = level.version();
            columns[8][i] = batch.loaded(stock).version();
            buffers.set(i, Buffer.text(level.buffers()));
            i++;
        }
        write.texts(addresses);
        for (long[] column : columns) {
            write.longs(column);
        }
        write.texts(buffers).number(n);
    }

    /** Movements as rows of the ledger: a first one each, and those of the same stock that follow it. */
    private void setMovements(Parameters write) throws SQLException {
        var rows = ledgerRows();
        int n = rows.size();
        var firsts = new ArrayList<Movement>(n);
        var others = new ArrayList<Movement>(batch.movements.size() - n);
        var begin = new int[n];
        var end = new int[n];
        for (int i = 0; i < n; i++) {
            var row = rows.get(i);
            firsts.add(row.getFirst());
            begin[i] = others.size() + 1;
            others.addAll(row.subList(1, row.size()));
            end[i] = others.size();
        }
        write.time(now);
        setColumns(write, others, true);
        write.longs(column(firsts, movement -> batch.id(movement.stock())));
        write.longs(column(firsts, Movement::version));
        write.ints(begin).ints(end);
        setColumns(write, firsts, false);
    }

    private List<List<Movement>> ledgerRows() {
        var open = new HashMap<StockKey, List<Movement>>();
        var rows = new ArrayList<List<Movement>>();
        for (Movement movement : batch.movements) {
            var row = open.get(movement.stock());
            if (row == null || row.size() == MOVEMENTS_MAX) {
                row = new ArrayList<>();
                open.put(movement.stock(), row);
                rows.add(row);
            }
            row.add(movement);
        }
        return rows;
    }

    private static void setColumns(Parameters write, List<Movement> movements, boolean zerosAreEmpty)
            throws SQLException {
        int n = movements.size();
        var kinds = new short[n];
        var causes = new UUID[n];
        var notes = new Texts(n);
        for (int i = 0; i < n; i++) {
            var movement = movements.get(i);
            kinds[i] = movement.kind().code;
            causes[i] = movement.cause();
            notes.set(i, movement.note());
        }
        write.shorts(kinds).uuids(causes);
        for (var delta : DELTAS) {
            var column = column(movements, delta);
            boolean empty = zerosAreEmpty && Arrays.stream(column).allMatch(value -> value == 0);
            write.longs(empty ? NO_LONGS : column);
        }
        write.texts(notes);
    }

    private static long[] column(List<Movement> movements, ToLongFunction<Movement> value) {
        var column = new long[movements.size()];
        for (int i = 0; i < column.length; i++) {
            column[i] = value.applyAsLong(movements.get(i));
        }
        return column;
    }

    private void setPlacedHolds(Parameters write) throws SQLException {
        int n = batch.placedHolds.size();
        var ids = new UUID[n];
        var states = new short[n];
        var expires = new long[n];
        var hashes = new long[n];
        var lines = new Slices(n, 2 * n);
        var parts = new PartsColumn(n);
        var channels = new Texts(n);
        var references = new Texts(n);
        int i = 0;
        for (HoldRow row : batch.placedHolds.values()) {
            var hold = row.hold();
            ids[i] = hold.id();
            states[i] = hold.state().code;
            expires[i] = micros(hold.expiresAt());
            hashes[i] = row.requestHash();
            for (Line line : hold.lines()) {
                lines.add(batch.id(line.stock()), line.units());
            }
            lines.end(i);
            parts.set(i, hold.parts());
            channels.set(i, hold.channel());
            references.set(i, hold.reference());
            i++;
        }
        write.time(now)
                .longs(lines.flat())
                .longs(parts.flat())
                .uuids(ids)
                .shorts(states)
                .longs(expires)
                .longs(hashes)
                .ints(lines.first)
                .ints(lines.last)
                .ints(parts.first())
                .ints(parts.last())
                .texts(channels)
                .texts(references);
    }

    private void setChangedHolds(Parameters write) throws SQLException {
        // In one order, for those without movements: an extension has no stock's lock.
        var rows = batch.changedHolds.values().stream()
                .sorted(Comparator.comparing(row -> row.hold().id()))
                .toList();
        int n = rows.size();
        var addresses = new String[n];
        var ids = new UUID[n];
        var states = new short[n];
        var expires = new long[n];
        var statesBefore = new short[n];
        var expiresBefore = new long[n];
        var parts = new PartsColumn(n);
        var partsBefore = new PartsColumn(n);
        int i = 0;
        for (HoldRow row : rows) {
            ids[i] = row.hold().id();
            var before = Objects.requireNonNull(batch.holdsBefore.get(ids[i])).hold();
            statesBefore[i] = before.state().code;
            expiresBefore[i] = micros(before.expiresAt());
            addresses[i] = Objects.requireNonNull(batch.holdAddresses.get(ids[i]));
            states[i] = row.hold().state().code;
            expires[i] = micros(row.hold().expiresAt());
            parts.set(i, row.hold().parts());
            partsBefore.set(i, before.parts());
            i++;
        }
        write.longs(parts.flat())
                .longs(partsBefore.flat())
                .texts(addresses)
                .uuids(ids)
                .shorts(states)
                .longs(expires)
                .shorts(statesBefore)
                .longs(expiresBefore)
                .ints(parts.first())
                .ints(parts.last())
                .ints(partsBefore.first())
                .ints(partsBefore.last())
                .number(n);
    }

    /** What became of each line of each hold. Mostly its state says it: columns without any are empty, which {@code unnest} fills with nulls. */
    private static final class PartsColumn {
        private static final int[] NONE = {};
        private final Slices slices;
        private boolean any;

        PartsColumn(int rows) {
            slices = new Slices(rows, 0);
        }

        void set(int row, List<Hold.Part> parts) {
            for (Hold.Part part : parts) {
                slices.add(part.confirmed(), part.released());
                slices.add(part.lapsed(), part.shipped());
            }
            slices.end(row);
            any |= !parts.isEmpty();
        }

        long[] flat() {
            return slices.flat();
        }

        int[] first() {
            return any ? slices.first : NONE;
        }

        int[] last() {
            return any ? slices.last : NONE;
        }
    }

    private record Deadline(long stockId, long dueMicros) {}

    private void setDeadlines(Parameters write) throws SQLException {
        var groups = new LinkedHashMap<Deadline, List<UUID>>();
        for (HoldRow row : batch.newDeadlines.values()) {
            long due = micros(row.hold().expiresAt());
            for (Line line : row.hold().lines()) {
                groups.computeIfAbsent(new Deadline(batch.id(line.stock()), due), deadline -> new ArrayList<>())
                        .add(row.hold().id());
            }
        }
        var ids = new ArrayList<UUID>();
        var rows = new ArrayList<Deadline>();
        var ends = new ArrayList<Integer>();
        groups.forEach((deadline, holdIds) -> {
            for (int from = 0; from < holdIds.size(); from += DEADLINE_IDS_MAX) {
                ids.addAll(holdIds.subList(from, Math.min(from + DEADLINE_IDS_MAX, holdIds.size())));
                rows.add(deadline);
                ends.add(ids.size());
            }
        });
        int n = rows.size();
        var stockIds = new long[n];
        var dues = new long[n];
        var first = new int[n];
        var last = new int[n];
        for (int i = 0; i < n; i++) {
            stockIds[i] = rows.get(i).stockId();
            dues[i] = rows.get(i).dueMicros();
            first[i] = i == 0 ? 1 : last[i - 1] + 1;
            last[i] = ends.get(i);
        }
        write.uuids(ids.toArray(UUID[]::new))
                .longs(stockIds)
                .longs(dues)
                .ints(first)
                .ints(last);
    }

    private void setEntries(Parameters write) throws SQLException {
        int n = batch.newEntries.size();
        var ids = new UUID[n];
        var hashes = new long[n];
        var expires = new long[n];
        var movements = new Slices(n, 2 * n);
        var parts = new PartsColumn(n);
        for (int i = 0; i < n; i++) {
            var entry = batch.newEntries.get(i);
            ids[i] = entry.id();
            hashes[i] = entry.requestHash();
            expires[i] = entry.expiresAt() == null ? 0 : micros(entry.expiresAt());
            for (Movement movement : entry.movements()) {
                movements.add(batch.id(movement.stock()), movement.version());
            }
            movements.end(i);
            parts.set(i, entry.parts());
        }
        write.time(now)
                .longs(movements.flat())
                .longs(parts.flat())
                .uuids(ids)
                .longs(hashes)
                .ints(movements.first)
                .ints(movements.last)
                .longs(expires)
                .ints(parts.first())
                .ints(parts.last());
    }

    private void setAuditEntries(Parameters write) throws SQLException {
        int n = batch.auditEntries.size();
        var ids = new UUID[n];
        var columns = new Texts[7];
        Arrays.setAll(columns, _ -> new Texts(n));
        for (int i = 0; i < n; i++) {
            var entry = batch.auditEntries.get(i);
            ids[i] = IdempotencyKey.randomUuidV7();
            columns[0].set(i, entry.actor().name());
            columns[1].set(i, entry.action());
            columns[2].set(i, entry.subject());
            columns[3].set(i, entry.before());
            columns[4].set(i, entry.after());
            columns[5].set(i, entry.reason());
            columns[6].set(i, entry.actor().traceId());
        }
        Arrays.sort(ids); // those of one moment are told apart by their ids: in the order in which it happened
        write.time(now).uuids(ids);
        for (Texts column : columns) {
            write.texts(column);
        }
    }

    static long micros(Instant at) {
        return at.getEpochSecond() * 1_000_000 + at.getNano() / 1_000;
    }
}
