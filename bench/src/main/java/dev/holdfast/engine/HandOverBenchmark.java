package dev.holdfast.engine;

import dev.holdfast.engine.Command.ConfirmHold;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;

import static java.util.Objects.requireNonNull;

/**
 * From a caller through the queue to a worker and back, with nothing decided and nothing written: the part of a hold's time that is
 * spent on handing over. Two workers take turns, as in a lane.
 */
@NullMarked
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class HandOverBenchmark {
    private static final int LIST = 256;

    private final ConfirmHold command = ConfirmHold.of(new UUID(1, 2));
    private final List<ConfirmHold> list = Collections.nCopies(LIST, command);
    private final Outcome outcome = new Outcome.UnknownHold(command.holdId());

    /** Commands a worker takes at a time; 1: no batches. */
    @Param({"1", "1024"})
    public int batchMax;

    private @Nullable RequestQueue queue;
    private final Thread[] workers = new Thread[2];

    @Setup
    public void start() {
        var opened = new RequestQueue(16_384);
        var turns = new Turns();
        queue = opened;
        for (int i = 0; i < workers.length; i++) {
            workers[i] = Thread.ofPlatform().start(() -> work(opened, turns));
        }
    }

    private void work(RequestQueue opened, Turns turns) {
        while (true) {
            turns.begin();
            var requests = opened.take(batchMax);
            turns.end();
            if (requests.isEmpty()) {
                return;
            }
            for (Request<?> request : requests) {
                for (int i = 0; i < request.commands.size(); i++) {
                    request.answer(i, outcome);
                }
                request.complete();
            }
        }
    }

    @TearDown
    public void stop() throws InterruptedException {
        requireNonNull(queue).close();
        for (Thread worker : workers) {
            worker.join();
        }
    }

    @Benchmark
    @Threads(1)
    public Object oneCaller() {
        return requireNonNull(queue).add(List.of(command), null).join();
    }

    @Benchmark
    @Threads(64)
    public Object manyCallers() {
        return requireNonNull(queue).add(List.of(command), null).join();
    }

    /** Commands handed in as a list, counted each. */
    @Benchmark
    @Threads(1)
    @OperationsPerInvocation(LIST)
    public Object oneCallersList() {
        return requireNonNull(queue).add(list, null).join();
    }
}
