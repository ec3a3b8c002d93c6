package dev.holdfast.server.catalog;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.engine.Line;
import dev.holdfast.engine.Sku;
import dev.holdfast.engine.Sourcing;
import dev.holdfast.engine.StockEngine;
import dev.holdfast.engine.StockKey;
import dev.holdfast.server.api.ErrorCode;
import dev.holdfast.server.api.Problem;
import dev.holdfast.server.cache.Changes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.DependsOn;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Which SKUs may be promised to somebody new: those of ACTIVE products, and unless {@link CatalogProperties#required()} those
 * that the catalogue does not know.
 *
 * <p>Answers from memory, a look into a hash table for each line: SKUs that are not for sale, or all where the catalogue is
 * required; about 100 bytes each. A change is seen on its own node with the answer to whoever made it, on other nodes within
 * {@link #POLL_INTERVAL} and one read: they look whether the counter in {@code catalogue_state} has grown, and if so read the
 * table again (50,000 SKUs: some 50 ms, beside the requests). The same look tells the caches whether they have missed a change. While the database cannot be read the last table stays;
 * nothing can be promised without it anyway. A hold that was on its way when its product was paused may still be placed.
 */
@Component
@DependsOn(CatalogueSchema.NAME)
public final class ForSale implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ForSale.class);

    /** Four small reads a second and node keep a stale answer well below a second. */
    private static final Duration POLL_INTERVAL = Duration.ofMillis(250);

    /** One statement, so that counter and SKUs are of one moment. A counter without SKUs is a row too. */
    private static final String LOAD = """
            SELECT s.version, k.sku, k.lifecycle
            FROM catalogue_state s LEFT JOIN (
                SELECT k.sku, p.lifecycle FROM product_sku k JOIN product p ON p.id = k.product_id
                WHERE ? OR p.lifecycle <> 'ACTIVE') k ON true
            """;

    private record State(long version, Map<Sku, Lifecycle> lifecycles) {}

    /** @param location null for a line without one */
    private record NotForSale(
            String sku,
            @Nullable String location,
            @Nullable Lifecycle lifecycle,
            @JsonIgnore boolean isOffered) {
        @Override
        public String toString() {
            return sku
                    + (isOffered
                            ? " is sold by calls of its own"
                            : lifecycle == null ? " is not in the catalogue" : " is " + lifecycle);
        }
    }

    private final StockEngine engine;
    private final JdbcTemplate database;
    private final LocationOrder locations;
    private final Changes changes;
    private final List<Offers> offers;
    private final boolean required;
    private final ReentrantLock refreshing = new ReentrantLock();
    private final ScheduledExecutorService poll = Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().daemon().name("holdfast-for-sale").unstarted(task));
    private volatile State state;

    ForSale(
            StockEngine engine,
            JdbcTemplate database,
            LocationOrder locations,
            CatalogProperties properties,
            Changes changes,
            List<Offers> offers) {
        this.changes = changes;
        this.offers = List.copyOf(offers);
        this.engine = engine;
        this.database = database;
        this.locations = locations;
        this.required = properties.required();
        this.state = load();
        var _ = poll.scheduleWithFixedDelay(
                this::look, POLL_INTERVAL.toNanos(), POLL_INTERVAL.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** The "no" to promising these lines, with a location and without, to somebody new; null if there is none. */
    public @Nullable Problem refusal(List<Line> lines, @Nullable Sourcing sourcing) {
        Map<Sku, Lifecycle> lifecycles = state.lifecycles;
        for (Line line : lines) {
            if (!isForSale(line.stock().sku(), lifecycles)) {
                return problem(lines, sourcing, lifecycles);
            }
        }
        return sourcing == null || sourcing.wanted().stream().allMatch(wanted -> isForSale(wanted.sku(), lifecycles))
                ? null
                : problem(lines, sourcing, lifecycles);
    }

    /** The same, but null for a key that a command was carried out with: it gets its first answer again. */
    public @Nullable Problem refusal(IdempotencyKey key, List<Line> lines, @Nullable Sourcing sourcing) {
        Problem refusal = refusal(lines, sourcing);
        return refusal == null || engine.used(List.of(key.id())).isEmpty() ? refusal : null;
    }

    /** The "no" to receiving a SKU that the catalogue does not know but should, whatever its lifecycle; null if there is none. */
    public @Nullable Problem refusal(IdempotencyKey key, Sku sku) {
        if (isOffered(sku)) {
            return Problem.of(ErrorCode.NOT_FOR_SALE, sku + " is brought into stock by calls of its own");
        }
        return !required
                        || state.lifecycles.containsKey(sku)
                        || !engine.used(List.of(key.id())).isEmpty()
                ? null
                : Problem.of(ErrorCode.UNKNOWN_PRODUCT, "No product has the SKU " + sku);
    }

    /** To be called by whoever changes what is kept here, last in his transaction: the row is locked from here to its end. */
    void countChange() {
        database.update("UPDATE catalogue_state SET version = version + 1");
    }

    /** Looks for changes now, so that whoever made one sees it on this node; if the database is away, the next look does. */
    void refresh() {
        try {
            var _ = read();
        } catch (DataAccessException e) {
            LOG.debug("a change was committed, and cannot be read now", e); // it is not to be told as failed
        }
    }

    /** How many changes of products there were, of whatever kind. */
    private long read() {
        refreshing.lock();
        try {
            long[] counters = Objects.requireNonNull(
                    database.queryForObject("SELECT version, edits FROM catalogue_state", (row, _) ->
                            new long[] {row.getLong(1), row.getLong(2)}));
            if (counters[0] != state.version) {
                state = load();
            }
            return counters[1];
        } finally {
            refreshing.unlock();
        }
    }

    @Override
    public void close() {
        poll.shutdownNow();
    }

    private void look() {
        try {
            changes.counted(
                    read()); // only here: two looks of its own are far enough apart for a message to come between them
        } catch (DataAccessException e) {
            LOG.debug("the catalogue cannot be read now", e); // the engine says it loudly
        } catch (RuntimeException e) {
            LOG.error("What is for sale could not be read; the last table stays", e);
        }
    }

    private State load() {
        Map<Sku, Lifecycle> lifecycles = new HashMap<>();
        long[] version = new long[1];
        database.query(
                LOAD,
                row -> {
                    version[0] = row.getLong(1);
                    if (row.getString(2) != null) {
                        lifecycles.put(new Sku(row.getString(2)), Lifecycle.valueOf(row.getString(3)));
                    }
                },
                required);
        locations.read(); // after the counter: what changes in between is counted, and read again
        return new State(version[0], lifecycles);
    }

    private boolean isForSale(Sku sku, Map<Sku, Lifecycle> lifecycles) {
        Lifecycle lifecycle = lifecycles.get(sku);
        return lifecycle == null ? !required && !isOffered(sku) : lifecycle == Lifecycle.ACTIVE;
    }

    private boolean isOffered(Sku sku) {
        for (Offers offer : offers) { // of every line of every hold
            if (offer.has(sku)) {
                return true;
            }
        }
        return false;
    }

    private Problem problem(List<Line> lines, @Nullable Sourcing sourcing, Map<Sku, Lifecycle> lifecycles) {
        List<NotForSale> refused = new ArrayList<>();
        for (Line line : lines) {
            StockKey stock = line.stock();
            if (!isForSale(stock.sku(), lifecycles)) {
                refused.add(new NotForSale(
                        stock.sku().value(),
                        stock.location().value(),
                        lifecycles.get(stock.sku()),
                        isOffered(stock.sku())));
            }
        }
        if (sourcing != null) {
            for (Sourcing.Wanted wanted : sourcing.wanted()) {
                if (!isForSale(wanted.sku(), lifecycles)) {
                    refused.add(new NotForSale(
                            wanted.sku().value(), null, lifecycles.get(wanted.sku()), isOffered(wanted.sku())));
                }
            }
        }
        String detail = refused.stream().map(NotForSale::toString).collect(Collectors.joining("; "));
        return Problem.of(ErrorCode.NOT_FOR_SALE, detail).with("lines", refused);
    }
}
