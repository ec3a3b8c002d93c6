package dev.holdfast.storm;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.function.Function;

/** Many at once: one virtual thread each, all let go at the same instant. */
final class Crowd {

    /** @param nanos from letting go until the last was done */
    record Outcome<T>(List<T> results, long nanos) {}

    private Crowd() {}

    static <A, T> Outcome<T> each(List<A> all, Function<A, T> task) throws InterruptedException {
        var ready = new CountDownLatch(all.size());
        var go = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var futures = all.stream()
                    .map(one -> threads.submit(() -> {
                        ready.countDown();
                        go.await();
                        return task.apply(one);
                    }))
                    .toList();
            ready.await();
            long startedAtNanos = System.nanoTime();
            go.countDown();
            var results = new ArrayList<T>(all.size());
            for (var future : futures) {
                results.add(future.get());
            }
            return new Outcome<>(results, System.nanoTime() - startedAtNanos);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a buyer broke: " + e.getCause(), e.getCause());
        }
    }
}
