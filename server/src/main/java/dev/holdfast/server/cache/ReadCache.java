package dev.holdfast.server.cache;

import com.github.benmanes.caffeine.cache.AsyncLoadingCache;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.CacheLoader;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.stats.CacheStats;
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
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
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
 * of its key is known here ({@link Changes}). Of those who want a key that is not there one reads it. Shortly before its time is
 * over, one reads it anew while all are served. That a key has no value is kept like a value, in memory only.
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
    private final AsyncLoadingCache<K, Cached<V>> memory;

    /** A key's last change: what is older in Redis counts for nothing. For keys that are not here: {@link #horizon}. */
    private final Cache<K, Long> floors;

    private final AtomicLong horizon;

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
        memory = Caffeine.newBuilder()
                .executor(threads)
                .maximumWeight(size.toBytes())
                .<K, Cached<V>>weigher((_, cached) -> OVERHEAD_BYTES + 3 * cached.sizeBytes())
                .expireAfter(Expiry.<K, Cached<V>>writing((_, cached) -> left(cached)))
                .refreshAfterWrite(ttl.multipliedBy(3).dividedBy(4))
                .recordStats()
                .buildAsync(new CacheLoader<K, Cached<V>>() {
                    @Override
                    public Cached<V> load(K key) {
                        var copy = copy(key);
                        return copy == null ? read(key) : copy;
                    }

                    @Override
                    public Cached<V> reload(K key, Cached<V> old) {
                        return refreshed(key, old);
                    }
                });
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
        try {
            var cached = memory.get(key).join();
            ages.record(cached.age(clock.instant()));
            return cached;
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    private Cached<V> read(K key) {
        long version = changes.known(); // before the read, which so includes it
        var readAt = clock.instant();
        var value = reads.record(() -> source.read(key));
        if (value == null) {
            return new Cached<>(null, version, readAt, 0);
        }
        byte[] json = source.write(value);
        if (copies != null) {
            copies.put(source.name(key), new Copy(version, readAt, json), ttl);
        }
        return new Cached<>(value, version, readAt, json.length);
    }

    private Cached<V> refreshed(K key, Cached<V> old) {
        try {
            return read(key);
        } catch (RuntimeException e) { // it is not over yet
            LOG.debug("{} {} could not be read anew", name, key, e);
            return old;
        }
    }

    private @Nullable Cached<V> copy(K key) {
        var copy = copies == null ? null : copies.get(source.name(key));
        if (copy == null) {
            return null;
        }
        var floor = floors.getIfPresent(key);
        boolean isOld = copy.version() < Math.max(horizon.get(), floor == null ? 0 : floor)
                || copy.version() > changes.known() + Changes.AHEAD_MAX
                || clock.instant().isAfter(copy.readAt().plus(ttl));
        try {
            if (!isOld) {
                return new Cached<>(source.parse(copy.json()), copy.version(), copy.readAt(), copy.json().length);
            }
        } catch (RuntimeException e) {
            LOG.debug("{} {}: what Redis has is none of ours", name, key, e);
        }
        refused.increment();
        return null;
    }

    /** They were changed: who asks from now on gets them as they are after this change, or later. */
    public void forget(Collection<K> keys, long version) {
        for (K key : keys) {
            floors.asMap().merge(key, version, Math::max);
            memory.asMap().computeIfPresent(key, (_, cached) -> isOlder(cached, version) ? null : cached);
        }
    }

    /** Anything may have been changed. */
    public void forgetAll(long version) {
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
        var copy = copies == null ? null : copies.get(source.name(key));
        explanation.put("redis", copy == null ? "none, or no answer" : explain(copy));
        var now = source.read(key);
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
