package dev.holdfast.engine;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The queue of an engine, the gate before it and the threads that empty it.
 *
 * <p>A lane has two, which take turns: while one commits its batch, the other decides what has arrived meanwhile, large batches on
 * what the first leaves behind. An idle lane answers at once, a busy one takes larger batches, and one commit pays for all of them. No timer. The other write paths have as many
 * as they may have connections, each with one request at a time.
 */
final class Workers implements AutoCloseable {
    private static final int LANE_WORKERS = 2;

    private final RequestQueue queue;
    private final Gate gate;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicInteger running;
    final Commits commits = new Commits();

    Workers(DataSource dataSource, StockEngine.Options options, Guard guard, MeterRegistry meters) {
        var path = options.writePath();
        if (path.coalescing && !guard.equals(Guard.NONE)) {
            throw new IllegalArgumentException("a guard stands around one request, not around a batch of " + path);
        }
        queue = new RequestQueue(options.queueMax());
        var metrics = new LaneMetrics(meters);
        metrics.queue(queue::depth);
        gate = new Gate(dataSource, options, metrics, meters);
        var deciding = new Deciding(options, metrics, gate);
        var turns = new Turns();
        int count = path.coalescing ? LANE_WORKERS : options.connections();
        running = new AtomicInteger(count);
        for (int i = 0; i < count; i++) {
            var worker = new Worker(
                    dataSource,
                    options,
                    queue,
                    path.coalescing ? turns : new Turns(),
                    deciding,
                    guard,
                    metrics,
                    commits);
            threads.add(Thread.ofPlatform().name("holdfast-worker-" + i).start(() -> {
                worker.run();
                if (running.decrementAndGet() == 0) {
                    queue.failWaiting();
                }
            }));
        }
    }

    <O extends Outcome> CompletableFuture<O> submit(Command<O> command, @Nullable Actor actor) {
        return submitAll(List.of(command), actor).thenApply(List::getFirst);
    }

    @SuppressWarnings("unchecked") // what the gate refuses can be refused
    <O extends Outcome> CompletableFuture<List<O>> submitAll(List<? extends Command<O>> list, @Nullable Actor actor) {
        var commands = List.copyOf(list);
        var asked = gate.ask(commands);
        return asked == null
                ? queue.add(commands, actor)
                : asked.thenCompose(refusals -> refusals.isEmpty()
                        ? queue.add(commands, actor)
                        : CompletableFuture.completedFuture((List<O>) (List<?>) refusals));
    }

    static <T> T join(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof EngineFailure failure) {
                throw failure;
            }
            throw e;
        }
    }

    /** Decides what waits, then stops. */
    @Override
    public void close() {
        if (threads.contains(Thread.currentThread()) || gate.isRunBy(Thread.currentThread())) {
            throw new IllegalStateException("closed in a callback on a worker's own thread, which it would wait for");
        }
        gate.close();
        queue.close();
        threads.forEach(Threads::join);
    }
}
