package dev.holdfast.server.cache;

import com.github.benmanes.caffeine.cache.AsyncCacheLoader;
import com.github.benmanes.caffeine.cache.AsyncLoadingCache;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.stats.CacheStats;
import dev.holdfast.server.cache.Loads.Wanted;
import dev.holdfast.server.cache.SharedCopies.Copy;
import dev.holdfast.server.redis.RedisLink;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.unit.DataSize;
import tools.jackson.databind.util.RawValue;

/**
 * A cache in memory, before one in Redis that all nodes share, before the database. Safe for any number of threads.
 *
 * <p>A value is served until its time to live is over, counted from before it was read, wherever it comes from, and until a change
 * of its key is known here ({@link Changes}). Of those who want a key that is not there one reads it, together with other keys that
 * are wanted ({@link Loads}). Shortly before its time is over, one reads it anew while all are served. That a key has no value is kept
 * like a value, in memory only.
 *
 * <p>The race that caches lose: somebody reads an old value, a change is committed and forgotten everywhere, and then the old value
 * is stored. In memory, forgetting takes away the running read as well, so that what it finds goes to those who waited before the
 * change and to nobody after. In Redis a value carries the last change that was known before it was read; Redis refuses it where
 * a later one is known ({@link SharedCopies}), and so does every node that takes it from there.
 */
public final class ReadCache<K, V> implements Inspectable, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReadCache.class);

    /** Keys whose last change is remembered, about 100 bytes each; if there are more, older copies in Redis count for nothing. */
    private static final int FLOORS_MAX = 50_000;

    /** What HTTP can say of it. */
    private static final Duration TTL_MIN = Duration.ofSeconds(1);

    /** Beside the value and what is made of it: the key, the entry, the cache's own. */
    private static final int OVERHEAD_BYTES = 500;

    private final String name;
    private final Duration ttl;
    private final DataSize size;
    private final Source<K, V> source;
    private final Changes changes;
    private final @Nullable SharedCopies copies;
    private final Clock clock;
    private final Timer reads;
    private final Timer ages;
    private final Counter refused;
    private final ExecutorService threads;
    private final Loads<K, Cached<V>> loads;
    private final AsyncLoadingCache<K, Cached<V>> memory;

    /** A key's last change: what is older in Redis counts for nothing. For keys that are not here: {@link #horizon}. */
    private final Cache<K, Long> floors;

    private final AtomicLong horizon;
    private final AtomicLong forgotten = new AtomicLong();

    /**
     * Empty.
     *
     * @param ttl how old a value may get: at least a second
     * @param size of the values in memory, about
     * @param prefix of the keys in Redis, the cache's own
     */
    public ReadCache(
            String name,
            Duration ttl,
            DataSize size,
            Source<K, V> source,
            Changes changes,
            @Nullable RedisLink redis,
            String prefix,
            MeterRegistry meters,
            Clock clock) {
        if (ttl.compareTo(TTL_MIN) < 0) {
            throw new IllegalArgumentException("a cache's time to live is at least 1 s, not " + ttl);
        }
        this.name = name;
        this.ttl = ttl;
        this.size = size;
        this.source = source;
        this.changes = changes;
        this.copies = redis == null ? null : new SharedCopies(redis, prefix);
        this.clock = clock;
        horizon = new AtomicLong(changes.known());
        floors = Caffeine.newBuilder()
                .maximumSize(FLOORS_MAX)
                .expireAfterWrite(ttl)
                .<K, Long>evictionListener((_, floor, _) -> raiseHorizon(floor == null ? 0 : floor))
                .build();
        threads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("holdfast-cache-", 0).factory());
        loads = new Loads<>(source.atOnceMax(), threads, this::load);
        memory = Caffeine.newBuilder()
                .executor(threads)
                .maximumWeight(size.toBytes())
                .<K, Cached<V>>weigher((_, cached) -> OVERHEAD_BYTES + cached.memoryBytes())
                .expireAfter(Expiry.<K, Cached<V>>writing((_, cached) -> left(cached)))
                .refreshAfterWrite(ttl.multipliedBy(3).dividedBy(4))
                .recordStats()
                .buildAsync(new Loader());
        reads = Timer.builder("holdfast.cache.reads")
                .description("Reads of the database for a cache")
                .tag("cache", name)
                .register(meters);
        ages = Timer.builder("holdfast.cache.age")
                .description("Age of what a cache answered")
                .tag("cache", name)
                .register(meters);
        refused = Counter.builder("holdfast.cache.refused")
                .description("Copies in Redis that were older than a change known here, or not to be read")
                .tag("cache", name)
                .register(meters);
        count(meters, "holdfast.cache.hits", "Answers from memory", CacheStats::hitCount);
        count(meters, "holdfast.cache.misses", "Answers that were not in memory", CacheStats::missCount);
        count(meters, "holdfast.cache.evictions", "Values that made room or were too old", CacheStats::evictionCount);
        Gauge.builder("holdfast.cache.size", this, cache -> cache.sizeBytes())
                .description("Values in memory, about")
                .baseUnit("bytes")
                .tag("cache", name)
                .register(meters);
    }

    private void count(MeterRegistry meters, String meter, String description, ToLongFunction<CacheStats> count) {
        FunctionCounter.builder(meter, memory.synchronous(), cache -> count.applyAsLong(cache.stats()))
                .description(description)
                .tag("cache", name)
                .register(meters);
    }

    private long sizeBytes() {
        return memory.synchronous()
                .policy()
                .eviction()
                .map(eviction -> eviction.weightedSize().orElse(0))
                .orElse(0L);
    }

    private Duration left(Cached<V> cached) {
        var left = ttl.minus(cached.age(clock.instant()));
        return left.isNegative() ? Duration.ZERO : left;
    }

    public Duration ttl() {
        return ttl;
    }

    /** Waits for the database if it has to be asked; what that throws is thrown here. */
    public Cached<V> get(K key) {
        var cached = join(memory.get(key));
        ages.record(cached.age(clock.instant()));
        return cached;
    }

    /** {@link #get} them, with one statement for all that have to be read, as far as the source reads so many at once. */
    public Map<K, Cached<V>> get(Collection<K> keys) {
        return join(memory.getAll(keys));
    }

    private static <T> T join(CompletableFuture<T> answer) {
        try {
            return answer.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** Grows whenever something is forgotten: what was made of values before that may be made of old ones. */
    public long forgotten() {
        return forgotten.get();
    }

    private final class Loader implements AsyncCacheLoader<K, Cached<V>> {
        @Override
        public CompletableFuture<Cached<V>> asyncLoad(K key, Executor executor) {
            return loads.missing(key);
        }

        @Override
        public CompletableFuture<Map<K, Cached<V>>> asyncLoadAll(Set<? extends K> keys, Executor executor) {
            var wanted = loads.missing(keys);
            return CompletableFuture.allOf(wanted.stream().map(Wanted::answer).toArray(CompletableFuture[]::new))
                    .thenApply(_ -> {
                        var all = new HashMap<K, Cached<V>>();
                        wanted.forEach(one -> all.put(one.key(), one.answer().join()));
                        return all;
                    });
        }

        /** If it fails, the old one is not over yet. */
        @Override
        public CompletableFuture<Cached<V>> asyncReload(K key, Cached<V> old, Executor executor) {
            return loads.refresh(key).exceptionally(e -> {
                LOG.debug("{} {} could not be read anew", name, key, e);
                return old;
            });
        }
    }

    private void load(List<Wanted<K, Cached<V>>> batch) {
        try {
            var unanswered = answerFromRedis(batch);
            if (!unanswered.isEmpty()) {
                answerFromDatabase(unanswered);
            }
        } catch (RuntimeException | Error e) { // nobody waits for ever; without effect where there is an answer
            batch.forEach(wanted -> wanted.answer().completeExceptionally(e));
        }
    }

    /** Without refreshes: what Redis has of them is as old. */
    private List<Wanted<K, Cached<V>>> answerFromRedis(List<Wanted<K, Cached<V>>> batch) {
        if (copies == null) {
            return batch;
        }
        var unanswered = new ArrayList<Wanted<K, Cached<V>>>();
        var asked = new ArrayList<Wanted<K, Cached<V>>>();
        batch.forEach(wanted -> (wanted.isRefresh() ? unanswered : asked).add(wanted));
        var found = copies.get(
                asked.stream().map(wanted -> source.name(wanted.key())).toList());
        for (var wanted : asked) {
            var copy = found.get(source.name(wanted.key()));
            var cached = copy == null ? null : usable(wanted.key(), copy);
            if (cached == null) {
                unanswered.add(wanted);
            } else {
                wanted.answer().complete(cached);
            }
        }
        return unanswered;
    }

    private @Nullable Cached<V> usable(K key, Copy copy) {
        var floor = floors.getIfPresent(key);
        boolean isOld = copy.version() < Math.max(horizon.get(), floor == null ? 0 : floor)
                || copy.version() > changes.known() + Changes.AHEAD_MAX
                || clock.instant().isAfter(copy.readAt().plus(ttl));
        try {
            if (!isOld) {
                return cached(source.parse(copy.json()), copy.json(), copy.version(), copy.readAt());
            }
        } catch (RuntimeException e) {
            LOG.debug("{} {}: what Redis has is none of ours", name, key, e);
        }
        refused.increment();
        return null;
    }

    private void answerFromDatabase(List<Wanted<K, Cached<V>>> batch) {
        long version = changes.known(); // before the read, which so includes it
        var readAt = clock.instant();
        var values = reads.record(
                () -> source.read(batch.stream().map(Wanted::key).distinct().toList()));
        for (var wanted : batch) {
            var value = values == null ? null : values.get(wanted.key());
            if (value == null) {
                wanted.answer().complete(new Cached<>(null, version, readAt, 0));
                continue;
            }
            byte[] json = source.write(value);
            if (copies != null) {
                copies.put(source.name(wanted.key()), new Copy(version, readAt, json), ttl);
            }
            wanted.answer().complete(cached(value, json, version, readAt));
        }
    }

    private Cached<V> cached(V value, byte[] json, long version, Instant readAt) {
        return new Cached<>(value, version, readAt, source.memoryBytes(value, json));
    }

    /** They were changed: who asks from now on gets them as they are after this change, or later. */
    public void forget(Collection<K> keys, long version) {
        forgotten.incrementAndGet();
        for (K key : keys) {
            floors.asMap().merge(key, version, Math::max);
            memory.asMap().computeIfPresent(key, (_, cached) -> isOlder(cached, version) ? null : cached);
        }
    }

    /** Anything may have been changed. */
    public void forgetAll(long version) {
        forgotten.incrementAndGet();
        raiseHorizon(version);
        memory.asMap().values().removeIf(cached -> isOlder(cached, version));
    }

    /** The copies in Redis too. By the node that made the change, and once is enough. */
    public void forgetCopies(Collection<K> keys, long version) {
        if (copies != null) {
            keys.forEach(key -> copies.forget(source.name(key), version));
        }
    }

    private void raiseHorizon(long version) {
        horizon.accumulateAndGet(version, Math::max);
    }

    /** Also one that is being read: nobody knows what it will find. */
    private boolean isOlder(CompletableFuture<Cached<V>> cached, long version) {
        return !cached.isDone()
                || cached.isCompletedExceptionally()
                || cached.join().version() < version;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Map<String, Object> summary() {
        var summary = new LinkedHashMap<String, Object>();
        summary.put("ttl", ttl.toString());
        summary.put("sizeMax", size.toString());
        summary.put("sizeBytes", sizeBytes());
        summary.put("entries", memory.synchronous().estimatedSize());
        summary.put("changesKnown", changes.known());
        summary.put("redis", copies != null);
        return summary;
    }

    @Override
    public Map<String, Object> explain(String keyName) {
        K key = source.key(keyName);
        var explanation = new LinkedHashMap<String, Object>();
        explanation.put("cache", name);
        explanation.put("key", source.name(key));
        explanation.put("changesKnown", changes.known());
        var running = memory.getIfPresent(key);
        var cached = running == null ? null : running.getNow(null);
        explanation.put("memory", cached == null ? "none" : explain(cached));
        var copy = copies == null ? null : copies.get(List.of(source.name(key))).get(source.name(key));
        explanation.put("redis", copy == null ? "none, or no answer" : explain(copy));
        var now = source.read(List.of(key)).get(key);
        explanation.put("memoryIsAsTheDatabase", cached != null && Arrays.equals(json(cached.value()), json(now)));
        explanation.put("database", now == null ? "none" : new RawValue(text(source.write(now))));
        return explanation;
    }

    private Map<String, Object> explain(Cached<V> cached) {
        var value = cached.value();
        return explain(cached, value == null ? "none" : new RawValue(text(source.write(value))));
    }

    private Map<String, Object> explain(Copy copy) {
        var cached = new Cached<V>(null, copy.version(), copy.readAt(), copy.json().length);
        return explain(cached, text(copy.json())); // as text: it may be anything
    }

    private Map<String, Object> explain(Cached<V> cached, Object value) {
        var age = cached.age(clock.instant());
        var explanation = new LinkedHashMap<String, Object>();
        explanation.put("version", cached.version());
        explanation.put("readAt", cached.readAt());
        explanation.put("ageMillis", age.toMillis());
        explanation.put("ttlLeftMillis", left(cached).toMillis());
        explanation.put("value", value);
        return explanation;
    }

    private byte @Nullable [] json(@Nullable V value) {
        return value == null ? null : source.write(value);
    }

    private static String text(byte[] json) {
        return new String(json, StandardCharsets.UTF_8);
    }

    @Override
    public void clear(@Nullable String keyName) {
        source.forgetEverywhere(keyName == null ? null : source.key(keyName));
    }

    @Override
    public void close() {
        threads.close();
    }
}
