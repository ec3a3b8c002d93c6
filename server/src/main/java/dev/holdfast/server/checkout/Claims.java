package dev.holdfast.server.checkout;

import dev.holdfast.engine.Command.ExtendHold;
import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.Command.ReleaseHold;
import dev.holdfast.engine.Hold;
import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.engine.Line;
import dev.holdfast.engine.Outcome;
import dev.holdfast.engine.Sku;
import dev.holdfast.engine.StockEngine;
import dev.holdfast.server.api.ErrorCode;
import dev.holdfast.server.api.Money;
import dev.holdfast.server.api.Problem;
import dev.holdfast.server.api.Refusals;
import dev.holdfast.server.cart.Carts;
import dev.holdfast.server.cart.Carts.ReadyLine;
import dev.holdfast.server.catalog.ForSale;
import dev.holdfast.server.catalog.Prices;
import dev.holdfast.server.checkout.Checkout.CartAt;
import dev.holdfast.server.checkout.Checkout.Item;
import dev.holdfast.server.checkout.Goods.Lines;
import dev.holdfast.server.checkout.Goods.OfCart;
import dev.holdfast.server.checkout.Goods.OfHold;
import java.math.BigInteger;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Holds what somebody wants to buy, and says what it costs: all that comes before a checkout is written. Can be repeated. */
@Component
class Claims {
    sealed interface Claim {}

    /** These units are held until then, at these prices. */
    record Claimed(
            UUID holdId,
            Instant until,
            List<Item> items,
            Money total,
            @Nullable CartAt cart,
            @Nullable String channel) implements Claim {}

    /** No lines are held for it; a cart keeps what it holds. */
    record Refused(Problem problem) implements Claim {}

    /** The cart was changed at this moment: to be tried again. */
    record Overtaken() implements Claim {}

    private final StockEngine engine;
    private final ForSale forSale;
    private final Prices prices;
    private final Carts carts;
    private final Clock clock;
    private final Duration holdTtl;

    Claims(
            StockEngine engine,
            ForSale forSale,
            Prices prices,
            Carts carts,
            Clock clock,
            CheckoutProperties properties) {
        this.engine = engine;
        this.forSale = forSale;
        this.prices = prices;
        this.carts = carts;
        this.clock = clock;
        this.holdTtl = properties.holdTtl();
    }

    Claim claim(Wanted wanted) {
        return switch (wanted.goods()) {
            case Lines goods -> claim(wanted, goods);
            case OfHold hold -> claim(wanted, hold);
            case OfCart cart ->
                switch (carts.forCheckout(cart.id(), cart.version())) {
                    case Carts.NotReady no -> new Refused(no.problem());
                    case Carts.Ready ready -> claim(wanted, ready);
                };
        };
    }

    private Claim claim(Wanted wanted, Lines goods) {
        Map<Sku, Money> now =
                prices.of(goods.lines().stream().map(line -> line.stock().sku()).toList());
        Problem refusal = forSale.refusal(wanted.key(), goods.lines(), null);
        if (refusal == null) {
            refusal = unpriced(goods.lines(), now);
        }
        if (refusal != null) {
            return new Refused(refusal);
        }
        List<Item> items = goods.lines().stream()
                .map(line -> Item.of(line.stock(), line.units(), price(now, line)))
                .toList();
        BigInteger cost = cost(items);
        Problem unpayable = unpayable(cost, wanted);
        if (unpayable != null) {
            return new Refused(unpayable);
        }
        var total =
                new Money(cost.longValueExact(), now.values().iterator().next().currency());
        // Of the checkout's own scope: a hold that somebody placed by himself with the same key is not this one's.
        var key = new IdempotencyKey("checkout", wanted.key().id());
        var place = new PlaceHold(key, goods.lines(), holdTtl, goods.channel(), wanted.reference());
        return switch (engine.execute(place)) {
            case Outcome.Placed(var hold, var _) ->
                new Claimed(hold.id(), hold.expiresAt(), items, total, null, goods.channel());
            case Outcome.Insufficient no -> new Refused(Refusals.of(no));
            case Outcome.UnknownSku no -> new Refused(Refusals.of(no));
            case Outcome.KeyReused no -> new Refused(Refusals.of(no));
            case Outcome.Ended no -> throw new IllegalStateException("nothing was superseded: " + no);
        };
    }

    /** Whoever has released or confirmed a part of it has taken it apart: nobody can say what is left to be paid for. */
    private Claim claim(Wanted wanted, OfHold of) {
        Hold hold = engine.hold(of.id()).orElse(null);
        if (hold == null) {
            return new Refused(Problem.of(ErrorCode.UNKNOWN_HOLD, "No hold has the id " + of.id()));
        }
        if (hold.state() != Hold.State.ACTIVE) {
            return new Refused(Refusals.ended(hold));
        }
        if (!hold.parts().isEmpty()) {
            return new Refused(Problem.of(ErrorCode.NOT_HELD, "A part of it was confirmed or released"));
        }
        List<Line> goods = hold.lines().stream()
                .filter(line -> !prices.isRule(line.stock().sku()))
                .toList();
        Map<Sku, Money> now =
                prices.of(goods.stream().map(line -> line.stock().sku()).toList());
        Problem refusal = unpriced(goods, now);
        if (refusal != null) {
            return new Refused(refusal);
        }
        List<Item> items = goods.stream()
                .map(line -> Item.of(line.stock(), line.units(), price(now, line)))
                .toList();
        BigInteger cost = cost(items);
        Problem unpayable = unpayable(cost, wanted);
        if (unpayable != null) {
            return new Refused(unpayable);
        }
        var total =
                new Money(cost.longValueExact(), now.values().iterator().next().currency());
        Instant until = extended(hold.id(), hold.expiresAt());
        return until == null ? new Overtaken() : new Claimed(hold.id(), until, items, total, null, hold.channel());
    }

    private Claim claim(Wanted wanted, Carts.Ready cart) {
        List<ReadyLine> moved =
                cart.lines().stream().filter(ReadyLine::isPriceChanged).toList();
        if (!moved.isEmpty()) {
            return new Refused(priceChanged(moved));
        }
        List<Item> items = cart.lines().stream()
                .map(line -> Item.of(line.stock(), line.quantity().units(), line.unitPrice()))
                .toList();
        BigInteger cost = cost(items);
        Problem unpayable = unpayable(cost, wanted);
        if (unpayable != null) {
            return new Refused(unpayable);
        }
        var total = new Money(
                cost.longValueExact(), cart.lines().getFirst().unitPrice().currency());
        Instant until = extended(cart.holdId(), cart.heldUntil());
        return until == null
                ? new Overtaken()
                : new Claimed(
                        cart.holdId(), until, items, total, new CartAt(cart.cartId(), cart.version()), cart.channel());
    }

    /** Gives back what was held for lines under the key of a cart's checkout, which has a hold of its own: nobody would pay for them. */
    void forsake(Wanted wanted, Claimed claimed, Checkout known) {
        if (wanted.goods() instanceof Lines && known.cart() != null) {
            var _ = engine.execute(ReleaseHold.of(claimed.holdId()));
        }
    }

    /** So that there is time to pay: a bank that asks the buyer for a code gives him some minutes. Null: it is over. */
    private @Nullable Instant extended(UUID hold, Instant until) {
        if (until.isAfter(clock.instant().plus(holdTtl.dividedBy(2)))) {
            return until;
        }
        return switch (engine.execute(new ExtendHold(null, hold, holdTtl))) {
            case Outcome.Changed changed -> changed.hold().expiresAt();
            case Outcome.Ended _, Outcome.UnknownHold _ -> null;
            case Outcome.NotHeld no -> throw new IllegalStateException("no part was asked for: " + no);
            case Outcome.NotDue no -> throw new IllegalStateException("nothing was to expire: " + no);
            case Outcome.KeyReused no -> throw new IllegalStateException("there was no key: " + no);
        };
    }

    private static @Nullable Problem unpriced(List<Line> lines, Map<Sku, Money> prices) {
        List<String> without = lines.stream()
                .map(line -> line.stock().sku())
                .filter(sku -> !prices.containsKey(sku))
                .map(Sku::value)
                .distinct()
                .toList();
        return without.isEmpty() ? Refusals.mixedCurrencies(prices.values()) : Refusals.noPrice(without);
    }

    private static Money price(Map<Sku, Money> prices, Line line) {
        return Objects.requireNonNull(prices.get(line.stock().sku()));
    }

    private static BigInteger cost(List<Item> items) {
        return items.stream()
                .map(item -> BigInteger.valueOf(item.quantity()).multiply(BigInteger.valueOf(item.unitPriceMinor())))
                .reduce(BigInteger.ZERO, BigInteger::add);
    }

    /** Null if that can be paid, or costs nothing. */
    private static @Nullable Problem unpayable(BigInteger cost, Wanted wanted) {
        if (cost.compareTo(BigInteger.valueOf(Money.AMOUNT_MINOR_MAX)) > 0) {
            return Problem.invalid("lines", "must cost at most " + Money.AMOUNT_MINOR_MAX + " together");
        }
        return cost.signum() > 0 && wanted.method() == null ? Problem.invalid("payment", "is required") : null;
    }

    private static Problem priceChanged(List<ReadyLine> moved) {
        List<MovedLine> lines = moved.stream().map(MovedLine::of).toList();
        return Problem.of(
                        ErrorCode.PRICE_CHANGED,
                        "Prices have changed since they were put into the cart; set these lines again to accept them")
                .with("lines", lines);
    }

    private record MovedLine(
            String sku, String location, @Nullable Money priceWhenAdded, Money price) {
        static MovedLine of(ReadyLine line) {
            return new MovedLine(
                    line.stock().sku().value(),
                    line.stock().location().value(),
                    line.unitPriceWhenAdded(),
                    line.unitPrice());
        }
    }
}
