package dev.holdfast.storm;

import dev.holdfast.storm.Trip.Attempt;
import dev.holdfast.storm.Trip.Then;
import dev.holdfast.storm.Trip.Told;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Buys in a web shop or an app: with a cart or without, once or twice, and perhaps not after all. */
final class Shopper {

    /** Which key of an errand is whose. */
    private static final int CART = 1;

    private static final int LINES = 2;
    private static final int HOLD = 3;
    private static final int AFTERWARDS = 4;
    private static final int CHECKOUT = 5;
    private static final int OTHER_TAB = 6;

    private final Caller caller;
    private final Cashier cashier;
    private final CheckoutPlan plan;
    private final Tally tally;

    Shopper(Caller caller, CheckoutPlan plan, Tally tally) {
        this.caller = caller;
        this.cashier = new Cashier(caller, plan.scenario().timeout().multipliedBy(2), tally);
        this.plan = plan;
        this.tally = tally;
    }

    Trip go(Errand errand) {
        if (errand.kind() == Errand.Kind.LEAVE_HOLD) {
            leaveHold(errand);
            return Trip.of(errand);
        }
        long askedAtNanos = System.nanoTime();
        var body = errand.isCart() ? filledCart(errand) : CheckoutWire.checkout(errand, buyer(errand));
        if (body == null || errand.kind() == Errand.Kind.LEAVE_CART) {
            return Trip.of(errand);
        }
        var trip = pay(errand, body);
        trip.attempts().stream()
                .flatMap(attempt -> attempt.told().stream().limit(1))
                .forEach(told -> count(told, System.nanoTime() - askedAtNanos));
        return trip;
    }

    private Trip pay(Errand errand, String body) {
        var key = errand.newKey(CHECKOUT);
        return switch (errand.kind()) {
            case BUY -> Trip.of(errand, once(key, body));
            case BUY_AGAIN -> {
                tally.duplicate();
                yield Trip.of(errand, new Attempt(key, List.of(ask(key, body), ask(key, body)), false, Then.NOTHING));
            }
            case BUY_TOGETHER -> {
                tally.duplicate();
                var both = Twins.both(() -> ask(key, body), () -> ask(key, body));
                yield Trip.of(errand, new Attempt(key, both, false, Then.NOTHING));
            }
            case BUY_LOST -> {
                tally.duplicate();
                cashier.lose(key, body);
                yield Trip.of(errand, new Attempt(key, List.of(ask(key, body)), true, Then.NOTHING));
            }
            case BUY_IN_TWO_TABS -> {
                var other = errand.newKey(OTHER_TAB);
                var both = Twins.both(() -> once(key, body), () -> once(other, body));
                yield new Trip(errand, both, List.of());
            }
            case CANCEL_CHECKOUT ->
                Trip.of(errand, new Attempt(key, List.of(cashier.askAndCancel(key, body)), false, Then.NOTHING));
            case CANCEL_ORDER -> Trip.of(errand, then(errand, once(key, body), "cancel", Then.CANCELLED));
            case SHIP_ORDER -> Trip.of(errand, then(errand, once(key, body), "ship", Then.SHIPPED));
            case LEAVE_CHECKOUT -> {
                var told = cashier.askAndLeave(key, body).map(List::of).orElse(List.of());
                yield Trip.of(errand, new Attempt(key, told, false, Then.NOTHING));
            }
            case LEAVE_HOLD, LEAVE_CART, SELL, SELL_LOST, SELL_OFFLINE ->
                throw new IllegalStateException("nothing to pay: " + errand);
        };
    }

    private Attempt once(UUID key, String body) {
        return new Attempt(key, List.of(ask(key, body)), false, Then.NOTHING);
    }

    private Told ask(UUID key, String body) {
        return cashier.ask(key, body);
    }

    private void count(Told told, long nanos) {
        switch (told) {
            case Told.Paid _ -> tally.placed(nanos);
            case Told.Refused _ -> tally.refused(nanos);
            case Told.Unpaid _, Told.Unknown _ -> {}
        }
    }

    private String buyer(Errand errand) {
        return "storm-" + plan.runId() + "-" + errand.number();
    }

    /** How it is paid for; null: it could not be filled. */
    private @Nullable String filledCart(Errand errand) {
        long askedAtNanos = System.nanoTime();
        var created = caller.call(
                Request.post("/v1/carts", errand.newKey(CART).toString(), CheckoutWire.cart(errand.channel())));
        if (!(created instanceof Caller.Reply.Answered(var cart, var _)) || cart.status() != 201) {
            tally.mishap("cart not created", created.brief());
            return null;
        }
        var id = cart.body().path("id").asString("");
        var filled = caller.call(Request.put(
                "/v1/carts/" + id + "/lines", errand.newKey(LINES).toString(), CheckoutWire.lines(errand.units())));
        return switch (filled) {
            case Caller.Reply.Answered(var answer, var _)
            when answer.status() == 200 -> CheckoutWire.checkout(id, errand, buyer(errand));
            case Caller.Reply.Answered(var answer, var _)
            when answer.is(409, Cashier.TOO_FEW) -> {
                tally.refused(System.nanoTime() - askedAtNanos);
                yield null;
            }
            default -> {
                tally.mishap("cart not filled", filled.brief());
                yield null;
            }
        };
    }

    private void leaveHold(Errand errand) {
        long askedAtNanos = System.nanoTime();
        var body = CheckoutWire.hold(errand.units(), plan.scenario().ttl().toSeconds(), errand.channel());
        var reply = caller.call(Request.post("/v1/holds", errand.newKey(HOLD).toString(), body));
        if (reply instanceof Caller.Reply.Answered(var answer, var _) && answer.is(409, Cashier.TOO_FEW)) {
            tally.refused(System.nanoTime() - askedAtNanos);
        } else if (!(reply instanceof Caller.Reply.Answered(var placed, var _)) || placed.status() != 201) {
            tally.mishap("hold not placed", reply.brief());
        }
    }

    private Attempt then(Errand errand, Attempt attempt, String verb, Then then) {
        if (!attempt.isPaid()) {
            return attempt;
        }
        var path = "/v1/orders/" + attempt.key() + "/" + verb;
        var reply = caller.call(Request.post(path, errand.newKey(AFTERWARDS).toString(), null));
        if (reply instanceof Caller.Reply.Answered(var answer, var _) && answer.status() == 200) {
            return attempt.then(then);
        }
        tally.mishap(verb + " of a paid order failed", reply.brief());
        return attempt;
    }
}
