package dev.holdfast.engine;

import dev.holdfast.engine.Command.ConfirmHold;
import dev.holdfast.engine.Command.PlaceHold;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullMarked;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** One decision each, of a batch that has loaded what it needs; nothing is applied. In the engine's package, to reach it. */
@NullMarked
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DeciderBenchmark {
    private final Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final Batch batch = new Batch();
    private final PlaceHold placeOneLine = place("a");
    private final PlaceHold placeThreeLines = place("a", "b", "c");
    private final PlaceHold refused = place("none");
    private final PlaceHold replayed = place("a");
    private final ConfirmHold confirm = ConfirmHold.of(replayed.key().id());
    private final long hash = RequestHash.of(replayed);

    public DeciderBenchmark() {
        for (var sku : new String[] {"a", "b", "c", "none"}) {
            var stock = StockKey.of(sku);
            batch.load(new Level(stock, sku.equals("none") ? 0 : 1_000, 1, 0, 0, 0, 0, 1));
        }
        batch.apply(Decider.decide(batch, replayed, hash, now), null);
    }

    static PlaceHold place(String... skus) {
        var lines = new Line[skus.length];
        for (int i = 0; i < lines.length; i++) {
            lines[i] = new Line(StockKey.of(skus[i]), 1);
        }
        return PlaceHold.of(IdempotencyKey.random(), lines);
    }

    @Benchmark
    public Object placeOneLine() {
        return Decider.decide(batch, placeOneLine, hash, now);
    }

    @Benchmark
    public Object placeThreeLines() {
        return Decider.decide(batch, placeThreeLines, hash, now);
    }

    @Benchmark
    public Object refused() {
        return Decider.decide(batch, refused, hash, now);
    }

    @Benchmark
    public Object replayed() {
        return Decider.decide(batch, replayed, hash, now);
    }

    @Benchmark
    public Object confirm() {
        return Decider.decide(batch, confirm, 0, now);
    }
}
