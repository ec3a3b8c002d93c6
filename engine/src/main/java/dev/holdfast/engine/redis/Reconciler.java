package dev.holdfast.engine.redis;

import dev.holdfast.engine.Line;
import dev.holdfast.engine.StockKey;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes counters agree with the database again: loads those that are missing, ends takes that nobody settled, and compares all that
 * were used with what the database says. One thread of each engine; several do no harm, as every step is one script that checks
 * what it was based on.
 *
 * <p>A comparison reads a counter's {@code seq} and what is in flight, then the levels and the holds in one snapshot, and sets the
 * counter only if its {@code seq} is still the same. A take in flight whose hold is in the snapshot is in its level already.
 */
final class Reconciler implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Reconciler.class);

    private static final Duration INTERVAL = Duration.ofSeconds(1);

    /** After a round that was asked for; so many an interval at most. */
    private static final Duration PAUSE = Duration.ofMillis(20);

    /** A round compares 1,000 counters: 5 queries of 1 ms each. */
    private static final int STOCKS_MAX = 1_000;

    private static final int STOCKS_OF_A_SCRIPT_MAX = 200;

    /** What is remembered, of each kind. More: the oldest are compared when they are used again. About 2 MB. */
    private static final int KNOWN_MAX = 10_000;

    private static final int TAKES_MAX = 1_000;

    /** How long a request may take to settle: longer than a connection may be silent (15 s) is a request that was given up. */
    static final Duration ABANDONED = Duration.ofSeconds(15);

    private final Redis redis;
    private final Keys keys;
    private final RedisMetrics metrics;
    private final Snapshot snapshot;
    private final Duration abandoned;

    private final Set<StockKey> known = ConcurrentHashMap.newKeySet();
    private final Queue<StockKey> turns = new ConcurrentLinkedQueue<>();
    private final Set<StockKey> urgent = ConcurrentHashMap.newKeySet();
    private final Queue<Take> unsettled = new ConcurrentLinkedQueue<>();
    private final Semaphore wake = new Semaphore(0);
    private final Thread thread;
    private volatile boolean closing;
    private boolean failing;

    Reconciler(Redis redis, Keys keys, RedisMetrics metrics, DataSource dataSource, Duration abandoned) {
        this.redis = redis;
        this.keys = keys;
        this.metrics = metrics;
        this.snapshot = new Snapshot(dataSource);
        this.abandoned = abandoned;
        thread = Thread.ofPlatform().daemon().name("holdfast-reconciler").start(this::run);
    }

    /** These are compared from now on. */
    void used(Collection<StockKey> stocks) {
        for (StockKey stock : stocks) {
            if (known.size() < KNOWN_MAX && known.add(stock)) {
                turns.add(stock);
            }
        }
    }

    /** These have no counter, or a doubtful one: at once, please. */
    void want(Collection<StockKey> stocks) {
        if (!stocks.isEmpty() && urgent.size() < KNOWN_MAX && urgent.addAll(stocks) && wake.availablePermits() == 0) {
            wake.release();
        }
    }

    /** What was decided could not be told: to be put right when Redis is back. */
    void unsettled(@Nullable Take take, Collection<StockKey> stocks) {
        used(stocks);
        if (urgent.size() < KNOWN_MAX) {
            urgent.addAll(stocks);
        }
        if (take != null && unsettled.size() < KNOWN_MAX) {
            unsettled.add(take);
        }
    }

    private void run() {
        try {
            long nextAtNanos = System.nanoTime();
            while (!closing) {
                long wait = nextAtNanos - System.nanoTime();
                if (wait > 0 && wake.tryAcquire(wait, TimeUnit.NANOSECONDS)) {
                    round(false);
                    TimeUnit.NANOSECONDS.sleep(closing ? 0 : PAUSE.toNanos());
                } else if (!closing) {
                    nextAtNanos = System.nanoTime() + INTERVAL.toNanos();
                    round(true);
                }
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts the reconciler", e);
        }
    }

    /** Whatever goes wrong is tried again in the next round. */
    private void round(boolean whole) {
        var stocks = new LinkedHashSet<StockKey>();
        urgent.stream().limit(STOCKS_MAX).forEach(stocks::add);
        urgent.removeAll(stocks);
        try {
            boolean done = endUnsettled() && (!whole || endAbandoned());
            if (whole) {
                addKnown(stocks);
            }
            var list = List.copyOf(stocks);
            for (int i = 0; done && i < list.size(); i += STOCKS_OF_A_SCRIPT_MAX) {
                done = compare(list.subList(i, Math.min(i + STOCKS_OF_A_SCRIPT_MAX, list.size())));
            }
            if (!done) {
                urgent.addAll(stocks);
            }
            failing = false;
        } catch (SQLException | RuntimeException e) { // a pool may throw what it likes; this thread must live
            urgent.addAll(stocks);
            if (!failing && !closing) {
                log.warn("Comparing counters failed and will be tried again: {}", e.toString());
            }
            failing = true;
        }
    }

    private void addKnown(Set<StockKey> stocks) {
        int turnsMax = turns.size();
        for (int i = 0; i < turnsMax && stocks.size() < STOCKS_MAX; i++) {
            var stock = turns.remove();
            stocks.add(stock);
            if (known.size() < KNOWN_MAX) {
                turns.add(stock);
            } else {
                known.remove(stock); // make room; it comes back when it is used
            }
        }
    }

    /** Takes of ours whose outcome could not be told: their counters are compared right after this. */
    private boolean endUnsettled() {
        for (int i = 0; i < TAKES_MAX; i++) {
            var take = unsettled.peek();
            if (take == null) {
                return true;
            }
            if (redis.call(CounterScripts.END, List.of(keys.inFlight()), List.of(take.id())) == null) {
                return false;
            }
            unsettled.remove();
        }
        return true;
    }

    /** Takes whose engine died, or whose fate it did not know. */
    private boolean endAbandoned() throws SQLException {
        var state = read(List.of());
        if (state == null) {
            return false;
        }
        var old = state.takes.stream()
                .filter(take -> state.seconds - take.sinceSeconds() > abandoned.toSeconds())
                .limit(TAKES_MAX)
                .toList();
        if (old.isEmpty()) {
            return true;
        }
        var placed = snapshot.read(List.of(), holdIds(old)).holdIds();
        for (Take take : old) {
            boolean isPlaced = placed.contains(take.holdId());
            var arguments = new ArrayList<>(List.of(take.id()));
            take.lines().forEach(line -> arguments.add(isPlaced ? "0" : String.valueOf(line.units())));
            var stocks = take.lines().stream().map(Line::stock).toList();
            var ended = redis.call(CounterScripts.END, keys.counters(stocks), arguments);
            if (ended == null) {
                return false;
            }
            if (ended.getFirst().equals(1L) && !isPlaced) {
                metrics.compensated(1);
            }
            used(stocks);
        }
        return true;
    }

    private static Set<UUID> holdIds(Collection<Take> takes) {
        var ids = new HashSet<UUID>();
        takes.forEach(take -> ids.add(take.holdId()));
        return ids;
    }

    private boolean compare(List<StockKey> stocks) throws SQLException {
        var state = read(stocks);
        if (state == null) {
            return false;
        }
        var truth = snapshot.read(stocks, holdIds(state.takes));
        var inFlight = state.takes.stream()
                .filter(take -> !truth.holdIds().contains(take.holdId()))
                .flatMap(take -> take.lines().stream())
                .toList();
        var existing = new ArrayList<StockKey>();
        var arguments = new ArrayList<String>();
        for (int i = 0; i < stocks.size(); i++) {
            var stock = stocks.get(i);
            var units = truth.available().get(stock);
            if (units == null) {
                continue;
            }
            long taken = inFlight.stream()
                    .filter(line -> line.stock().equals(stock))
                    .mapToLong(Line::units)
                    .sum();
            existing.add(stock);
            arguments.add(state.seqs.get(i));
            arguments.add(String.valueOf(units - taken));
        }
        var corrected = redis.call(CounterScripts.CORRECT, keys.counters(existing), arguments);
        if (corrected == null) {
            return false;
        }
        corrected.forEach(this::count);
        return true;
    }

    private void count(Object correction) {
        switch ((String) correction) {
            case "changed" -> {}
            case "loaded" -> metrics.loaded(1);
            case String units -> metrics.drift(Math.abs(Long.parseLong(units)));
        }
    }

    /** Redis at one moment, by its own clock. */
    private record State(long seconds, List<Take> takes, List<String> seqs) {}

    private @Nullable State read(List<StockKey> stocks) {
        var answer = redis.call(CounterScripts.READ, keys.counters(stocks), List.of());
        if (answer == null) {
            return null;
        }
        var fields = (List<?>) answer.get(1);
        var takes = new ArrayList<Take>();
        for (int i = 0; i < fields.size(); i += 2) {
            takes.add(Take.parse((String) fields.get(i), (String) fields.get(i + 1)));
        }
        var seqs = answer.stream().skip(2).map(String.class::cast).toList();
        return new State(Long.parseLong((String) answer.getFirst()), takes, seqs);
    }

    @Override
    public void close() {
        closing = true;
        wake.release();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
