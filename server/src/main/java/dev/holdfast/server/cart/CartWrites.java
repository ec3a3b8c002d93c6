package dev.holdfast.server.cart;

import dev.holdfast.engine.Command.ReleaseHold;
import dev.holdfast.engine.Hold;
import dev.holdfast.engine.Line;
import dev.holdfast.engine.Outcome;
import dev.holdfast.engine.Sku;
import dev.holdfast.engine.StockEngine;
import dev.holdfast.server.api.Caller;
import dev.holdfast.server.api.Money;
import dev.holdfast.server.api.Problem;
import dev.holdfast.server.api.Refusals;
import dev.holdfast.server.audit.Audit;
import dev.holdfast.server.cart.Cart.Request;
import dev.holdfast.server.cart.CartAnswer.Refused;
import dev.holdfast.server.cart.CartAnswer.Seen;
import dev.holdfast.server.catalog.ForSale;
import dev.holdfast.server.catalog.Prices;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.DependsOn;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

import static dev.holdfast.engine.Hold.State.ACTIVE;
import static dev.holdfast.engine.Hold.State.CONFIRMED;
import static dev.holdfast.server.cart.CartProperties.When.ON_ADD;

/**
 * Changes of carts and of their holds. The engine decides first, in one command that ends the old hold and places the new one; then the
 * row is written, in one statement that finds the revision before or nothing.
 *
 * <p>The id of a hold comes from the revision that it is placed for, so of all who change the same revision one has it. Whoever crashes
 * between hold and row leaves a hold under the next revision's id, with the lines in it: the next change, or a look, finds it there
 * and writes the row.
 */
@Component
@DependsOn(CartSchema.NAME)
class CartWrites {
    /** Each try but the last lost against a write of somebody else: four in a row are no coincidence. */
    private static final int TRIES = 5;

    private final CartStore store;
    private final StockEngine engine;
    private final ForSale forSale;
    private final Prices prices;
    private final CartProperties properties;
    private final Carts.Sales sales;
    private final TransactionTemplate transaction;
    private final Audit audit;
    private final Clock clock;

    CartWrites(
            CartStore store,
            StockEngine engine,
            ForSale forSale,
            Prices prices,
            CartProperties properties,
            Carts.Sales sales,
            TransactionTemplate transaction,
            Audit audit,
            Clock clock) {
        this.store = store;
        this.engine = engine;
        this.forSale = forSale;
        this.prices = prices;
        this.properties = properties;
        this.sales = sales;
        this.transaction = transaction;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * An empty cart. Not by the id of one that was bought: nobody could buy it.
     *
     * @param caller null if nobody says who he is
     */
    CartAnswer create(UUID id, @Nullable String channel, @Nullable Caller caller) {
        boolean isNew = audited(caller, () -> {
            boolean inserted = store.insert(id, channel);
            if (sales.isSold(id)) { // asked afterwards, because the old cart may have been there until just now
                store.delete(id);
                return false;
            }
            if (inserted && caller != null) {
                record(caller, "create", id, Map.of(), Cart.fields(channel, List.of()));
            }
            return inserted;
        });
        Seen seen = look(id).orElse(null);
        if (seen == null) {
            return new Refused(CartRules.unknown(id));
        }
        if (!Objects.equals(seen.cart().channel(), channel)) {
            return new Refused(Refusals.keyReused());
        }
        return isNew ? seen : seen.again();
    }

    /**
     * Changes the lines.
     *
     * @param ifMatch the version it must have; null: any
     * @param request null: without a key
     * @param caller null if nobody says who he is
     */
    CartAnswer change(UUID id, Edit edit, @Nullable Long ifMatch, @Nullable Request request, @Nullable Caller caller) {
        for (int i = 0; i < TRIES; i++) {
            Cart cart = store.find(id).orElse(null);
            if (cart == null) {
                return new Refused(CartRules.unknown(id));
            }
            if (request != null && cart.wasChangedBy(request.keyId())) {
                return request.equals(cart.request())
                        ? look(id).<CartAnswer>map(Seen::again).orElseGet(() -> new Refused(CartRules.unknown(id)))
                        : new Refused(Refusals.keyReused());
            }
            Problem stale = CartRules.stale(cart, ifMatch);
            if (stale != null) {
                return new Refused(stale);
            }
            CartAnswer answer = write(cart, edit, request, properties.hold() == ON_ADD, caller);
            if (answer != null) {
                return answer;
            }
        }
        return new Refused(CartRules.busy());
    }

    /** Makes sure that it can be paid for and that its units are held: the hold it has, or another one. */
    CartAnswer hold(UUID id, @Nullable Long version) {
        for (int i = 0; i < TRIES; i++) {
            Seen seen = look(id).orElse(null);
            if (seen == null) {
                return new Refused(CartRules.unknown(id));
            }
            Problem stale = CartRules.stale(seen.cart(), version);
            Problem refusal = stale == null ? CartRules.payable(seen) : stale;
            if (refusal != null) {
                return new Refused(refusal);
            }
            if (seen.heldUntil() != null) {
                return seen;
            }
            Cart cart = seen.cart();
            Problem notForSale =
                    forSale.refusal(cart.lines().stream().map(CartLine::line).toList(), null);
            if (notForSale != null) {
                return new Refused(notForSale);
            }
            CartAnswer answer = write(cart, Edit.NONE, cart.request(), true, null);
            if (answer != null) {
                return answer;
            }
        }
        return new Refused(CartRules.busy());
    }

    /** The cart as it is, with what somebody had no time to write down; empty if there is none. */
    Optional<Seen> look(UUID id) {
        Cart cart = store.find(id).orElse(null);
        if (cart == null) {
            return Optional.empty();
        }
        Instant heldUntil = cart.heldUntil() == null
                ? null
                : engine.hold(cart.holdId()).map(CartWrites::liveUntil).orElse(null);
        if (heldUntil == null && writeDown(cart)) {
            return look(id); // each time round somebody has made another revision
        }
        return Optional.of(new Seen(cart, prices(cart, Edit.NONE), heldUntil, false));
    }

    /** Null: somebody else was faster, to be tried again. */
    private @Nullable CartAnswer write(
            Cart cart, Edit edit, @Nullable Request request, boolean isHeld, @Nullable Caller caller) {
        Map<Sku, Money> now = prices(cart, edit);
        List<CartLine> lines = edit.of(cart.lines(), now);
        Problem refusal = refusal(cart, edit, lines, now);
        if (refusal != null) {
            return new Refused(refusal);
        }
        Instant heldUntil = null;
        if (isHeld && !lines.isEmpty()) {
            switch (engine.execute(cart.place(lines, properties.holdTtl()))) {
                case Outcome.Placed placed -> heldUntil = placed.hold().expiresAt();
                case Outcome.Insufficient refused -> {
                    if (edit.removed().isEmpty()) {
                        return new Refused(Refusals.of(refused));
                    }
                    // The hold was over, and what is left does not fit either: taken out is taken out.
                }
                case Outcome.UnknownSku refused -> {
                    return new Refused(Refusals.of(refused));
                }
                case Outcome.Ended _ -> {
                    return new Refused(CartRules.bought(cart.id()));
                }
                case Outcome.KeyReused _ -> {
                    writeDown(cart);
                    return null;
                }
            }
        } else if (mayBeHeld(cart) && !release(cart.holdId())) {
            return new Refused(CartRules.bought(cart.id()));
        }
        Cart next = cart.next(lines, heldUntil, request);
        if (!update(cart, next, caller) && !isWrittenDown(next)) {
            return null;
        }
        if (heldUntil == null && mayBeHeld(cart)) {
            release(next.holdId()); // of a change that lost against this one, or was not written down
        }
        return new Seen(next, now, heldUntil, false);
    }

    private boolean update(Cart cart, Cart next, @Nullable Caller caller) {
        return audited(caller, () -> {
            boolean isWritten = store.update(next);
            if (isWritten && caller != null) {
                record(caller, "update", cart.id(), cart.fields(), next.fields());
            }
            return isWritten;
        });
    }

    /** One statement needs no transaction of its own. */
    private boolean audited(@Nullable Caller caller, BooleanSupplier write) {
        return caller == null
                ? write.getAsBoolean()
                : Boolean.TRUE.equals(transaction.execute(_ -> write.getAsBoolean()));
    }

    private void record(
            Caller caller,
            String action,
            UUID id,
            Map<String, ? extends @Nullable Object> before,
            Map<String, ? extends @Nullable Object> after) {
        var change = new Audit.Change(action, "cart/" + id, before, after);
        audit.record(caller, clock.instant().truncatedTo(ChronoUnit.MICROS), List.of(change));
    }

    private boolean mayBeHeld(Cart cart) {
        return cart.heldUntil() != null || properties.hold() == ON_ADD;
    }

    private @Nullable Problem refusal(Cart cart, Edit edit, List<CartLine> lines, Map<Sku, Money> now) {
        Problem tooLong = CartRules.tooLong(lines);
        if (tooLong != null || edit.named().isEmpty()) { // to take something out is always right
            return tooLong;
        }
        Problem mixed = CartRules.currencies(lines, now);
        return mixed == null ? forSale.refusal(cart.more(edit.named()), null) : mixed;
    }

    /** Gives the units back, if there are some; false if they are sold. */
    private boolean release(UUID holdId) {
        return !(engine.execute(ReleaseHold.of(holdId)) instanceof Outcome.Ended ended
                && ended.hold().state() == CONFIRMED);
    }

    /** Whether somebody else wrote down this very hold. If not, nobody will: it is given back. */
    private boolean isWrittenDown(Cart next) {
        if (next.heldUntil() == null) {
            return false;
        }
        Cart now = store.find(next.id()).orElse(null);
        if (now != null && now.revision() == next.revision() && now.heldUntil() != null) {
            return true;
        }
        release(next.holdId());
        return false;
    }

    /** Writes the row for the hold of the next revision, if there is one; then, written here or elsewhere, the row has changed. */
    private boolean writeDown(Cart cart) {
        Hold left = engine.hold(cart.nextHoldId()).orElse(null);
        if (left == null) {
            return false;
        }
        List<CartLine> lines = cart.priced(left.lines(), prices.of(skus(left.lines())));
        store.update(cart.next(lines, left.expiresAt(), null));
        return true;
    }

    private Map<Sku, Money> prices(Cart cart, Edit edit) {
        List<Line> lines = new ArrayList<>(edit.named());
        cart.lines().forEach(line -> lines.add(line.line()));
        return prices.of(skus(lines));
    }

    private static List<Sku> skus(List<Line> lines) {
        return lines.stream().map(line -> line.stock().sku()).toList();
    }

    private static @Nullable Instant liveUntil(Hold hold) {
        return hold.state() == ACTIVE ? hold.expiresAt() : null;
    }
}
