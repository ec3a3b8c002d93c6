package dev.holdfast.storm;

import dev.holdfast.storm.Deal.Ended;
import dev.holdfast.storm.Evidence.Invariants;
import dev.holdfast.storm.Evidence.Shelf;
import dev.holdfast.storm.HoldSeen.Line;
import dev.holdfast.storm.HoldSeen.State;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * The negative control: the same buyers against a stock row that is read, reduced by one and written back, each in a
 * transaction of its own. It must oversell; if the checks do not see that, they see nothing.
 *
 * <p>Between read and write lie {@link #THOUGHT_MILLIS}, as they do in an application that prices a cart or checks a
 * customer there. Without them about 1 run in 15 sold its one unit once: the first commit was done before the other
 * connections had read. Works in a schema of its own, which it removes.
 */
final class Unsafe {

    /** Enough for a race on two cores, few enough for a PostgreSQL that others use too. */
    static final int CONNECTIONS_MAX = 16;

    private static final long THOUGHT_MILLIS = 5; // only of those who see stock: 3,000 units × 5 ms / 16 = 1 s

    record Database(
            String url, @Nullable String user, @Nullable String password) {}

    private final Database database;
    private final Plan plan;
    private final Output output;
    private final Tally tally = new Tally();
    private final String schema;

    Unsafe(Database database, Plan plan, Output output) {
        this.database = database;
        this.plan = plan;
        this.output = output;
        this.schema = "storm_unsafe_" + plan.runId();
    }

    Report run() throws Aborted, InterruptedException {
        try (var desk = connect("public")) {
            create(desk);
            try {
                return storm(desk);
            } finally {
                execute(desk, "DROP SCHEMA " + schema + " CASCADE");
            }
        } catch (SQLException e) {
            throw new Aborted("the database at %s is of no use: %s".formatted(database.url(), e.getMessage()));
        }
    }

    private void create(Connection desk) throws SQLException {
        execute(desk, "CREATE SCHEMA " + schema);
        execute(desk, "CREATE TABLE " + schema + ".stock (sku text PRIMARY KEY, on_hand bigint, available bigint)");
        execute(desk, "CREATE TABLE " + schema + ".hold (id uuid, sku text)");
        try (var insert = desk.prepareStatement("INSERT INTO " + schema + ".stock VALUES (?, ?, ?)")) {
            for (var entry : plan.supply().units().entrySet()) {
                insert.setString(1, entry.getKey());
                insert.setLong(2, entry.getValue());
                insert.setLong(3, entry.getValue());
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    private Report storm(Connection desk) throws SQLException, InterruptedException {
        int bound = plan.scenario().connections();
        var free = new ArrayBlockingQueue<Connection>(bound);
        try {
            for (int i = 0; i < bound; i++) {
                var connection = connect(schema);
                connection.setAutoCommit(false);
                free.add(connection);
            }
            Crowd.Outcome<Deal> storm;
            try (var _ = output.progress(() -> "%,d of %,d buyers done"
                    .formatted(tally.buyersDone(), plan.scenario().buyers()))) {
                storm = Crowd.each(plan.intents(), intent -> buy(intent, free));
            }
            var evidence = new Evidence(
                    plan.supply(),
                    storm.results(),
                    Map.of(),
                    shelves(desk),
                    new Invariants(true, List.of()),
                    Instant.now());
            var accounts = Accounts.of(evidence);
            var target = database.url().replaceAll("[?].*", "");
            return Report.of(
                    "unsafe", target, plan, tally, storm.nanos(), accounts, Checks.ofControl(evidence, accounts));
        } finally {
            for (var connection : free) {
                connection.close();
            }
        }
    }

    private Deal buy(Intent intent, BlockingQueue<Connection> free) {
        long askedAtNanos = System.nanoTime();
        var key = Uuid7.of(System.currentTimeMillis(), intent.keyHigh(), intent.keyLow());
        Told told;
        try {
            var connection = free.take();
            try {
                told = readThenWrite(connection, intent, key.toString());
            } finally {
                free.add(connection);
            }
        } catch (SQLException e) {
            tally.mishap("SQL state " + e.getSQLState(), String.valueOf(e.getMessage()));
            told = new Told.Failed(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            told = new Told.Failed("interrupted");
        }
        tally.told(told, System.nanoTime() - askedAtNanos);
        tally.buyerDone();
        var ended = told instanceof Told.Placed ? new Ended.Abandoned() : new Ended.Nothing();
        return new Deal(intent, key, List.of(told), false, ended);
    }

    private Told readThenWrite(Connection connection, Intent intent, String id)
            throws SQLException, InterruptedException {
        long sentAtNanos = System.nanoTime();
        try {
            // Sorted: what is shown here is the lost update, not the deadlock.
            for (var sku : intent.cart().stream().sorted().toList()) {
                long available = available(connection, sku);
                if (available < 1) {
                    connection.rollback();
                    return new Told.Refused(false);
                }
                Thread.sleep(THOUGHT_MILLIS);
                take(connection, sku, available - 1, id);
            }
            connection.commit();
            var lines = intent.cart().stream()
                    .map(sku -> new Line(sku, Wire.LOCATION, 1))
                    .toList();
            return new Told.Placed(new HoldSeen(id, State.ACTIVE, lines, null), false, false);
        } catch (SQLException | InterruptedException e) {
            connection.rollback();
            throw e;
        } finally {
            tally.answered(System.nanoTime() - sentAtNanos);
        }
    }

    private static long available(Connection connection, String sku) throws SQLException {
        try (var select = connection.prepareStatement("SELECT available FROM stock WHERE sku = ?")) {
            select.setString(1, sku);
            try (var row = select.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    private static void take(Connection connection, String sku, long left, String id) throws SQLException {
        try (var update = connection.prepareStatement("UPDATE stock SET available = ? WHERE sku = ?");
                var insert = connection.prepareStatement("INSERT INTO hold VALUES (?::uuid, ?)")) {
            update.setLong(1, left);
            update.setString(2, sku);
            update.executeUpdate();
            insert.setString(1, id);
            insert.setString(2, sku);
            insert.executeUpdate();
        }
    }

    /** The rows in the words of the contract; what the stock row believes to be gone is held. */
    private Map<String, Shelf> shelves(Connection desk) throws SQLException {
        var shelves = new LinkedHashMap<String, Shelf>();
        try (var select = desk.createStatement();
                var row =
                        select.executeQuery("SELECT sku, on_hand, available FROM " + schema + ".stock ORDER BY sku")) {
            while (row.next()) {
                long onHand = row.getLong(2);
                long available = row.getLong(3);
                var level = new LevelSeen(onHand, onHand - available, 0, 0, 0, 0, available, available, 1);
                shelves.put(row.getString(1), new Shelf(level, new LedgerSeen(new ArrayList<>(), false), null));
            }
        }
        return shelves;
    }

    private Connection connect(String searchPath) throws SQLException {
        var properties = new Properties();
        if (database.user() != null) {
            properties.setProperty("user", database.user());
        }
        if (database.password() != null) {
            properties.setProperty("password", database.password());
        }
        properties.setProperty("currentSchema", searchPath);
        properties.setProperty("connectTimeout", "5");
        properties.setProperty("socketTimeout", "60");
        properties.setProperty("ApplicationName", "holdfast-storm");
        return DriverManager.getConnection(database.url(), properties);
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
