package dev.holdfast.engine;

import dev.holdfast.engine.Command.ConfirmHold;
import dev.holdfast.engine.Command.PlaceHold;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullMarked;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What each caller pays on its own thread before its request is queued. */
@NullMarked
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RequestHashBenchmark {
    private final PlaceHold placeOneLine = DeciderBenchmark.place("a");
    private final PlaceHold placeThreeLines = DeciderBenchmark.place("a", "b", "c");
    private final ConfirmHold confirm = ConfirmHold.of(new UUID(1, 2));

    @Benchmark
    public long placeOneLine() {
        return RequestHash.of(placeOneLine);
    }

    @Benchmark
    public long placeThreeLines() {
        return RequestHash.of(placeThreeLines);
    }

    @Benchmark
    public long confirm() {
        return RequestHash.of(confirm);
    }
}
