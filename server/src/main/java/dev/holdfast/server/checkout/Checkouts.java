package dev.holdfast.server.checkout;

import dev.holdfast.engine.EngineFailure;
import dev.holdfast.server.api.Caller;
import dev.holdfast.server.api.ErrorCode;
import dev.holdfast.server.api.Problem;
import dev.holdfast.server.api.Refusals;
import dev.holdfast.server.audit.Audit;
import dev.holdfast.server.checkout.Goods.Lines;
import dev.holdfast.server.checkout.Goods.OfCart;
import dev.holdfast.server.checkout.Goods.OfHold;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
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
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/** Begins checkouts and cancels them. What follows is the {@link Driver}'s, and nobody has to wait for it. */
@Component
class Checkouts implements AutoCloseable {
    sealed interface Answer {}

    record Known(Checkout checkout, boolean replayed) implements Answer {}

    record Refused(Problem problem) implements Answer {}

    private static final Logger LOG = LoggerFactory.getLogger(Checkouts.class);

    /** Who waits for what another driver does looks about this often: 20 reads a second. */
    private static final Duration LOOK_INTERVAL = Duration.ofMillis(50);

    /** Each but the last was overtaken by a change of the cart or the end of another checkout: four in a row are no coincidence. */
    private static final int TRIES = 5;

    private final CheckoutStore store;
    private final Driver driver;
    private final Claims claims;
    private final TransactionTemplate transaction;
    private final Audit audit;
    private final CheckoutProperties properties;
    private final Clock clock;
    private final Watcher watcher;
    private final ExecutorService drivers = Executors.newVirtualThreadPerTaskExecutor();

    Checkouts(
            CheckoutStore store,
            Driver driver,
            Claims claims,
            TransactionTemplate transaction,
            Audit audit,
            CheckoutProperties properties,
            Clock clock,
            ObjectProvider<Watcher> watcher) {
        this.store = store;
        this.driver = driver;
        this.claims = claims;
        this.transaction = transaction;
        this.audit = audit;
        this.properties = properties;
        this.clock = clock;
        this.watcher = watcher.getIfAvailable(() -> Watcher.NONE);
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
     * @param caller null if nobody says who he is
     */
    Answer begin(Wanted wanted, Duration wait, @Nullable Caller caller) {
        Instant until = clock.instant().plus(wait);
        for (int i = 0; i < TRIES; i++) {
            boolean isLookedFor = i > 0 || !(wanted.goods() instanceof Lines); // the hold of lines tells as well
            Checkout known = isLookedFor ? known(wanted) : null;
            if (known != null) {
                return answer(wanted, known, until);
            }
            switch (claims.claim(wanted)) {
                case Claims.Claimed claimed -> {
                    Checkout checkout = wanted.checkout(claimed, clock.instant().truncatedTo(ChronoUnit.MICROS));
                    watcher.before(checkout, Step.WRITE);
                    if (store.insert(checkout, properties.takenUpAfter(), caller)) {
                        return new Known(driven(checkout, until), false);
                    }
                    Checkout before = known(wanted);
                    if (before != null) {
                        claims.forsake(wanted, claimed, before);
                        return answer(wanted, before, until);
                    }
                }
                case Claims.Refused(var problem) -> {
                    boolean isNew = problem.code() == ErrorCode.INSUFFICIENT_STOCK; // who is known has his hold
                    Checkout before = isNew ? null : known(wanted);
                    return before == null ? new Refused(problem) : answer(wanted, before, until);
                }
                case Claims.Overtaken _ -> {}
            }
        }
        return new Refused(
                Problem.of(ErrorCode.OVERLOADED, "Many others are at this cart; nothing was done for this request"));
    }

    /** The one with this key; else the one that is under way with this cart or hold, or has bought it. */
    private @Nullable Checkout known(Wanted wanted) {
        UUID id = wanted.key().id();
        return switch (wanted.goods()) {
            case Lines _ -> store.find(id).orElse(null);
            case OfCart cart -> store.find(id, cart.id()).orElse(null);
            case OfHold hold -> store.findOfHold(id, hold.id()).orElse(null);
        };
    }

    private Answer answer(Wanted wanted, Checkout known, Instant until) {
        if (known.id().equals(wanted.key().id())) {
            return known.requestHash() == wanted.hash()
                    ? new Known(awaited(known, until), true)
                    : new Refused(Refusals.keyReused());
        }
        return new Refused(
                known.state() == State.COMPLETED
                        ? completed(known)
                        : Problem.of(
                                        ErrorCode.CHECKOUT_RUNNING,
                                        "Checkout " + known.id() + " of this is under way: wait for it, or cancel it")
                                .with("checkoutId", known.id()));
    }

    /** The "no" to whoever wants something else of it. */
    static Problem completed(Checkout checkout) {
        return Problem.of(ErrorCode.CHECKOUT_COMPLETED, "It is bought: see the order " + checkout.id())
                .with("orderId", checkout.id());
    }

    /**
     * Turns it back, unless it is bought already or has ended otherwise.
     *
     * @param caller who wants that
     * @return null if there is none
     */
    @Nullable
    Checkout cancel(UUID id, Duration wait, Caller caller) {
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
            if (cancelled(checkout, undoing, caller)) {
                return driven(undoing, until);
            }
        }
    }

    private boolean cancelled(Checkout checkout, Checkout undoing, Caller caller) {
        return Boolean.TRUE.equals(transaction.execute(_ -> {
            boolean isWritten = store.update(undoing, properties.takenUpAfter());
            if (isWritten) {
                var change = new Audit.Change(
                        "cancel",
                        "checkout/" + checkout.id(),
                        Map.of("state", checkout.state().name()),
                        Map.of("state", undoing.state().name()));
                audit.record(caller, clock.instant().truncatedTo(ChronoUnit.MICROS), List.of(change));
            }
            return isWritten;
        }));
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
