package dev.holdfast.server.sql;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.dao.TransientDataAccessResourceException;
import org.springframework.transaction.TransactionException;

/**
 * Does in one go what many ask for at the same time, so that a round trip and a commit are paid for by all of them: what is asked for
 * while one go is under way gathers, and is done in the next. Who asks alone is answered at once. Safe for any number of threads.
 *
 * @param <Q> what is asked for
 * @param <A> the answer
 */
public final class Together<Q, A> {
    /** One transaction or statement for all of them. */
    public interface Work<Q, A> {
        /** An answer for each, in their order. What throws has done nothing. */
        List<A> perform(List<Q> requests);
    }

    private record Waiting<Q, A>(Q request, CompletableFuture<A> answer) {}

    private final int atOnceMax;
    private final Comparator<Waiting<Q, A>> order;
    private final Work<Q, A> work;

    /** Guarded by itself, as {@link #busy} is. */
    private final Queue<Waiting<Q, A>> queue = new ArrayDeque<>();

    private boolean busy;

    /**
     * For what changes nothing.
     *
     * @param atOnceMax requests in one go
     */
    public Together(int atOnceMax, Work<Q, A> work) {
        this(atOnceMax, (_, _) -> 0, work);
    }

    /**
     * For what locks rows.
     *
     * @param atOnceMax requests in one go
     * @param order in which they are done, on every node the same, so that two goes do not wait for each other
     */
    public Together(int atOnceMax, Comparator<Q> order, Work<Q, A> work) {
        this.atOnceMax = atOnceMax;
        this.order = Comparator.comparing(Waiting::request, order);
        this.work = work;
    }

    /**
     * Waits for the answer.
     *
     * @throws RuntimeException what {@code work} threw for this request alone
     */
    public A ask(Q request) {
        try {
            return submit(request).join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    /** The answer, or what {@code work} threw for this request alone. */
    public CompletableFuture<A> submit(Q request) {
        var waiting = new Waiting<Q, A>(request, new CompletableFuture<>());
        synchronized (queue) {
            queue.add(waiting);
            if (busy) {
                return waiting.answer;
            }
            busy = true;
        }
        var _ = Thread.startVirtualThread(this::workWhileWanted);
        return waiting.answer;
    }

    private void workWhileWanted() {
        for (var batch = take(); batch != null; batch = take()) {
            perform(batch);
        }
    }

    /** Null if nobody waits: this thread is done. */
    private @Nullable List<Waiting<Q, A>> take() {
        synchronized (queue) {
            if (queue.isEmpty()) {
                busy = false;
                return null;
            }
            var batch = new ArrayList<Waiting<Q, A>>();
            while (batch.size() < atOnceMax && !queue.isEmpty()) {
                batch.add(queue.remove());
            }
            batch.sort(order);
            return batch;
        }
    }

    private List<Waiting<Q, A>> takeAll() {
        synchronized (queue) {
            var all = List.copyOf(queue);
            queue.clear();
            return all;
        }
    }

    private void perform(List<Waiting<Q, A>> batch) {
        List<A> answers;
        try {
            answers = work.perform(batch.stream().map(Waiting::request).toList());
        } catch (RuntimeException | Error e) {
            fail(batch, e);
            return;
        }
        for (int i = 0; i < batch.size(); i++) {
            batch.get(i).answer.complete(answers.get(i));
        }
    }

    /** Whoever cannot be answered must not keep the others from it: a batch that fails is halved until those stand alone. */
    private void fail(List<Waiting<Q, A>> batch, Throwable e) {
        int half = batch.size() / 2;
        if (half == 0 || isForAll(e)) {
            batch.forEach(waiting -> waiting.answer.completeExceptionally(e));
            if (isForAll(e)) {
                takeAll().forEach(waiting -> waiting.answer.completeExceptionally(e)); // nobody waits for two outages
            }
        } else {
            perform(batch.subList(0, half));
            perform(batch.subList(half, batch.size()));
        }
    }

    /** It would be the same for each alone, and they would wait for it one after the other: the database is away, or too slow. */
    private static boolean isForAll(Throwable e) {
        return e instanceof DataAccessResourceFailureException
                || e instanceof TransientDataAccessResourceException
                || e instanceof QueryTimeoutException
                || e instanceof TransactionException
                || e instanceof Error;
    }
}
