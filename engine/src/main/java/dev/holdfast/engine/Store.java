package dev.holdfast.engine;

import dev.holdfast.engine.Decision.Entry;
import dev.holdfast.engine.Decision.HoldRow;
import dev.holdfast.engine.Parameters.Slices;
import dev.holdfast.engine.Parameters.Texts;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.Oid;

/**
 * One connection's SQL for the lane. A batch takes two round trips: one reads and locks, one writes and commits; statements that
 * go together are sent as one string, which the driver pipelines. Compared with a round trip for each statement that made
 * batches of 256 half as fast again (docs/decisions, "two round trips").
 */
final class Store implements AutoCloseable {
    /** Locking and reading must wait for another node's batch, never for ever: 5 s is 500 batches of 10 ms. */
    private static final String SESSION = """
            SET lock_timeout = '5s';
            SET statement_timeout = '30s';
            SET idle_in_transaction_session_timeout = '60s';
            SET jit = off;
            SET enable_seqscan = off; -- everything here is looked up by key; a plan made on an empty table must not scan later
            SET plan_cache_mode = force_generic_plan; -- planning would cost more than running
            SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'
            """;

    private static final String IDENTIFY = """
            SELECT id, sku, location
            FROM unnest(?::text[], ?::text[]) k(sku, location) JOIN stock_level USING (sku, location)
            """;

    private static final String CREATE = """
            INSERT INTO stock_level (sku, location)
            SELECT sku, location FROM unnest(?::text[], ?::text[]) k(sku, location)
            ORDER BY sku, location -- two nodes that create the same stocks must not wait for each other in a circle
            ON CONFLICT DO NOTHING
            """;

    private static final String FORGET = "DELETE FROM stock_level WHERE id = ANY (?) AND version = 0";

    private static final String NAMES = "SELECT id, sku, location FROM stock_level WHERE id = ANY (?)";

    private static final String LEVEL_COLUMNS =
            "id, sku, location, on_hand, held, allocated, safety_stock, backorder_limit, shortfall, version";

    /** Every writer locks in the order of ids: no deadlock. A hold is guarded by the locks of its stocks. */
    private static final String LOCK = "SELECT " + LEVEL_COLUMNS + """
             FROM stock_level
            WHERE id = ANY (?)
            ORDER BY id
            FOR NO KEY UPDATE
            """;

    private static final String LOCK_WITH_HOLDS = "SELECT " + LEVEL_COLUMNS + """
             FROM stock_level
            WHERE id = ANY (?::bigint[] || coalesce(
                (SELECT array_agg(stock_id) FROM hold_line WHERE hold_id = ANY (?)), '{}'::bigint[]))
            ORDER BY id
            FOR NO KEY UPDATE
            """;

    /** The clock is read after the locks were taken, so that time never runs backwards within one stock's ledger. */
    private static final String READ_CLOCK_AND_HOLDS = """
            SELECT clock_timestamp(), h.id, h.state, h.lines, h.placed_at, h.expires_at, h.channel, h.reference,
                   h.request_hash, h.shipped
            FROM (VALUES (1)) one LEFT JOIN hold h ON h.id = ANY (?)
            """;

    private static final String READ_ENTRIES = """
            SELECT id, request_hash, at, movements, expires_at FROM idempotency_entry WHERE id = ANY (?)
            """;

    private static final String LOAD = LOCK + ";" + READ_CLOCK_AND_HOLDS + ";" + READ_ENTRIES;
    private static final String LOAD_WITH_HOLDS = LOCK_WITH_HOLDS + ";" + READ_CLOCK_AND_HOLDS + ";" + READ_ENTRIES;

    private static final String READ_MOVEMENTS = """
            SELECT m.stock_id, m.version, m.kind, coalesce(m.on_hand, 0), coalesce(m.held, 0), coalesce(m.allocated, 0),
                   coalesce(m.shortfall, 0), m.cause, m.note, m.at, l.sku, l.location
            FROM unnest(?::bigint[], ?::bigint[]) k(stock_id, version)
            JOIN movement m USING (stock_id, version) JOIN stock_level l ON l.id = m.stock_id
            """;

    private static final String DUE_HOLDS = """
            SELECT DISTINCT h.id
            FROM hold_deadline d CROSS JOIN LATERAL unnest(d.hold_ids) u(id) JOIN hold h ON h.id = u.id
            WHERE d.stock_id = ANY (?) AND d.due_at <= ?::timestamptz AND h.state = 0 AND h.expires_at <= ?::timestamptz
            LIMIT ?
            """;

    /** Looks at the first 16 deadlines only: 16 × 100 holds are about 2 ms; the answer is a hint for the refused. */
    private static final String NEXT_RELEASES = """
            SELECT s.id, n.at
            FROM unnest(?::bigint[]) s(id) CROSS JOIN LATERAL (
                SELECT g.at
                FROM (SELECT * FROM hold_deadline WHERE stock_id = s.id ORDER BY due_at LIMIT 16) d
                CROSS JOIN LATERAL (
                    SELECT min(h.expires_at) AS at FROM hold h
                    WHERE h.id = ANY (d.hold_ids) AND h.state = 0 AND h.expires_at = d.due_at) g
                WHERE g.at IS NOT NULL
                ORDER BY d.due_at LIMIT 1) n
            """;

    private static final String UPDATE_LEVELS = """
            UPDATE stock_level s
            SET on_hand = u.on_hand, held = u.held, allocated = u.allocated, safety_stock = u.safety_stock,
                backorder_limit = u.backorder_limit, shortfall = u.shortfall, version = u.version
            FROM unnest(?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[])
                u(id, on_hand, held, allocated, safety_stock, backorder_limit, shortfall, version)
            WHERE s.id = u.id
            """;

    private static final String INSERT_MOVEMENTS = """
            INSERT INTO movement (stock_id, version, kind, at, cause, on_hand, held, allocated, shortfall, note)
            SELECT u.stock_id, u.version, u.kind, ?::timestamptz, u.cause, nullif(u.on_hand, 0), nullif(u.held, 0),
                   nullif(u.allocated, 0), nullif(u.shortfall, 0), u.note
            FROM unnest(?::bigint[], ?::bigint[], ?::smallint[], ?::uuid[], ?::bigint[], ?::bigint[], ?::bigint[],
                        ?::bigint[], ?::text[])
                u(stock_id, version, kind, cause, on_hand, held, allocated, shortfall, note)
            """;

    private static final String INSERT_HOLDS = """
            INSERT INTO hold (id, state, placed_at, expires_at, request_hash, lines, channel, reference)
            SELECT u.id, u.state, n.at, 'epoch'::timestamptz + u.expires_us * interval '1 microsecond', u.request_hash,
                   n.lines[u.first:u.last], u.channel, u.reference
            FROM (SELECT ?::timestamptz, ?::bigint[]) n(at, lines),
                 unnest(?::uuid[], ?::smallint[], ?::bigint[], ?::bigint[], ?::int[], ?::int[], ?::text[], ?::text[])
                u(id, state, expires_us, request_hash, first, last, channel, reference)
            """;

    private static final String UPDATE_HOLDS = """
            UPDATE hold h
            SET state = u.state, expires_at = 'epoch'::timestamptz + u.expires_us * interval '1 microsecond'
            FROM unnest(?::uuid[], ?::smallint[], ?::bigint[]) u(id, state, expires_us)
            WHERE h.id = u.id
            """;

    private static final String UPDATE_SHIPPED = """
            UPDATE hold h SET shipped = n.shipped[u.first:u.last]
            FROM (SELECT ?::bigint[]) n(shipped), unnest(?::uuid[], ?::int[], ?::int[]) u(id, first, last)
            WHERE h.id = u.id
            """;

    private static final String INSERT_DEADLINES = """
            INSERT INTO hold_deadline (stock_id, due_at, hold_ids)
            SELECT u.stock_id, 'epoch'::timestamptz + u.due_us * interval '1 microsecond', n.ids[u.first:u.last]
            FROM (SELECT ?::uuid[]) n(ids),
                 unnest(?::bigint[], ?::bigint[], ?::int[], ?::int[]) u(stock_id, due_us, first, last)
            """;

    private static final String INSERT_ENTRIES = """
            INSERT INTO idempotency_entry (id, request_hash, at, movements, expires_at)
            SELECT u.id, u.request_hash, n.at, n.movements[u.first:u.last],
                   'epoch'::timestamptz + nullif(u.expires_us, 0) * interval '1 microsecond'
            FROM (SELECT ?::timestamptz, ?::bigint[]) n(at, movements),
                 unnest(?::uuid[], ?::bigint[], ?::int[], ?::int[], ?::bigint[])
                u(id, request_hash, first, last, expires_us)
            """;

    /** 100 ids of 16 bytes stay below 2 kB, so that the row needs no TOAST table. */
    private static final int DEADLINE_IDS_MAX = 100;

    /** A batch of holds whose stocks were not all locked: a hold appeared between two statements. Run it again. */
    static final class LocksIncomplete extends Exception {
        LocksIncomplete() {
            super(null, null, false, false);
        }
    }

    private final Connection connection;
    private final Map<String, PreparedStatement> statements = new HashMap<>();

    Store(Connection connection) throws SQLException {
        this.connection = connection;
        connection.unwrap(BaseConnection.class).getQueryExecutor().addBinarySendOid(Oid.UUID_ARRAY);
        connection.setAutoCommit(true);
        connection.setReadOnly(false);
        connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
        try (var statement = connection.createStatement()) {
            statement.execute(SESSION);
        }
        connection.setAutoCommit(false);
    }

    /** Finds the ids of stocks not yet identified, and creates those that a receipt or a transfer brings into being. */
    void identify(Batch batch) throws SQLException {
        var missing = new TreeSet<StockKey>();
        for (StockKey stock : batch.stocks) {
            if (!batch.stockIds.containsKey(stock)) {
                missing.add(stock);
            }
        }
        if (missing.isEmpty()) {
            return;
        }
        identify(batch, missing);
        var created = new TreeSet<StockKey>();
        for (StockKey stock : missing) {
            var from = batch.transferTargets.get(stock);
            boolean wanted = batch.creatable.contains(stock) || (from != null && batch.stockIds.containsKey(from));
            if (wanted && !batch.stockIds.containsKey(stock)) {
                created.add(stock);
            }
        }
        if (!created.isEmpty()) {
            var insert = prepare(CREATE);
            setStocks(insert, created);
            insert.executeUpdate();
            identify(batch, created);
            created.forEach(stock -> batch.created.add(batch.id(stock)));
        }
    }

    private void identify(Batch batch, Set<StockKey> stocks) throws SQLException {
        var select = prepare(IDENTIFY);
        setStocks(select, stocks);
        try (var rows = select.executeQuery()) {
            while (rows.next()) {
                batch.identify(StockKey.of(rows.getString(2), rows.getString(3)), rows.getLong(1));
            }
        }
    }

    private static void setStocks(PreparedStatement statement, Set<StockKey> stocks) throws SQLException {
        new Parameters(statement)
                .texts(stocks.stream().map(stock -> stock.sku().value()).toArray(String[]::new))
                .texts(stocks.stream().map(stock -> stock.location().value()).toArray(String[]::new));
    }

    /**
     * The first round trip: locks every stock the batch touches, then reads the clock, the holds and the keys.
     *
     * @return the database's time
     */
    Instant load(Batch batch) throws SQLException, LocksIncomplete {
        boolean withHolds = !batch.holdIds.isEmpty();
        var select = prepare(withHolds ? LOAD_WITH_HOLDS : LOAD);
        var read = new Parameters(select).longs(identifiedStocks(batch));
        if (withHolds) {
            read.uuids(batch.holdIds);
        }
        read.uuids(withHolds ? both(batch.keys, batch.holdIds) : batch.keys).uuids(batch.keys);
        select.execute();
        try (var rows = select.getResultSet()) {
            while (rows.next()) {
                loadLevel(batch, rows);
            }
        }
        select.getMoreResults();
        Instant now = loadHolds(batch, select.getResultSet());
        select.getMoreResults();
        loadEntries(batch, select.getResultSet());
        return now;
    }

    private static Set<UUID> both(Set<UUID> keys, Set<UUID> holdIds) {
        var all = new HashSet<>(keys);
        all.addAll(holdIds);
        return all;
    }

    private static long[] identifiedStocks(Batch batch) {
        var ids = new long[batch.stocks.size()];
        int n = 0;
        for (StockKey stock : batch.stocks) {
            var id = batch.stockIds.get(stock);
            if (id != null) {
                ids[n++] = id;
            }
        }
        return Arrays.copyOf(ids, n);
    }

    private static void loadLevel(Batch batch, ResultSet row) throws SQLException {
        long id = row.getLong(1);
        var known = batch.stocksById.get(id);
        var stock = known != null ? known : StockKey.of(row.getString(2), row.getString(3));
        batch.identify(stock, id);
        batch.load(level(stock, row, 4));
    }

    static Level level(StockKey stock, ResultSet row, int column) throws SQLException {
        return new Level(
                stock,
                row.getLong(column),
                row.getLong(column + 1),
                row.getLong(column + 2),
                row.getLong(column + 3),
                row.getLong(column + 4),
                row.getLong(column + 5),
                row.getLong(column + 6));
    }

    private Instant loadHolds(Batch batch, ResultSet rows) throws SQLException, LocksIncomplete {
        rows.next();
        Instant now = instant(rows, 1);
        do {
            var id = rows.getObject(2, UUID.class);
            if (id != null) {
                batch.load(holdRow(batch, id, rows));
            }
        } while (rows.next());
        return now;
    }

    private HoldRow holdRow(Batch batch, UUID id, ResultSet row) throws SQLException, LocksIncomplete {
        var pairs = longs(row.getArray(4));
        var lines = new ArrayList<Line>(pairs.length / 2);
        for (int i = 0; i < pairs.length; i += 2) {
            var stock = batch.stocksById.get(pairs[i]);
            if (stock == null || batch.level(stock) == null) {
                if (batch.holdIds.contains(id)) {
                    throw new LocksIncomplete();
                }
                stock = nameOf(pairs[i]);
            }
            lines.add(new Line(stock, pairs[i + 1]));
        }
        var hold = new Hold(
                id,
                Hold.State.of(row.getShort(3)),
                lines,
                instant(row, 5),
                instant(row, 6),
                row.getString(7),
                row.getString(8));
        var shipped = row.getArray(10);
        return new HoldRow(
                hold,
                row.getLong(9),
                shipped == null
                        ? List.of()
                        : Arrays.stream(longs(shipped)).boxed().toList());
    }

    /** A key used before for other stocks: only its hash will be looked at, but a hold has its names. */
    private StockKey nameOf(long stockId) throws SQLException {
        var select = prepare(NAMES);
        new Parameters(select).longs(stockId);
        try (var rows = select.executeQuery()) {
            rows.next();
            return StockKey.of(rows.getString(2), rows.getString(3));
        }
    }

    private void loadEntries(Batch batch, ResultSet rows) throws SQLException {
        var found = new ArrayList<Entry>();
        var refs = new ArrayList<long[]>();
        while (rows.next()) {
            var expiresAt = rows.getObject(5, OffsetDateTime.class);
            found.add(new Entry(
                    rows.getObject(1, UUID.class),
                    rows.getLong(2),
                    instant(rows, 3),
                    List.of(),
                    expiresAt == null ? null : expiresAt.toInstant()));
            refs.add(longs(rows.getArray(4)));
        }
        for (int i = 0; i < found.size(); i++) {
            var entry = found.get(i);
            batch.load(
                    new Entry(entry.id(), entry.requestHash(), entry.at(), movements(refs.get(i)), entry.expiresAt()));
        }
    }

    /** The movements of a first answer, for a replay; rare, so a round trip of their own does not hurt. */
    private List<Movement> movements(long[] refs) throws SQLException {
        if (refs.length == 0) {
            return List.of();
        }
        var stockIds = new long[refs.length / 2];
        var versions = new long[refs.length / 2];
        for (int i = 0; i < stockIds.length; i++) {
            stockIds[i] = refs[2 * i];
            versions[i] = refs[2 * i + 1];
        }
        var select = prepare(READ_MOVEMENTS);
        new Parameters(select).longs(stockIds).longs(versions);
        var byStock = new HashMap<Long, Movement>();
        try (var rows = select.executeQuery()) {
            while (rows.next()) {
                byStock.put(rows.getLong(1), movement(rows));
            }
        }
        return Arrays.stream(stockIds)
                .mapToObj(byStock::get)
                .filter(Objects::nonNull)
                .toList();
    }

    /** A row of stock_id, version, kind, four differences, cause, note, at, sku, location. */
    static Movement movement(ResultSet row) throws SQLException {
        return new Movement(
                StockKey.of(row.getString(11), row.getString(12)),
                row.getLong(2),
                Movement.Kind.of(row.getShort(3)),
                row.getLong(4),
                row.getLong(5),
                row.getLong(6),
                row.getLong(7),
                row.getObject(8, UUID.class),
                row.getString(9),
                instant(row, 10));
    }

    /** Holds of these stocks whose deadline has passed and that nobody has ended yet. */
    List<UUID> dueHolds(Collection<Long> stockIds, Instant now, int max) throws SQLException {
        var select = prepare(DUE_HOLDS);
        new Parameters(select)
                .longs(stockIds.stream().mapToLong(Long::longValue).toArray())
                .time(now)
                .time(now)
                .number(max);
        var due = new ArrayList<UUID>();
        try (var rows = select.executeQuery()) {
            while (rows.next()) {
                due.add(rows.getObject(1, UUID.class));
            }
        }
        return due;
    }

    /** The earliest deadline of a live hold for each of these stocks that has one, as far as it is quickly found. */
    Map<Long, Instant> nextReleases(Collection<Long> stockIds) throws SQLException {
        var select = prepare(NEXT_RELEASES);
        new Parameters(select)
                .longs(stockIds.stream().mapToLong(Long::longValue).toArray());
        var releases = new HashMap<Long, Instant>();
        try (var rows = select.executeQuery()) {
            while (rows.next()) {
                releases.put(rows.getLong(1), instant(rows, 2));
            }
        }
        return releases;
    }

    /** The second round trip: everything the batch changed, and the commit. */
    void writeAndCommit(Batch batch, Instant now) throws SQLException {
        var unused = batch.created.stream()
                .filter(id -> !batch.levelsBefore.containsKey(batch.stocksById.get(id)))
                .mapToLong(Long::longValue)
                .toArray();
        if (unused.length > 0) {
            var delete = prepare(FORGET);
            new Parameters(delete).longs(unused);
            delete.executeUpdate();
        }
        var shipped = batch.changedHolds.values().stream()
                .filter(row -> !row.shipped().isEmpty())
                .toList();
        var sql = new StringBuilder();
        if (!batch.movements.isEmpty()) {
            sql.append(UPDATE_LEVELS).append(';').append(INSERT_MOVEMENTS).append(';');
        }
        if (!batch.placedHolds.isEmpty()) {
            sql.append(INSERT_HOLDS).append(';');
        }
        if (!batch.changedHolds.isEmpty()) {
            sql.append(UPDATE_HOLDS).append(';');
        }
        if (!shipped.isEmpty()) {
            sql.append(UPDATE_SHIPPED).append(';');
        }
        if (!batch.newDeadlines.isEmpty()) {
            sql.append(INSERT_DEADLINES).append(';');
        }
        if (!batch.newEntries.isEmpty()) {
            sql.append(INSERT_ENTRIES).append(';');
        }
        var statement = prepare(sql.append("COMMIT").toString());
        var write = new Parameters(statement);
        if (!batch.movements.isEmpty()) {
            setLevels(write, batch);
            setMovements(write, batch, now);
        }
        if (!batch.placedHolds.isEmpty()) {
            setPlacedHolds(write, batch, now);
        }
        if (!batch.changedHolds.isEmpty()) {
            setChangedHolds(write, batch.changedHolds.values());
        }
        if (!shipped.isEmpty()) {
            setShipped(write, shipped);
        }
        if (!batch.newDeadlines.isEmpty()) {
            setDeadlines(write, batch);
        }
        if (!batch.newEntries.isEmpty()) {
            setEntries(write, batch, now);
        }
        statement.execute();
    }

    private static void setLevels(Parameters write, Batch batch) throws SQLException {
        int n = batch.levelsBefore.size();
        var columns = new long[8][n];
        int i = 0;
        for (StockKey stock : batch.levelsBefore.keySet()) {
            var level = Objects.requireNonNull(batch.level(stock));
            columns[0][i] = batch.id(stock);
            columns[1][i] = level.onHand();
            columns[2][i] = level.held();
            columns[3][i] = level.allocated();
            columns[4][i] = level.safetyStock();
            columns[5][i] = level.backorderLimit();
            columns[6][i] = level.shortfall();
            columns[7][i] = level.version();
            i++;
        }
        for (long[] column : columns) {
            write.longs(column);
        }
    }

    private static void setMovements(Parameters write, Batch batch, Instant now) throws SQLException {
        int n = batch.movements.size();
        var stockIds = new long[n];
        var versions = new long[n];
        var kinds = new short[n];
        var causes = new UUID[n];
        var deltas = new long[4][n];
        var notes = new Texts(n);
        for (int i = 0; i < n; i++) {
            var movement = batch.movements.get(i);
            stockIds[i] = batch.id(movement.stock());
            versions[i] = movement.version();
            kinds[i] = movement.kind().code;
            causes[i] = movement.cause();
            deltas[0][i] = movement.onHandDelta();
            deltas[1][i] = movement.heldDelta();
            deltas[2][i] = movement.allocatedDelta();
            deltas[3][i] = movement.shortfallDelta();
            notes.set(i, movement.note());
        }
        write.time(now).longs(stockIds).longs(versions).shorts(kinds).uuids(causes);
        for (long[] delta : deltas) {
            write.longs(delta);
        }
        write.texts(notes);
    }

    private static void setPlacedHolds(Parameters write, Batch batch, Instant now) throws SQLException {
        int n = batch.placedHolds.size();
        var ids = new UUID[n];
        var states = new short[n];
        var expires = new long[n];
        var hashes = new long[n];
        var lines = new Slices(n, 2 * n);
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
            channels.set(i, hold.channel());
            references.set(i, hold.reference());
            i++;
        }
        write.time(now)
                .longs(lines.flat())
                .uuids(ids)
                .shorts(states)
                .longs(expires)
                .longs(hashes)
                .ints(lines.first)
                .ints(lines.last)
                .texts(channels)
                .texts(references);
    }

    private static void setChangedHolds(Parameters write, Collection<HoldRow> rows) throws SQLException {
        int n = rows.size();
        var ids = new UUID[n];
        var states = new short[n];
        var expires = new long[n];
        int i = 0;
        for (HoldRow row : rows) {
            ids[i] = row.hold().id();
            states[i] = row.hold().state().code;
            expires[i] = micros(row.hold().expiresAt());
            i++;
        }
        write.uuids(ids).shorts(states).longs(expires);
    }

    private static void setShipped(Parameters write, List<HoldRow> rows) throws SQLException {
        var ids = new UUID[rows.size()];
        var shipped = new Slices(ids.length, ids.length);
        for (int i = 0; i < ids.length; i++) {
            ids[i] = rows.get(i).hold().id();
            rows.get(i).shipped().forEach(shipped::add);
            shipped.end(i);
        }
        write.longs(shipped.flat()).uuids(ids).ints(shipped.first).ints(shipped.last);
    }

    private record Deadline(long stockId, long dueMicros) {}

    private static void setDeadlines(Parameters write, Batch batch) throws SQLException {
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

    private static void setEntries(Parameters write, Batch batch, Instant now) throws SQLException {
        int n = batch.newEntries.size();
        var ids = new UUID[n];
        var hashes = new long[n];
        var expires = new long[n];
        var movements = new Slices(n, 2 * n);
        for (int i = 0; i < n; i++) {
            var entry = batch.newEntries.get(i);
            ids[i] = entry.id();
            hashes[i] = entry.requestHash();
            expires[i] = entry.expiresAt() == null ? 0 : micros(entry.expiresAt());
            for (Movement movement : entry.movements()) {
                movements.add(batch.id(movement.stock()), movement.version());
            }
            movements.end(i);
        }
        write.time(now)
                .longs(movements.flat())
                .uuids(ids)
                .longs(hashes)
                .ints(movements.first)
                .ints(movements.last)
                .longs(expires);
    }

    void rollback() throws SQLException {
        connection.rollback();
    }

    /** The session's settings are the lane's own: the connection must not go back to a pool with them. */
    @Override
    public void close() {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException | RuntimeException e) {
            // it is lost already
        }
    }

    private PreparedStatement prepare(String sql) throws SQLException {
        var statement = statements.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            statements.put(sql, statement);
        }
        return statement;
    }

    private static long[] longs(Array array) throws SQLException {
        var boxed = (Long[]) array.getArray();
        var values = new long[boxed.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = boxed[i];
        }
        return values;
    }

    static Instant instant(ResultSet row, int column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    static long micros(Instant at) {
        return at.getEpochSecond() * 1_000_000 + at.getNano() / 1_000;
    }
}
