package dev.holdfast.bench;

import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.engine.Command;
import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.EngineFailure;
import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.engine.Line;
import dev.holdfast.engine.Outcome;
import dev.holdfast.engine.StockEngine;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/** One size: a schema with its history, measured as often as it is asked. */
final class GrowSite implements AutoCloseable {
    private static final int SPREAD_SKUS_MAX = 1_000;

    record Settings(int callers, double warmUpSeconds, double seconds) {}

    private final HikariDataSource pool;
    private final History history;
    private final Settings settings;
    private final List<Double> startMillis = new ArrayList<>();
    private final List<Growth.Run> hot = new ArrayList<>();
    private final List<Growth.Run> spread = new ArrayList<>();
    private long bytesEmpty;
    private long bytes;
    private double fillSeconds;

    GrowSite(HikariDataSource pool, long holds, long skus, Settings settings) {
        this.pool = pool;
        this.settings = settings;
        history = new History(pool, holds, skus);
    }

    HikariDataSource pool() {
        return pool;
    }

    String title() {
        return "%,d holds, %,d %s".formatted(history.holds(), history.skus(), history.skus() == 1 ? "SKU" : "SKUs");
    }

    void fill(Consumer<String> done) throws SQLException {
        long begin = System.nanoTime();
        new History(pool, 0, history.skus()).fill(nothing -> {});
        bytesEmpty = history.bytes();
        history.fill(done);
        bytes = history.bytes();
        fillSeconds = (System.nanoTime() - begin) / 1e9;
    }

    /** Start-up, the hot SKU, many SKUs. Returns a line for the progress. */
    String measure() throws Exception {
        if (history.holds() == 0) {
            history.fill(nothing -> {}); // what the round before placed would be history
        }
        long begin = System.nanoTime();
        try (var engine = StockEngine.open(pool)) {
            place(engine, 1);
            startMillis.add((System.nanoTime() - begin) / 1e6);
            hot.add(load(engine, 1));
            spread.add(load(engine, spreadSkus()));
        }
        return "hot %,.0f/s, p99 %.1f ms; %,d SKUs %,.0f/s, p99 %.1f ms; start %.0f ms"
                .formatted(
                        hot.getLast().holdsPerSecond(),
                        hot.getLast().p99Millis(),
                        spreadSkus(),
                        spread.getLast().holdsPerSecond(),
                        spread.getLast().p99Millis(),
                        startMillis.getLast());
    }

    Growth.Run load(StockEngine engine, int among) throws Exception {
        return load(engine, among, settings.seconds());
    }

    Growth.Run load(StockEngine engine, int among, double seconds) throws Exception {
        return Growth.Run.of(Load.run(
                () -> place(engine, 1 + spacing() * ThreadLocalRandom.current().nextInt(among)),
                settings.callers(),
                settings.warmUpSeconds(),
                seconds));
    }

    double seconds() {
        return settings.seconds();
    }

    private int spreadSkus() {
        return (int) Math.min(SPREAD_SKUS_MAX, history.skus());
    }

    /** The many are taken from all, not from the first pages. */
    private long spacing() {
        return history.skus() / spreadSkus();
    }

    /** For a day: nothing may expire, and be swept, while others are measured. */
    private static boolean place(StockEngine engine, long sku) {
        var lines = List.of(Line.of(History.sku(sku), 1));
        var outcome = engine.execute(new PlaceHold(IdempotencyKey.random(), lines, Command.TTL_MAX, null, null));
        if (outcome instanceof Outcome.Placed) {
            return true;
        }
        throw new IllegalStateException("not placed: " + outcome);
    }

    Growth.Row row(String axis) {
        return new Growth.Row(
                axis,
                history.holds(),
                history.skus(),
                Growth.Run.median(hot),
                Growth.Run.median(spread),
                spreadSkus(),
                bytes,
                history.holds() == 0 ? 0 : (double) (bytes - bytesEmpty) / history.holds(),
                Growth.median(startMillis),
                fillSeconds);
    }

    /** What is wrong with the books. */
    List<String> problems() {
        try (var engine = StockEngine.open(pool)) {
            return engine.invariants(Books.CHECK_MAX).stream()
                    .filter(invariant -> !invariant.ok())
                    .map(invariant -> title() + ": " + invariant.name() + ": "
                            + invariant.violations().getFirst())
                    .toList();
        } catch (EngineFailure.TimedOut e) {
            return List.of(title() + ": the books were not checked: " + e.getMessage());
        }
    }

    @Override
    public void close() {
        pool.close();
    }
}
