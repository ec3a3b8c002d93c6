package dev.holdfast.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Callers that all begin at the same moment, each on a thread of its own. */
final class Callers {
    private Callers() {}

    /** What each caller got, by its number; what one throws is thrown here. */
    static <T extends @Nullable Object> List<T> together(int callers, IntFunction<T> call) {
        var begin = new CountDownLatch(1);
        var futures = new ArrayList<Future<T>>();
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < callers; i++) {
                int number = i;
                futures.add(executor.submit(() -> {
                    begin.await();
                    return call.apply(number);
                }));
            }
            begin.countDown();
            var results = new ArrayList<T>();
            for (var future : futures) {
                results.add(future.get(60, TimeUnit.SECONDS));
            }
            return results;
        } catch (ExecutionException | InterruptedException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }
}
