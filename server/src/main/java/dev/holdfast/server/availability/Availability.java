package dev.holdfast.server.availability;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.holdfast.engine.Level;
import dev.holdfast.engine.Sku;
import dev.holdfast.engine.StockEngine;
import dev.holdfast.server.api.ErrorCode;
import dev.holdfast.server.api.Problem;
import dev.holdfast.server.api.ProblemException;
import dev.holdfast.server.availability.Known.Stock;
import dev.holdfast.server.cache.Inspectable;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * How much may still be promised of SKUs, from memory. A statement about a moment that is over ({@code asOf}): nothing is decided on it.
 *
 * <p>What this node commits is in it before the answer to whoever committed it. What other nodes commit comes by reading: whoever asks for
 * a SKU that was not read for {@link #OLD} waits for that; one not read for {@link #YOUNG} is read while the old number is
 * answered. One thread reads, one statement at a time, for all who want something: the busier, the more SKUs a statement, and
 * never more than one connection. If the database is away, what is known is answered, as of when it was true, for up to {@link #GONE}.
 */
@Component
public final class Availability implements Inspectable, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Availability.class);

    /** Ten reads a second of a SKU that is asked for all the time. */
    private static final Duration YOUNG = Duration.ofMillis(100);

    private static final Duration OLD = Duration.ofMillis(500);

    /** How long one waits for something better than an old number. */
    private static final Duration PATIENCE = Duration.ofMillis(250);

    /** How long one waits who would have no number; more than a connection may take. */
    private static final Duration PATIENCE_MAX = Duration.ofSeconds(4);

    private static final Duration GONE = Duration.ofMinutes(10);

    /** In one statement, by primary key: about 10 ms. */
    private static final int READ_MAX = 5_000;

    /** SKUs that somebody waits for: one such statement each {@link #WATCH_INTERVAL} at most, 4 % of a connection. */
    private static final int WATCHED_MAX = 5_000;

    private static final Duration WATCH_INTERVAL = Duration.ofMillis(250);

    /** What is wanted while a statement is under way is read by the next. */
    private static final class Round {
        final Set<Sku> skus = new HashSet<>();
        final CompletableFuture<Void> done = new CompletableFuture<>();
    }

    private final StockEngine engine;
    private final Clock clock;
    private final int skusMax;
    private final Timer reads;
    private final Timer ages;
    private final Counter skusRead;
    private final Cache<Sku, Known> known;
    private final AtomicLong moves = new AtomicLong();
    private final Map<Sku, Set<Semaphore>> watchers = new ConcurrentHashMap<>();
    private final Thread reader;

    /** Guarded by itself. */
    private final Object lock = new Object();

    private Round next = new Round();
    private boolean closing;
    private long watchedAtNanos = System.nanoTime();

    private volatile boolean failing;
    private volatile boolean stopping;

    Availability(StockEngine engine, AvailabilityProperties properties, MeterRegistry meters, Clock clock) {
        this.engine = engine;
        this.clock = clock;
        skusMax = properties.skus();
        known = Caffeine.newBuilder()
                .maximumSize(skusMax)
                .expireAfterWrite(GONE)
                .build();
        reads = Timer.builder("holdfast.availability.reads")
                .description("Statements that read levels for the memory of availability")
                .register(meters);
        skusRead = Counter.builder("holdfast.availability.skus.read")
                .description("SKUs in those statements")
                .register(meters);
        ages = Timer.builder("holdfast.availability.age")
                .description("Time since the oldest number of an answer was read")
                .register(meters);
        Gauge.builder("holdfast.availability.skus", known, Cache::estimatedSize)
                .description("SKUs in memory")
                .register(meters);
        Gauge.builder("holdfast.availability.watched", watchers, Map::size)
                .description("SKUs that somebody waits for")
                .register(meters);
        reader = Thread.ofVirtual().name("holdfast-availability").start(this::readUntilClosed);
        engine.onCommit(this::committed);
    }

    /**
     * In the order asked; an unknown SKU has nothing.
     *
     * @throws ProblemException {@code unavailable} if something is not known and the database does not answer
     */
    public Numbers of(List<Sku> skus) {
        long moves = this.moves.get(); // before the look
        long now = System.nanoTime();
        List<Known> numbers = look(skus);
        long oldestNanos = 0;
        boolean isWhole = true;
        for (Known number : numbers) {
            oldestNanos = Math.max(oldestNanos, now - number.readAtNanos());
            isWhole &= number.isWhole();
        }
        if (!isWhole || oldestNanos > YOUNG.toNanos()) {
            var round = want(skus, numbers, now);
            if (!isWhole) {
                await(round, PATIENCE_MAX);
                numbers = look(skus);
                if (!numbers.stream().allMatch(Known::isWhole)) {
                    throw Problem.of(
                                    ErrorCode.UNAVAILABLE,
                                    "Availability is not known, and the database does not answer")
                            .asException();
                }
            } else if (oldestNanos > OLD.toNanos() && !failing) {
                await(round, PATIENCE);
                numbers = look(skus);
            }
        }
        var answer = Numbers.of(skus, numbers, moves, clock.instant());
        ages.record(Math.max(0, System.nanoTime() - answer.readAtNanos()), TimeUnit.NANOSECONDS);
        return answer;
    }

    /**
     * {@link #of} them as soon as the sum of their versions is greater than this one, or when the time is over. Waits without a connection.
     *
     * @throws ProblemException {@code overloaded} if too many wait already
     */
    public Numbers after(long version, List<Sku> skus, Duration wait) throws InterruptedException {
        long deadlineNanos = System.nanoTime() + wait.toNanos();
        var numbers = of(skus);
        if (numbers.version() > version) {
            return numbers;
        }
        if (watchers.size() + skus.size() > WATCHED_MAX) {
            throw Problem.of(ErrorCode.OVERLOADED, "Too many wait for stock to move; ask again without since")
                    .asException();
        }
        var moved = new Semaphore(0);
        skus.forEach(sku -> watchers.compute(sku, (_, all) -> with(all, moved)));
        try {
            wake();
            numbers = of(skus); // it may have moved before this one waited
            for (long leftNanos = wait.toNanos();
                    numbers.version() <= version && leftNanos > 0 && !stopping;
                    leftNanos = deadlineNanos - System.nanoTime()) {
                if (moved.tryAcquire(leftNanos, TimeUnit.NANOSECONDS)) {
                    moved.drainPermits();
                }
                numbers = of(skus);
            }
            return numbers;
        } finally {
            skus.forEach(sku -> watchers.computeIfPresent(sku, (_, all) -> without(all, moved)));
        }
    }

    /** Whether to ask again would bring the same. */
    public boolean isStillSo(Numbers numbers) {
        return numbers.moves() == moves.get() && System.nanoTime() - numbers.readAtNanos() <= YOUNG.toNanos();
    }

    private static Set<Semaphore> with(@Nullable Set<Semaphore> all, Semaphore one) {
        Set<Semaphore> more = all == null ? ConcurrentHashMap.newKeySet() : all;
        more.add(one);
        return more;
    }

    private static @Nullable Set<Semaphore> without(Set<Semaphore> all, Semaphore one) {
        all.remove(one);
        return all.isEmpty() ? null : all;
    }

    /** An entry for each, so that a commit has somewhere to go while they are read for the first time. */
    private List<Known> look(List<Sku> skus) {
        var numbers = new ArrayList<Known>(skus.size());
        for (Sku sku : skus) {
            var number = known.getIfPresent(sku);
            numbers.add(number == null ? known.get(sku, _ -> Known.nothing(System.nanoTime())) : number);
        }
        return numbers;
    }

    private Round want(List<Sku> skus, List<Known> numbers, long now) {
        synchronized (lock) {
            for (int i = 0; i < skus.size(); i++) {
                var number = numbers.get(i);
                if (!number.isWhole() || now - number.readAtNanos() > YOUNG.toNanos()) {
                    next.skus.add(skus.get(i));
                }
            }
            lock.notifyAll();
            return next;
        }
    }

    private void wake() {
        synchronized (lock) {
            lock.notifyAll();
        }
    }

    private void await(Round round, Duration patience) {
        try {
            round.done.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("availability is not known better", e);
        }
    }

    private void readUntilClosed() {
        while (true) {
            Round round = takeRound();
            if (round == null) {
                return;
            }
            try {
                read(round.skus);
                failing = false;
                round.done.complete(null);
            } catch (RuntimeException e) {
                if (!failing) {
                    LOG.info("Availability is shown as it was, because it cannot be read: {}", e.toString());
                }
                failing = true;
                round.done.completeExceptionally(e);
            }
        }
    }

    /** Null when it is over. */
    private @Nullable Round takeRound() {
        synchronized (lock) {
            try {
                while (!closing && !isWanted()) {
                    long untilWatchNanos = watchedAtNanos + WATCH_INTERVAL.toNanos() - System.nanoTime();
                    lock.wait(
                            watchers.isEmpty() ? 0 : 1 + TimeUnit.NANOSECONDS.toMillis(untilWatchNanos)); // 0: for ever
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException("nobody interrupts this thread", e);
            }
            var round = next;
            next = new Round();
            return closing ? null : round;
        }
    }

    /** What somebody waits for is wanted now and then, however much else is. */
    private boolean isWanted() {
        long now = System.nanoTime();
        if (!watchers.isEmpty() && now - watchedAtNanos >= WATCH_INTERVAL.toNanos()) {
            watchedAtNanos = now;
            next.skus.addAll(watchers.keySet());
        }
        return !next.skus.isEmpty();
    }

    private void read(Collection<Sku> skus) {
        var all = new ArrayList<>(skus);
        for (int i = 0; i < all.size(); i += READ_MAX) {
            var part = all.subList(i, Math.min(all.size(), i + READ_MAX));
            long nanos = System.nanoTime(); // before the database looked
            var found = reads.record(() -> engine.levels(part));
            skusRead.increment(part.size());
            Map<Sku, List<Stock>> stocks = new HashMap<>();
            for (Level level : found.levels()) {
                stocks.computeIfAbsent(level.stock().sku(), _ -> new ArrayList<>(1))
                        .add(Stock.of(level));
            }
            for (Sku sku : part) {
                learn(sku, stocks.getOrDefault(sku, List.of()), found.asOf(), nanos);
            }
        }
    }

    private void learn(Sku sku, List<Stock> stocks, Instant asOf, long nanos) {
        long[] versionBefore = new long[1];
        var after = known.asMap().compute(sku, (_, old) -> {
            var before = old == null ? Known.nothing(nanos) : old;
            versionBefore[0] = before.version();
            return before.read(stocks, asOf, nanos);
        });
        if (after != null && after.version() > versionBefore[0]) {
            tell(sku);
        }
    }

    /** On a worker's thread of the engine. */
    private void committed(List<Level> levels) {
        for (Level level : levels) {
            var sku = level.stock().sku();
            if (known.asMap().computeIfPresent(sku, (_, old) -> old.with(level)) != null) {
                tell(sku);
            }
        }
    }

    private void tell(Sku sku) {
        moves.incrementAndGet();
        var waiting = watchers.get(sku);
        if (waiting != null) {
            waiting.forEach(Semaphore::release);
        }
    }

    /** The server stops: nobody waits any longer. */
    @EventListener(ContextClosedEvent.class)
    void stopWaiting() {
        stopping = true;
        watchers.values().forEach(waiting -> waiting.forEach(Semaphore::release));
    }

    @Override
    public String name() {
        return "availability";
    }

    @Override
    public Map<String, Object> summary() {
        var summary = new LinkedHashMap<String, Object>();
        summary.put("skusMax", skusMax);
        summary.put("entries", known.estimatedSize());
        summary.put("watched", watchers.size());
        summary.put("databaseAnswers", !failing);
        return summary;
    }

    @Override
    public Map<String, Object> explain(String key) {
        var sku = new Sku(key);
        var explanation = new LinkedHashMap<String, Object>();
        explanation.put("cache", name());
        explanation.put("key", key);
        var number = known.getIfPresent(sku);
        explanation.put("memory", number == null || !number.isWhole() ? "none" : explain(number));
        var now = engine.levels(List.of(sku));
        explanation.put(
                "database",
                explain(Known.nothing(System.nanoTime())
                        .read(now.levels().stream().map(Stock::of).toList(), now.asOf(), System.nanoTime())));
        return explanation;
    }

    private static Map<String, Object> explain(Known number) {
        var explanation = new LinkedHashMap<String, Object>();
        explanation.put("available", number.available());
        explanation.put("version", number.version());
        explanation.put("asOf", number.asOf());
        explanation.put("ageMillis", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - number.readAtNanos()));
        return explanation;
    }

    /** Here only; it is read again before it is half a second old anyway. */
    @Override
    public void clear(@Nullable String key) {
        if (key == null) {
            known.invalidateAll();
        } else {
            known.invalidate(new Sku(key));
        }
    }

    @Override
    public void close() {
        synchronized (lock) {
            closing = true;
            lock.notifyAll();
        }
        try {
            reader.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
