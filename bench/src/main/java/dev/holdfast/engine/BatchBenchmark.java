package dev.holdfast.engine;

import dev.holdfast.engine.Command.PlaceHold;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.postgresql.PGConnection;

import static java.util.Objects.requireNonNull;

/** A batch of 256 holds of one line each: what a worker does for it between two round trips. A score is of the whole batch. */
@NullMarked
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class BatchBenchmark {
    private static final int COMMANDS = 256;

    private final Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final List<PlaceHold> commands = new ArrayList<>();

    /** 1: the hot SKU. */
    @Param({"1", "256"})
    public int skus;

    private Batch decided = new Batch();
    private @Nullable Parameters nowhere;

    @Setup
    public void decideOnce() throws SQLException {
        for (int i = 0; i < COMMANDS; i++) {
            commands.add(DeciderBenchmark.place("sku-" + i % skus));
        }
        decided = decide();
        nowhere = nowhere();
    }

    @Benchmark
    public Object name() {
        var batch = new Batch();
        commands.forEach(batch::name);
        return batch;
    }

    /** Names, loads, decides and applies; without the database in between. */
    @Benchmark
    public Batch decide() {
        var batch = new Batch();
        commands.forEach(batch::name);
        long id = 0;
        for (StockKey stock : batch.stocks) {
            batch.identify(stock, ++id);
            batch.levelAddresses.put(stock, "(0,1)");
            batch.load(new Level(stock, 1_000_000, 0, 0, 0, 0, 0, 1));
        }
        for (PlaceHold command : commands) {
            batch.apply(Decider.decide(batch, command, 1, now), null);
        }
        return batch;
    }

    /** The arrays of a write, up to where the driver takes them; what the driver makes of them is not in it. */
    @Benchmark
    public Object write() throws SQLException {
        var writer = new BatchWriter(decided, now);
        writer.set(requireNonNull(nowhere));
        return writer.sql();
    }

    /** Parameters of a statement that forgets them. */
    private static Parameters nowhere() throws SQLException {
        var loader = BatchBenchmark.class.getClassLoader();
        var driver = Proxy.newProxyInstance(loader, new Class<?>[] {PGConnection.class}, (proxy, method, args) -> null);
        var connection = Proxy.newProxyInstance(
                loader, new Class<?>[] {Connection.class}, (proxy, method, args) -> driver); // unwrap
        var statement = Proxy.newProxyInstance(
                loader,
                new Class<?>[] {PreparedStatement.class},
                (proxy, method, args) -> method.getName().equals("getConnection") ? connection : null);
        return new Parameters((PreparedStatement) statement);
    }
}
