package dev.holdfast.server.checkout;

import dev.holdfast.engine.Command;
import dev.holdfast.engine.Command.ConfirmHold;
import dev.holdfast.engine.Command.Deallocate;
import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.Command.ReleaseHold;
import dev.holdfast.engine.Hold;
import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.engine.Line;
import dev.holdfast.engine.Outcome;
import dev.holdfast.engine.StockEngine;
import dev.holdfast.server.cart.Carts;
import dev.holdfast.server.checkout.Checkout.CartAt;
import dev.holdfast.server.checkout.Step.Event;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What one driver does to the units of one checkout. */
final class Units {
    private final Effects effects;
    private final StockEngine engine;
    private final Carts carts;
    private final Clock clock;
    private @Nullable Checkout heldAgain;

    Units(Effects effects, StockEngine engine, Carts carts, Clock clock) {
        this.effects = effects;
        this.engine = engine;
        this.carts = carts;
        this.clock = clock;
    }

    /** As {@link #holdAgain} has made it. */
    Checkout heldAgain() {
        return Objects.requireNonNull(heldAgain);
    }

    Event confirm() {
        Checkout checkout = effects.checkout();
        return switch (engine.execute(ConfirmHold.of(checkout.holdId()))) {
            case Outcome.Changed changed -> confirmed(changed.hold());
            case Outcome.Ended ended ->
                switch (ended.hold().state()) {
                    case CONFIRMED -> confirmed(ended.hold());
                    case RELEASED ->
                        effects.fails(
                                State.CANCELLED,
                                checkout.cart() == null ? "hold-released" : "cart-changed",
                                Event.HOLD_OVER);
                    case EXPIRED -> checkout.heldAgain() ? tooLate() : Event.HOLD_EXPIRED;
                    case ACTIVE -> throw new IllegalStateException("a live hold has not ended: " + ended);
                };
            case Outcome.UnknownHold _ -> tooLate();
            case Outcome.NotHeld answer -> throw unforeseen(answer);
            case Outcome.NotDue answer -> throw unforeseen(answer);
            case Outcome.KeyReused answer -> throw unforeseen(answer);
        };
    }

    /** Not all of it, if somebody has released or confirmed a part by the hold's id: then it is not what is paid for. */
    private Event confirmed(Hold hold) {
        for (int i = 0; i < hold.lines().size(); i++) {
            if (hold.part(i).confirmed() < hold.lines().get(i).units()) {
                return effects.fails(State.CANCELLED, "hold-released", Event.UNPAID);
            }
        }
        return Event.CONFIRMED;
    }

    private Event tooLate() {
        return effects.fails(State.EXPIRED, "payment-too-late", Event.HOLD_OVER);
    }

    Event holdAgain() {
        CartAt cart = effects.checkout().cart();
        return cart == null ? holdLinesAgain() : holdCartAgain(cart);
    }

    private Event holdLinesAgain() {
        Checkout checkout = effects.checkout();
        var again = new PlaceHold(
                secondKey(), lines(checkout), Command.TTL_DEFAULT, checkout.channel(), checkout.reference());
        return switch (engine.execute(again)) {
            case Outcome.Placed(var hold, var _) -> held(hold.id(), hold.expiresAt());
            case Outcome.Insufficient _, Outcome.UnknownSku _ ->
                effects.fails(State.EXPIRED, "sold-out", Event.SOLD_OUT);
            case Outcome.Ended answer -> throw unforeseen(answer);
            case Outcome.KeyReused answer -> throw unforeseen(answer);
        };
    }

    /** Those of its hold, the rules of the sale among them; only its goods if it is so long ago that the hold is forgotten. */
    private List<Line> lines(Checkout checkout) {
        return engine.hold(checkout.holdId()).map(Hold::lines).orElseGet(checkout::stocks);
    }

    /** The cart's hold, if these are its lines still: what the buyer has changed meanwhile is not what he is paying for. */
    private Event holdCartAgain(CartAt cart) {
        return switch (carts.forCheckout(cart.id(), cart.version())) {
            case Carts.Ready ready -> held(ready.holdId(), ready.heldUntil());
            case Carts.NotReady(var problem) ->
                switch (problem.code()) {
                    case VERSION_CHANGED, UNKNOWN_CART ->
                        effects.fails(State.CANCELLED, "cart-changed", Event.SOLD_OUT);
                    case OVERLOADED -> Event.UNCLEAR; // others were at the cart: the same again later
                    case INSUFFICIENT_STOCK -> effects.fails(State.EXPIRED, "sold-out", Event.SOLD_OUT);
                    default -> effects.fails(State.EXPIRED, problem.code().code(), Event.SOLD_OUT);
                };
        };
    }

    private Event held(UUID hold, Instant until) {
        heldAgain = effects.checkout().heldBy(hold, until);
        return Event.HELD;
    }

    Event release() {
        Checkout checkout = effects.checkout();
        Event event = released(checkout.holdId());
        boolean mayBeLeft = !checkout.heldAgain() && checkout.holdUntil().isBefore(clock.instant());
        if (event == Event.HOLD_OVER && mayBeLeft && checkout.cart() == null) {
            var _ = released(secondKey().id()); // a driver may have died between placing it and writing that it did
        }
        return event;
    }

    /** Gives back what {@link #holdAgain} held, unless it is the row's; a cart's is the cart's own. */
    void forsake(Checkout written) {
        UUID second = heldAgain().holdId();
        if (written.cart() == null && !written.holdId().equals(second)) {
            var _ = released(second);
        }
    }

    private Event released(UUID holdId) {
        return switch (engine.execute(ReleaseHold.of(holdId))) {
            case Outcome.Changed changed -> released(changed.hold());
            case Outcome.Ended ended -> released(ended.hold());
            case Outcome.UnknownHold _ -> Event.HOLD_OVER;
            case Outcome.NotHeld answer -> throw unforeseen(answer);
            case Outcome.NotDue answer -> throw unforeseen(answer);
            case Outcome.KeyReused answer -> throw unforeseen(answer);
        };
    }

    /** Of a hold that has ended. */
    private Event released(Hold hold) {
        return hold.state() == Hold.State.CONFIRMED ? confirmed(hold) : Event.HOLD_OVER;
    }

    /** All that is allocated still: if it was done before, nothing. */
    Event deallocate() {
        Checkout checkout = effects.checkout();
        List<Line> allocated =
                engine.hold(checkout.holdId()).map(Units::allocated).orElse(List.of());
        if (!allocated.isEmpty()) {
            var key = IdempotencyKey.of("checkout", checkout.id() + "/deallocate");
            switch (engine.execute(new Deallocate(key, checkout.holdId(), allocated))) {
                case Outcome.Moved _, Outcome.NotAllocated _ -> {} // by this driver or by another one
                case Outcome.Stock answer -> throw unforeseen(answer);
            }
        }
        if (checkout.cart() != null) {
            carts.notBought(checkout.cart().id(), checkout.holdId());
        }
        return Event.DONE;
    }

    private static List<Line> allocated(Hold hold) {
        return IntStream.range(0, hold.lines().size())
                .filter(i -> hold.part(i).confirmed() > hold.part(i).shipped())
                .mapToObj(i -> new Line(
                        hold.lines().get(i).stock(),
                        hold.part(i).confirmed() - hold.part(i).shipped()))
                .toList();
    }

    private IdempotencyKey secondKey() {
        return IdempotencyKey.of("checkout", effects.checkout().id() + "/again");
    }

    private IllegalStateException unforeseen(Outcome answer) {
        return new IllegalStateException("checkout " + effects.checkout().id() + " cannot be answered with " + answer);
    }
}
