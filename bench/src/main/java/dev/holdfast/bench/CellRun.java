package dev.holdfast.bench;

import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.engine.Command.Receive;
import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.engine.Line;
import dev.holdfast.engine.Quantity;
import dev.holdfast.engine.StockEngine;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Runs one contender at a time on empty tables with fresh stock, and reads the books afterwards. Every run begins the same: no
 * path meets the history, the caches or the connections of another.
 */
final class CellRun implements AutoCloseable {
    private static final int SEED_BATCH = 1_000;

    /** Connections fill, plans are made, queues reach their length. */
    private static final double SETTLE_SECONDS_MAX = 0.4;

    /** Connections for what goes on beside the holds: the sweeper and its lease, the reconciler of counters, the checks. */
    private static final int OTHERS = 4;

    private final BenchSchema schema;
    private final HikariDataSource pool;
    private final int connections;
    private final String redisUrl;
    private final Optional<DatabaseCpu> cpu;
    private int runs;

    CellRun(BenchSchema schema, int connections, String redisUrl) throws SQLException {
        this.schema = schema;
        this.connections = connections;
        this.redisUrl = redisUrl;
        this.pool = schema.pool(2 + OTHERS); // a lane keeps two
        StockEngine.open(pool).close(); // makes the tables
        execute(Unsafe.TABLES);
        this.cpu = DatabaseCpu.of(pool);
    }

    static double settleSeconds(double measuredSeconds) {
        return Math.min(SETTLE_SECONDS_MAX, measuredSeconds / 3);
    }

    HikariDataSource pool() {
        return pool;
    }

    boolean readsDatabaseCpu() {
        return cpu.isPresent();
    }

    interface Drive {
        Tally drive(Load.Ask ask, Load.Probe probe) throws Exception;
    }

    /** What one run gave. */
    record Finding(Tally tally, Meters meters, Books books, List<String> problems) {}

    Finding run(Contenders.Entry entry, Scenario scenario, Drive drive) throws Exception {
        var lines = scenario.lines(Integer.toString(++runs, Character.MAX_RADIX));
        seed(entry, scenario, lines);
        var wishes = scenario.wishes(lines);
        Tally tally;
        Meters meters;
        try (var contender =
                entry.opener().open(new Contenders.Place(schema.pool(connections + OTHERS), connections, redisUrl))) {
            meters = new Meters(contender, cpu.orElse(null));
            tally = drive.drive(() -> contender.place(IdempotencyKey.randomUuidV7(), wishes.get()), meters);
        }
        var books = books(entry);
        var problems = new ArrayList<>(books.problems(scenario, tally.promised(), tally.errors()));
        if (entry.safe()) {
            problems.addAll(brokenInvariants());
        }
        return new Finding(tally, meters, books, problems);
    }

    private void seed(Contenders.Entry entry, Scenario scenario, Line[] lines) throws SQLException {
        execute("TRUNCATE stock_level, hold, ledger, hold_deadline, idempotency_entry, unsafe_stock, unsafe_hold");
        if (!entry.safe()) {
            seedUnsafe(scenario, lines);
            return;
        }
        try (var engine = StockEngine.open(pool, Contenders.OPTIONS, new SimpleMeterRegistry())) {
            var receipts = new ArrayList<Receive>(SEED_BATCH);
            for (var line : lines) {
                receipts.add(new Receive(
                        IdempotencyKey.random(), line.stock(), Quantity.of(scenario.units), "bench compare"));
                if (receipts.size() == SEED_BATCH || receipts.size() == lines.length) {
                    engine.executeAll(receipts);
                    receipts.clear();
                }
            }
        }
    }

    private void seedUnsafe(Scenario scenario, Line[] lines) throws SQLException {
        try (var connection = pool.getConnection();
                var insert = connection.prepareStatement("INSERT INTO unsafe_stock VALUES (?, ?, ?)")) {
            for (var line : lines) {
                insert.setString(1, line.stock().sku().value());
                insert.setLong(2, scenario.units);
                insert.setLong(3, scenario.units);
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    private Books books(Contenders.Entry entry) throws SQLException {
        try (var connection = pool.getConnection()) {
            return entry.safe() ? Books.ofEngine(connection) : Books.ofUnsafe(connection);
        }
    }

    private List<String> brokenInvariants() {
        try (var engine = StockEngine.open(pool, Contenders.OPTIONS, new SimpleMeterRegistry())) {
            return engine.invariants(Books.CHECK_MAX).stream()
                    .filter(invariant -> !invariant.ok())
                    .map(invariant ->
                            invariant.name() + ": " + invariant.violations().getFirst())
                    .toList();
        }
    }

    private void execute(String sql) throws SQLException {
        try (var connection = pool.getConnection();
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() {
        pool.close();
    }

    /** What is counted elsewhere, as differences over the measured time. */
    static final class Meters implements Load.Probe {
        private final Contender contender;
        private final @Nullable DatabaseCpu cpu;
        private long retries;
        private long redisCalls;
        private double cpuSeconds;

        private Meters(Contender contender, @Nullable DatabaseCpu cpu) {
            this.contender = contender;
            this.cpu = cpu;
        }

        @Override
        public void begin() throws IOException {
            retries = -contender.retries();
            redisCalls = -contender.redisCalls();
            cpuSeconds = cpu == null ? 0 : -cpu.seconds();
        }

        @Override
        public void end() throws IOException {
            retries += contender.retries();
            redisCalls += contender.redisCalls();
            cpuSeconds += cpu == null ? 0 : cpu.seconds();
        }

        long retries() {
            return retries;
        }

        long redisCalls() {
            return redisCalls;
        }

        @Nullable
        Double cpuSeconds() {
            return cpu == null ? null : cpuSeconds;
        }
    }
}
