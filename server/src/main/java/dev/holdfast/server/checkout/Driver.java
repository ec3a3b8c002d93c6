package dev.holdfast.server.checkout;

import dev.holdfast.engine.StockEngine;
import dev.holdfast.server.api.Caller;
import dev.holdfast.server.order.Orders;
import dev.holdfast.server.payment.PaymentGateway;
import dev.holdfast.server.sql.Together;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.DependsOn;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Takes a checkout as far as it goes, step by step as {@link Step} says.
 *
 * <p>Any number of drivers may be at one checkout, and any of them may die anywhere. Each effect has a key that comes from the
 * checkout's id, and happens once. The one decision, whether it is bought, is the engine's: a hold ends once. It is confirmed before
 * money is taken, and over without that before money is let go; so what one driver takes, no other one lets go. What else is decided
 * is written about the version that was read.
 */
@Component
@DependsOn(CheckoutSchema.NAME)
class Driver {
    private static final Caller CALLER = Caller.server("checkout");

    /** 0.25 s, 0.5 s, … 8 s: a provider that is down for a minute is asked ten times. */
    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);

    private static final int DOUBLINGS_MAX = 5;

    private final CheckoutStore store;
    private final StockEngine engine;
    private final PaymentGateway payments;
    private final Orders orders;
    private final TransactionTemplate transaction;
    private final CheckoutProperties properties;
    private final Clock clock;
    private final Watcher watcher;
    private final Together<Checkout, Checkout> completions = new Together<>(64, this::completeAll);

    Driver(
            CheckoutStore store,
            StockEngine engine,
            PaymentGateway payments,
            Orders orders,
            TransactionTemplate transaction,
            CheckoutProperties properties,
            Clock clock,
            ObjectProvider<Watcher> watcher) {
        this.store = store;
        this.engine = engine;
        this.payments = payments;
        this.orders = orders;
        this.transaction = transaction;
        this.properties = properties;
        this.clock = clock;
        this.watcher = watcher.getIfAvailable(() -> (_, _) -> {});
    }

    /**
     * As far as it goes now.
     *
     * @return what it is then
     * @throws dev.holdfast.engine.EngineFailure if the engine does not answer; it is taken up again
     * @throws org.springframework.dao.DataAccessException if the database does not; the same
     */
    Checkout drive(Checkout checkout) {
        Step step = checkout.state().isEnd() ? Step.STOP : checkout.isUndoing() ? Step.RELEASE : Step.ASK;
        var at = new Effects(checkout, engine, payments, clock);
        while (true) {
            watcher.before(at.checkout(), step);
            switch (step) {
                case ASK, CONFIRM, CAPTURE, RELEASE, VOID, VOID_ALLOCATED, DEALLOCATE ->
                    step = decided(at, step.after(at.perform(step)));
                case HOLD_AGAIN -> {
                    Step.Event event = at.perform(step);
                    step = event == Step.Event.HELD && !write(at, at.heldAgain())
                            ? Step.STOP
                            : decided(at, step.after(event));
                }
                case COMPLETE -> {
                    return completed(at.checkout());
                }
                case END -> {
                    store.end(at.checkout().id(), at.end(), at.reason());
                    return at.checkout().ended(at.end(), at.reason());
                }
                case LATER -> {
                    Checkout later = at.later();
                    return store.update(later, pause(later)) ? later : read(later);
                }
                case STOP -> {
                    return read(at.checkout());
                }
            }
        }
    }

    /** Turning back is written before anything is given back; who cannot write it has been overtaken. */
    private Step decided(Effects at, Step next) {
        return next != Step.RELEASE || at.checkout().isUndoing() || write(at, at.undoing()) ? next : Step.STOP;
    }

    private boolean write(Effects at, Checkout next) {
        if (!store.update(next, properties.takenUpAfter())) {
            return false;
        }
        at.written(next);
        return true;
    }

    private Checkout completed(Checkout checkout) {
        return completions.ask(checkout);
    }

    private List<Checkout> completeAll(List<Checkout> checkouts) {
        transaction.executeWithoutResult(_ -> {
            orders.placeAll(checkouts.stream().map(Checkout::order).toList(), CALLER);
            store.endAll(checkouts.stream().map(Checkout::id).toList(), State.COMPLETED);
        });
        return checkouts.stream()
                .map(checkout -> checkout.ended(State.COMPLETED, null))
                .toList();
    }

    private Checkout read(Checkout checkout) {
        return store.find(checkout.id()).orElseThrow();
    }

    private static Duration pause(Checkout checkout) {
        return FIRST_PAUSE.multipliedBy(1L << Math.min(checkout.tries(), DOUBLINGS_MAX));
    }
}
