package dev.holdfast.storm;

import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/** Two things done at the same time. */
final class Twins {

    private Twins() {}

    /** What came of the first, and of the second. */
    static <T> List<T> both(Supplier<T> first, Supplier<T> second) {
        var twin = new FutureTask<>(second::get);
        Thread.startVirtualThread(twin);
        var one = first.get();
        try {
            return List.of(one, twin.get());
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of(one);
        }
    }
}
