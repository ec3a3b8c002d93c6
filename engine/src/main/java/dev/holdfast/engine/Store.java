package dev.holdfast.engine;

import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.Decision.Entry;
import dev.holdfast.engine.Decision.HoldRow;
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
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.Oid;

/**
 * One connection's SQL for the lane. A batch takes two round trips: one reads and locks, one writes and commits; statements that
 * go together are sent as one string, which the driver pipelines. Compared with a round trip for each statement that made
 * batches of 256 half as fast again (docs/decisions, "two round trips").
 */
final class Store implements AutoCloseable {
    /** A server silent for longer than its own timeouts (10 s for a statement) is gone. */
    private static final int SILENCE_MAX_MILLIS = 15_000;

    /** What a batch was to be decided on is not so: a hold appeared between two statements, or the predecessor failed. */
    static final class RunAgain extends Exception {
        RunAgain() {
            super(null, null, false, false);
        }
    }

    private final Connection connection;
    private final int networkTimeoutBefore;
    private final Map<String, PreparedStatement> statements = new HashMap<>();

    /** Takes over the connection: closes it with itself, or at once if it cannot be used. */
    static Store on(Connection connection) throws SQLException {
        return on(connection, SILENCE_MAX_MILLIS);
    }

    /** With another idea of how long a server may be silent before it is gone. */
    static Store on(Connection connection, int silenceMaxMillis) throws SQLException {
        try {
            return new Store(connection, silenceMaxMillis);
        } catch (SQLException | RuntimeException e) {
            try (connection) {
                throw e;
            }
        }
    }

    private Store(Connection connection, int silenceMaxMillis) throws SQLException {
        this.connection = connection;
        connection.unwrap(BaseConnection.class).getQueryExecutor().addBinarySendOid(Oid.UUID_ARRAY);
        networkTimeoutBefore = connection.getNetworkTimeout();
        connection.setNetworkTimeout(Runnable::run, silenceMaxMillis);
        connection.setAutoCommit(true);
        connection.setReadOnly(false);
        connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
        try (var statement = connection.createStatement()) {
            statement.execute(Sql.SESSION);
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
            if (batch.creatable.contains(stock) && !batch.stockIds.containsKey(stock)) {
                created.add(stock);
            }
        }
        if (!created.isEmpty()) {
            var insert = prepare(Sql.CREATE);
            setStocks(insert, created);
            insert.executeUpdate();
            identify(batch, created);
            batch.created.addAll(created);
        }
    }

    private void identify(Batch batch, Set<StockKey> stocks) throws SQLException {
        var select = prepare(Sql.IDENTIFY);
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
     * The first round trip: reads, and may lock, every stock the batch touches, then reads the clock, the holds and the keys.
     *
     * @return the database's time
     */
    Instant load(Batch batch, WritePath.Reading reading) throws SQLException, RunAgain {
        boolean withHolds = !batch.holdIds.isEmpty();
        var select = prepare(
                switch (batch.predecessor() == null ? reading : WritePath.Reading.UNLOCKED) {
                    case LOCKING -> withHolds ? Sql.LOAD_WITH_HOLDS : Sql.LOAD;
                    case UNLOCKED -> withHolds ? Sql.LOAD_WITH_HOLDS_UNLOCKED : Sql.LOAD_UNLOCKED;
                });
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
            if (id != null && batch.level(stock) == null) {
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
        if (!batch.loadFromPredecessor(stock)) {
            batch.load(level(stock, row, 4));
            batch.levelAddresses.put(stock, row.getString(12));
        }
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
                row.getLong(column + 6),
                Buffer.parse(row.getString(column + 7)));
    }

    private Instant loadHolds(Batch batch, ResultSet rows) throws SQLException, RunAgain {
        rows.next();
        Instant now = instant(rows, 1);
        do {
            var id = rows.getObject(2, UUID.class);
            if (id != null) {
                batch.load(holdRow(batch, id, rows));
                batch.holdAddresses.put(id, rows.getString(11));
            }
        } while (rows.next());
        return now;
    }

    private HoldRow holdRow(Batch batch, UUID id, ResultSet row) throws SQLException, RunAgain {
        var pairs = longs(row.getArray(4));
        var lines = new ArrayList<Line>(pairs.length / 2);
        for (int i = 0; i < pairs.length; i += 2) {
            var stock = batch.stocksById.get(pairs[i]);
            if (stock == null || batch.level(stock) == null) {
                if (batch.holdIds.contains(id)) {
                    throw new RunAgain();
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
                row.getString(8),
                parts(row.getArray(10)));
        return new HoldRow(hold, row.getLong(9));
    }

    static List<Hold.Part> parts(@Nullable Array column) throws SQLException {
        if (column == null) {
            return List.of();
        }
        var numbers = longs(column);
        var parts = new ArrayList<Hold.Part>(numbers.length / 4);
        for (int i = 0; i < numbers.length; i += 4) {
            parts.add(new Hold.Part(numbers[i], numbers[i + 1], numbers[i + 2], numbers[i + 3]));
        }
        return parts;
    }

    /** A key used before for other stocks: only its hash will be looked at, but a hold has its names. */
    private StockKey nameOf(long stockId) throws SQLException {
        var select = prepare(Sql.NAMES);
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
                    expiresAt == null ? null : expiresAt.toInstant(),
                    parts(rows.getArray(6))));
            refs.add(longs(rows.getArray(4)));
        }
        for (int i = 0; i < found.size(); i++) {
            var entry = found.get(i);
            batch.load(entry.with(movements(refs.get(i))));
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
        var select = prepare(Sql.READ_MOVEMENTS);
        new Parameters(select).longs(stockIds).longs(versions);
        var found = new HashMap<List<Long>, Movement>();
        try (var rows = select.executeQuery()) {
            while (rows.next()) {
                found.put(List.of(rows.getLong(1), rows.getLong(2)), movement(rows));
            }
        }
        return IntStream.range(0, stockIds.length)
                .mapToObj(i -> found.get(List.of(stockIds[i], versions[i])))
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
        var select = prepare(Sql.DUE_HOLDS);
        new Parameters(select)
                .time(now)
                .longs(stockIds.stream().mapToLong(Long::longValue).toArray())
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
    Map<Long, Instant> nextReleases(Collection<Long> stockIds, Instant now) throws SQLException {
        var select = prepare(Sql.NEXT_RELEASES);
        new Parameters(select)
                .longs(stockIds.stream().mapToLong(Long::longValue).toArray())
                .time(now);
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
        forgetUnused(batch);
        write(batch, new BatchWriter(batch, now).updates().inserts().commit());
    }

    /** The first half of {@link #writeAndCommit}. */
    void insert(Batch batch, Instant now) throws SQLException {
        forgetUnused(batch);
        var writer = new BatchWriter(batch, now).inserts();
        if (!writer.sql().isEmpty()) {
            write(batch, writer);
        }
    }

    /** The second half. */
    void updateAndCommit(Batch batch, Instant now) throws SQLException {
        write(batch, new BatchWriter(batch, now).updates().commit());
    }

    private void forgetUnused(Batch batch) throws SQLException {
        var unused = batch.unusedStocks();
        if (unused.length > 0) {
            var delete = prepare(Sql.FORGET);
            new Parameters(delete).longs(unused);
            delete.executeUpdate();
        }
    }

    private void write(Batch batch, BatchWriter writer) throws SQLException {
        var statement = prepare(writer.sql());
        writer.set(new Parameters(statement));
        boolean rows = statement.execute();
        while (!rows && statement.getUpdateCount() >= 0) {
            rows = statement.getMoreResults();
        }
        if (rows && writer.updatesLevels()) {
            readAddresses(batch, statement.getResultSet());
        }
    }

    /** Where the levels lie now, for a batch that follows. */
    private static void readAddresses(Batch batch, ResultSet written) throws SQLException {
        written.next();
        var ids = longs(written.getArray(2));
        var addresses = (String[]) written.getArray(3).getArray();
        for (int i = 0; i < ids.length; i++) {
            batch.levelAddresses.put(batch.stock(ids[i]), addresses[i]);
        }
    }

    /** Places a hold in one statement, if nothing stands against it; null if something does, and nothing has changed. */
    @Nullable
    Hold placeAtOnce(PlaceHold command, long requestHash) throws SQLException {
        var batch = new Batch();
        batch.name(command);
        identify(batch);
        if (batch.stockIds.size() < command.lines().size()) {
            return null;
        }
        return AtomicPlace.place(this, command, requestHash, batch);
    }

    /** The database's time; null if the key has been used. */
    @Nullable
    Instant timeIfUnused(UUID key) throws SQLException {
        var select = prepare(Sql.TIME_IF_UNUSED);
        new Parameters(select).object(key).object(key);
        select.execute();
        try (var rows = select.getResultSet()) {
            return rows.next() ? instant(rows, 1) : null;
        }
    }

    /** The versions of these stocks, and the time not before that: for the gate, without locks. */
    Gate.Look look(long[] stockIds, Collection<UUID> keys) throws SQLException {
        var select = prepare(Sql.LOOK);
        new Parameters(select).longs(stockIds).uuids(keys).uuids(keys);
        select.execute();
        var versions = new HashMap<Long, Long>();
        var now = Instant.MAX; // of nothing: too late for everything
        try (var rows = select.getResultSet()) {
            while (rows.next()) {
                versions.put(rows.getLong(1), rows.getLong(2));
                now = instant(rows, 3);
            }
        }
        select.getMoreResults();
        var used = new HashSet<UUID>();
        try (var rows = select.getResultSet()) {
            while (rows.next()) {
                used.add(rows.getObject(1, UUID.class));
            }
        }
        return new Gate.Look(versions, now, used);
    }

    void rollback() throws SQLException {
        connection.rollback();
    }

    /** Gives the connection back as it came; one that does not answer is ended, and a pool sees that it is dead. */
    @Override
    public void close() {
        try {
            connection.rollback();
            connection.setAutoCommit(true);
            try (var statement = connection.createStatement()) {
                statement.execute(Sql.RESET);
            }
            connection.setNetworkTimeout(Runnable::run, networkTimeoutBefore);
            connection.close();
        } catch (SQLException | RuntimeException e) {
            abort();
        }
    }

    private void abort() {
        try (connection) {
            connection.abort(Runnable::run);
        } catch (SQLException | RuntimeException e) {
            // it is lost already
        }
    }

    PreparedStatement prepare(String sql) throws SQLException {
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
}
