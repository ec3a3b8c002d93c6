package dev.holdfast.server.checkout;

import dev.holdfast.engine.StockEngine;
import dev.holdfast.server.api.Caller;
import dev.holdfast.server.cart.Carts;
import dev.holdfast.server.checkout.Checkout.CartAt;
import dev.holdfast.server.order.Orders;
import dev.holdfast.server.payment.PaymentGateway;
import dev.holdfast.server.sql.Together;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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
    private static final Logger LOG = LoggerFactory.getLogger(Driver.class);
    private static final Caller CALLER = Caller.server("checkout");

    private final CheckoutStore store;
    private final StockEngine engine;
    private final Carts carts;
    private final PaymentGateway payments;
    private final Orders orders;
    private final TransactionTemplate transaction;
    private final CheckoutProperties properties;
    private final Clock clock;
    private final LatePayments late;
    private final Watcher watcher;
    private final Together<Checkout, Boolean> completions =
            new Together<>(CheckoutStore.AT_ONCE_MAX, Comparator.comparing(Checkout::id), this::completeAll);

    Driver(
            CheckoutStore store,
            StockEngine engine,
            Carts carts,
            PaymentGateway payments,
            Orders orders,
            TransactionTemplate transaction,
            CheckoutProperties properties,
            Clock clock,
            LatePayments late,
            ObjectProvider<Watcher> watcher) {
        this.store = store;
        this.engine = engine;
        this.carts = carts;
        this.payments = payments;
        this.orders = orders;
        this.transaction = transaction;
        this.properties = properties;
        this.clock = clock;
        this.late = late;
        this.watcher = watcher.getIfAvailable(() -> Watcher.NONE);
    }

    /**
     * As far as it goes now.
     *
     * @return what it is then
     * @throws dev.holdfast.engine.EngineFailure if the engine does not answer; it is taken up again
     * @throws org.springframework.dao.DataAccessException if the database does not; the same
     */
    Checkout drive(Checkout checkout) {
        Step step = first(checkout);
        var at = new Effects(checkout, engine, carts, payments, clock);
        while (true) {
            watcher.before(at.checkout(), step);
            switch (step) {
                case ASK,
                        CONFIRM,
                        HOLD_AGAIN,
                        CAPTURE,
                        RELEASE,
                        VOID,
                        VOID_ALLOCATED,
                        REFUND_ALLOCATED,
                        DEALLOCATE,
                        REFUND -> {
                    Step next = decided(at, step.after(at.perform(step)));
                    if (next == Step.LATER
                            && step != Step.ASK
                            && Pace.isAlarming(checkout.tries())) { // a bank may take days to pay
                        LOG.error(
                                "Checkout {} has not come past {} for minutes; somebody has to look at it",
                                checkout.id(),
                                step);
                    }
                    step = next;
                }
                case ADOPT -> step = step.after(adopted(at));
                case COMPLETE -> {
                    return completed(at.checkout());
                }
                case END -> {
                    return ended(at.checkout(), at.end(), at.reason());
                }
                case LATER -> {
                    Checkout later = at.later();
                    return store.update(later, Pace.pause(later.tries())) ? later : read(later);
                }
                case STOP -> {
                    return read(at.checkout());
                }
                case WRITE -> throw new IllegalStateException("it is written before it is driven");
            }
        }
    }

    private static Step first(Checkout checkout) {
        if (checkout.state().isEnd()) {
            return Step.STOP;
        }
        if (checkout.isRefunding()) {
            return Step.VOID_ALLOCATED;
        }
        return checkout.isUndoing() ? Step.RELEASE : Step.ASK;
    }

    /** Turning back is written before anything is given back; who cannot write it has been overtaken. */
    private Step decided(Effects at, Step next) {
        Checkout checkout = at.checkout();
        boolean isWritten = switch (next) {
            case RELEASE -> checkout.isUndoing() || write(at, at.undoing());
            case REFUND_ALLOCATED -> checkout.isRefunding() || write(at, at.refunding());
            default -> true;
        };
        return isWritten ? next : Step.STOP;
    }

    private Step.Event adopted(Effects at) {
        if (write(at, at.heldAgain())) {
            return Step.Event.DONE;
        }
        at.forsake(read(at.checkout()));
        return Step.Event.OVERTAKEN;
    }

    private boolean write(Effects at, Checkout next) {
        if (!store.update(next, properties.takenUpAfter())) {
            return false;
        }
        at.written(next);
        return true;
    }

    private Checkout ended(Checkout checkout, State end, @Nullable String reason) {
        boolean isFirst = Boolean.TRUE.equals(transaction.execute(_ -> {
            boolean isEnded = store.end(checkout.id(), end, reason);
            if (isEnded) {
                late.keep(checkout, end);
            }
            return isEnded;
        }));
        if (isFirst) {
            late.ended(checkout, end);
        }
        return checkout.ended(end, reason);
    }

    private Checkout completed(Checkout checkout) {
        if (!completions.ask(checkout)) {
            return read(checkout);
        }
        late.ended(checkout, State.COMPLETED);
        return checkout.ended(State.COMPLETED, null);
    }

    /** Which of them are completed just now. Each is first ended: who has been overtaken by a refund places no order. */
    private List<Boolean> completeAll(List<Checkout> checkouts) {
        return transaction.execute(_ -> {
            store.waitBriefly();
            List<Boolean> first = store.completeAll(checkouts);
            List<Checkout> bought = IntStream.range(0, checkouts.size())
                    .filter(first::get)
                    .mapToObj(checkouts::get)
                    .toList();
            orders.placeAll(bought.stream().map(Checkout::order).toList(), CALLER);
            for (Checkout checkout : bought) {
                CartAt cart = checkout.cart();
                if (cart != null) {
                    carts.done(cart.id()); // once: by then its id may be another cart's
                }
                late.keep(checkout, State.COMPLETED);
            }
            return first;
        });
    }

    private Checkout read(Checkout checkout) {
        return store.find(checkout.id()).orElseThrow();
    }
}
