package dev.holdfast.server.cache;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a cache wants read, several keys at once: while some are read, what is wanted meanwhile gathers and is read together. An idle
 * cache reads at once, a busy one more keys a statement. Safe for any number of threads.
 */
final class Loads<K, V> {
    /** As many connections at most, of those that all requests share, however cold a cache is. */
    private static final int READERS_MAX = 4;

    /** @param isRefresh somebody has an older value of it meanwhile */
    record Wanted<K, V>(K key, boolean isRefresh, CompletableFuture<V> answer) {
        Wanted(K key, boolean isRefresh) {
            this(key, isRefresh, new CompletableFuture<>());
        }
    }

    private final int atOnceMax;
    private final Executor threads;
    private final Consumer<List<Wanted<K, V>>> reader;

    /** Guarded by itself, as all below. */
    private final Queue<Wanted<K, V>> missing = new ArrayDeque<>();

    private final Queue<Wanted<K, V>> refreshes = new ArrayDeque<>();
    private int readers;

    /** @param reader answers all it is given, with a value or an exception; does not throw */
    Loads(int atOnceMax, Executor threads, Consumer<List<Wanted<K, V>>> reader) {
        this.atOnceMax = atOnceMax;
        this.threads = threads;
        this.reader = reader;
    }

    CompletableFuture<V> missing(K key) {
        return add(missing, List.of(new Wanted<>(key, false))).getFirst().answer();
    }

    /** In one go, as far as {@code atOnceMax} allows. */
    List<Wanted<K, V>> missing(Collection<? extends K> keys) {
        var wanted = new ArrayList<Wanted<K, V>>(keys.size());
        keys.forEach(key -> wanted.add(new Wanted<>(key, false)));
        return add(missing, wanted);
    }

    /** After all that is missing: nobody waits for it. */
    CompletableFuture<V> refresh(K key) {
        return add(refreshes, List.of(new Wanted<>(key, true))).getFirst().answer();
    }

    private List<Wanted<K, V>> add(Queue<Wanted<K, V>> queue, List<Wanted<K, V>> wanted) {
        synchronized (missing) {
            queue.addAll(wanted);
            if (readers == READERS_MAX) {
                return wanted;
            }
            readers++;
        }
        threads.execute(this::readWhileWanted);
        return wanted;
    }

    private void readWhileWanted() {
        for (var batch = take(); batch != null; batch = take()) {
            reader.accept(batch);
        }
    }

    /** Null if nothing is wanted: this reader is done. */
    private @Nullable List<Wanted<K, V>> take() {
        synchronized (missing) {
            var queue = missing.isEmpty() ? refreshes : missing;
            if (queue.isEmpty()) {
                readers--;
                return null;
            }
            var batch = new ArrayList<Wanted<K, V>>();
            while (batch.size() < atOnceMax && !queue.isEmpty()) {
                batch.add(queue.remove());
            }
            return batch;
        }
    }
}
