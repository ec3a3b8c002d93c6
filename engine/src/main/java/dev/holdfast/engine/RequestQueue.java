package dev.holdfast.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Requests that wait to be decided, bounded by the number of their commands, in order of arrival. */
final class RequestQueue {
    private final int commandsMax;
    private final BlockingQueue<Request<?>> queue = new LinkedBlockingQueue<>();
    private final AtomicInteger commands = new AtomicInteger();

    /** Always the last one: who finds it puts it back for the next taker. */
    private final Request<Outcome> end = new Request<>(List.of(), null);

    private volatile boolean closing;
    private volatile boolean closed;

    RequestQueue(int commandsMax) {
        this.commandsMax = commandsMax;
    }

    int depth() {
        return commands.get();
    }

    /**
     * Adds a request.
     *
     * @throws EngineFailure.Overloaded if too many commands wait
     * @throws EngineFailure.Closed after {@link #close}
     */
    <O extends Outcome> CompletableFuture<List<O>> add(List<? extends Command<O>> list, @Nullable Actor actor) {
        if (list.isEmpty()) {
            return CompletableFuture.completedFuture(List.of());
        }
        if (closing) {
            throw new EngineFailure.Closed();
        }
        int waiting = commands.addAndGet(list.size());
        // An empty queue takes a list of any size, else a list longer than the bound could never be taken.
        if (waiting > commandsMax && waiting > list.size()) {
            commands.addAndGet(-list.size());
            throw new EngineFailure.Overloaded(waiting - list.size());
        }
        var requests = Request.<O>of(list, actor);
        queue.addAll(requests);
        if (closed) {
            failWaiting(); // the last taker may have looked before we came
        }
        return Request.answerOf(requests);
    }

    /**
     * Waits for a request and takes it, and those behind it until there are so many commands, or {@link Request#STOCKS_MAX}.
     *
     * @return empty when the queue is closed and nothing waits
     */
    List<Request<?>> take(int commandsWanted) {
        var taken = new ArrayList<Request<?>>();
        int size = 0;
        int stocks = 0;
        try {
            Request<?> request = queue.take();
            while (request != null && !request.equals(end)) {
                taken.add(request);
                size += request.commands.size();
                stocks += request.stocks;
                request = size < commandsWanted && stocks < Request.STOCKS_MAX ? queue.poll() : null;
            }
            if (end.equals(request)) {
                queue.add(end);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts a worker", e);
        }
        commands.addAndGet(-size);
        return taken;
    }

    /** Takes no more. What waits can still be taken. */
    void close() {
        closing = true;
        queue.add(end);
    }

    /** After the last taker: whatever slipped in behind the end is told so. */
    void failWaiting() {
        closed = true;
        for (Request<?> request = queue.poll(); request != null; request = queue.poll()) {
            if (!request.equals(end)) {
                commands.addAndGet(-request.commands.size());
                request.fail(new EngineFailure.Closed());
                request.complete();
            }
        }
    }
}
