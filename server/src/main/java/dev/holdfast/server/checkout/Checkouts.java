package dev.holdfast.server.checkout;

import dev.holdfast.engine.Command;
import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.EngineFailure;
import dev.holdfast.engine.Hold;
import dev.holdfast.engine.Outcome;
import dev.holdfast.engine.Sku;
import dev.holdfast.engine.StockEngine;
import dev.holdfast.server.api.Money;
import dev.holdfast.server.api.Problem;
import dev.holdfast.server.api.Refusals;
import dev.holdfast.server.catalog.ForSale;
import dev.holdfast.server.catalog.Prices;
import dev.holdfast.server.checkout.CheckoutRequests.Wanted;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/** Begins checkouts and cancels them. What follows is the {@link Driver}'s, and nobody has to wait for it. */
@Component
class Checkouts implements AutoCloseable {
    sealed interface Answer {}

    record Known(Checkout checkout, boolean replayed) implements Answer {}

    record Refused(Problem problem) implements Answer {}

    private static final Logger LOG = LoggerFactory.getLogger(Checkouts.class);

    /** Who waits for what another driver does looks about this often: 20 reads a second. */
    private static final Duration LOOK_INTERVAL = Duration.ofMillis(50);

    private final CheckoutStore store;
    private final Driver driver;
    private final StockEngine engine;
    private final ForSale forSale;
    private final Prices prices;
    private final CheckoutProperties properties;
    private final Clock clock;
    private final ExecutorService drivers = Executors.newVirtualThreadPerTaskExecutor();

    Checkouts(
            CheckoutStore store,
            Driver driver,
            StockEngine engine,
            ForSale forSale,
            Prices prices,
            CheckoutProperties properties,
            Clock clock) {
        this.store = store;
        this.driver = driver;
        this.engine = engine;
        this.forSale = forSale;
        this.prices = prices;
        this.properties = properties;
        this.clock = clock;
    }

    @Override
    public void close() {
        drivers.shutdownNow(); // what they are at is taken up by somebody else
    }

    Optional<Checkout> find(UUID id) {
        return store.find(id);
    }

    /**
     * Holds the units, writes the checkout and goes as far as it can.
     *
     * @param wait for its end, at most
     */
    Answer begin(Wanted wanted, Duration wait) {
        Instant until = clock.instant().plus(wait);
        Map<Sku, Money> prices = this.prices.of(
                wanted.lines().stream().map(line -> line.stock().sku()).toList());
        Problem refusal = forSale.refusal(wanted.key(), wanted.lines(), null);
        if (refusal == null) {
            refusal = wanted.unpriced(prices);
        }
        if (refusal != null) {
            Problem unsold = refusal;
            return store.find(wanted.key().id())
                    .map(known -> known(wanted, known))
                    .orElseGet(() -> new Refused(unsold));
        }
        var hold =
                new PlaceHold(wanted.key(), wanted.lines(), Command.TTL_DEFAULT, wanted.channel(), wanted.reference());
        return switch (engine.execute(hold)) {
            case Outcome.Placed placed -> begin(wanted, placed.hold(), prices, until);
            case Outcome.Insufficient answer -> new Refused(Refusals.of(answer));
            case Outcome.UnknownSku answer -> new Refused(Refusals.of(answer));
            case Outcome.KeyReused answer -> new Refused(Refusals.of(answer));
            case Outcome.Ended answer -> throw new IllegalStateException("nothing was superseded: " + answer);
        };
    }

    private Answer begin(Wanted wanted, Hold hold, Map<Sku, Money> prices, Instant until) {
        Checkout checkout = wanted.checkout(hold, prices, clock.instant().truncatedTo(ChronoUnit.MICROS));
        if (store.insert(checkout, properties.takenUpAfter())) {
            return new Known(driven(checkout, until), false);
        }
        Answer known = known(wanted, store.find(checkout.id()).orElseThrow());
        return known instanceof Known(var other, var _) ? new Known(awaited(other, until), true) : known;
    }

    private static Answer known(Wanted wanted, Checkout known) {
        return known.requestHash() == wanted.hash() ? new Known(known, true) : new Refused(Refusals.keyReused());
    }

    /**
     * Turns it back, unless it is bought already or has ended otherwise.
     *
     * @return null if there is none
     */
    @Nullable
    Checkout cancel(UUID id, Duration wait) {
        Instant until = clock.instant().plus(wait);
        while (true) { // each round but the last gave way to a decision of somebody else, and there are few to be made
            Checkout checkout = store.find(id).orElse(null);
            if (checkout == null || checkout.state().isEnd()) {
                return checkout;
            }
            if (checkout.isUndoing()) {
                return awaited(checkout, until);
            }
            Checkout undoing = checkout.undoing(State.CANCELLED, "cancelled");
            if (store.update(undoing, properties.takenUpAfter())) {
                return driven(undoing, until);
            }
        }
    }

    /** On a thread of its own, so that it goes on when nobody waits any more. */
    private Checkout driven(Checkout checkout, Instant until) {
        var driving = CompletableFuture.supplyAsync(() -> driver.drive(checkout), drivers);
        Checkout seen = checkout;
        try {
            seen = driving.get(left(until).toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return store.find(checkout.id()).orElseThrow();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return seen;
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case EngineFailure failure -> LOG.debug("checkout {} goes on later", checkout.id(), failure);
                case DataAccessException failure -> LOG.debug("checkout {} goes on later", checkout.id(), failure);
                case TransactionException failure -> LOG.debug("checkout {} goes on later", checkout.id(), failure);
                case null, default -> LOG.error("Checkout {} cannot go on", checkout.id(), e);
            }
        }
        return awaited(seen, until);
    }

    /** What others have made of it by then; it does not wait for a buyer. */
    private Checkout awaited(Checkout checkout, Instant until) {
        Checkout seen = checkout;
        while (!seen.state().isEnd()
                && seen.state() != State.WAITING_FOR_BUYER
                && !left(until).isZero()) {
            try {
                Thread.sleep(LOOK_INTERVAL);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return seen;
            }
            seen = store.find(checkout.id()).orElseThrow();
        }
        return seen;
    }

    private Duration left(Instant until) {
        Duration left = Duration.between(clock.instant(), until);
        return left.isNegative() ? Duration.ZERO : left;
    }
}
