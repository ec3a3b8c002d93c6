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
    private static final int CHANGED = 7;
    private static final int SENT_BACK = 8;
    private static final int SENT_BACK_TOO = 9;

    private final Caller caller;
    private final Cashier cashier;
    private final Latecomer latecomer;
    private final CheckoutPlan plan;
    private final Tally tally;

    /** @param desk of the shop: somebody there answers at once, however many stand in line */
    Shopper(Caller caller, Caller desk, CheckoutPlan plan, Tally tally) {
        var late = plan.scenario().late();
        this.caller = caller;
        this.cashier =
                new Cashier(caller, plan.scenario().timeout().multipliedBy(2).plus(late), tally);
        this.latecomer = new Latecomer(caller, desk, cashier, late, tally);
        this.plan = plan;
        this.tally = tally;
    }

    Trip go(Errand errand) {
        if (errand.kind() == Errand.Kind.LEAVE_HOLD) {
            leaveHold(errand);
            return Trip.of(errand);
        }
        long askedAtNanos = System.nanoTime();
        var cart = errand.isCart() ? filledCart(errand) : "";
        if (cart == null || errand.kind() == Errand.Kind.LEAVE_CART) {
            return Trip.of(errand);
        }
        var trip = errand.kind() == Errand.Kind.CHANGE_CART
                ? changeCart(errand, cart)
                : pay(
                        errand,
                        errand.isCart()
                                ? CheckoutWire.checkout(cart, errand.token(), buyer(errand))
                                : CheckoutWire.checkout(errand, buyer(errand)));
        trip.attempts().stream()
                .flatMap(attempt -> attempt.told().stream().limit(1))
                .forEach(told -> count(told, System.nanoTime() - askedAtNanos));
        return trip;
    }

    private Trip pay(Errand errand, String body) {
        var key = errand.newKey(CHECKOUT);
        return switch (errand.kind()) {
            case BUY, TRANSFER -> Trip.of(errand, once(errand, key, body));
            case BUY_AGAIN -> {
                tally.duplicate();
                yield Trip.of(errand, attempt(errand, key, List.of(ask(key, body), ask(key, body)), false));
            }
            case BUY_TOGETHER -> {
                tally.duplicate();
                var both = Twins.both(() -> ask(key, body), () -> ask(key, body));
                yield Trip.of(errand, attempt(errand, key, both, false));
            }
            case BUY_LOST -> {
                tally.duplicate();
                cashier.lose(key, body);
                yield Trip.of(errand, attempt(errand, key, List.of(ask(key, body)), true));
            }
            case BUY_IN_TWO_TABS -> {
                var other = errand.newKey(OTHER_TAB);
                var both = Twins.both(() -> once(errand, key, body), () -> once(errand, other, body));
                yield new Trip(errand, both, List.of());
            }
            case CANCEL_CHECKOUT ->
                Trip.of(errand, attempt(errand, key, List.of(cashier.askAndCancel(key, body)), false));
            case CANCEL_ORDER -> Trip.of(errand, cancelled(errand, once(errand, key, body)));
            case SHIP_ORDER -> Trip.of(errand, shipped(errand, once(errand, key, body)));
            case RETURN_PART -> Trip.of(errand, sentBack(errand, shipped(errand, once(errand, key, body))));
            case TRANSFER_LATE -> Trip.of(errand, latecomer.transfer(errand, key, body));
            case ACT -> Trip.of(errand, latecomer.act(errand, key, body));
            case ACT_LATE -> Trip.of(errand, latecomer.actLate(errand, key, body));
            case NEVER_ACT -> Trip.of(errand, latecomer.neverAct(errand, key, body));
            case LEAVE_CHECKOUT -> {
                var told = cashier.askAndLeave(key, body).map(List::of).orElse(List.of());
                yield Trip.of(errand, attempt(errand, key, told, false));
            }
            case CHANGE_CART, LEAVE_HOLD, LEAVE_CART, SELL, SELL_LOST, SELL_OFFLINE, SELL_AFTER_LEASE ->
                throw new IllegalStateException("nothing to pay: " + errand);
        };
    }

    private Trip changeCart(Errand errand, String cart) {
        var before = CheckoutWire.checkout(cart, errand.token(), buyer(errand));
        var changeKey = errand.newKey(CHANGED);
        var first = latecomer.changeCart(errand, errand.newKey(CHECKOUT), before, cart, changeKey);
        if (first.told().contains(new Told.Refused(Cashier.BOUGHT, false))) {
            return Trip.of(errand, first);
        }
        var units = first.then() == Then.REVOKED ? errand.otherUnits() : errand.units();
        var key = errand.newKey(OTHER_TAB);
        var told = ask(key, CheckoutWire.checkout(cart, "tok_approve", buyer(errand)));
        return Trip.of(errand, first, new Attempt(key, units, List.of(told), false, Then.NOTHING));
    }

    private Attempt once(Errand errand, UUID key, String body) {
        return attempt(errand, key, List.of(ask(key, body)), false);
    }

    private static Attempt attempt(Errand errand, UUID key, List<Told> told, boolean lost) {
        return new Attempt(key, errand.units(), told, lost, Then.NOTHING);
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

    /** Its id; null: it could not be filled. */
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
            case Caller.Reply.Answered(var answer, var _) when answer.status() == 200 -> id;
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

    private Attempt cancelled(Errand errand, Attempt attempt) {
        if (!attempt.isPaid()) {
            return attempt;
        }
        return isDone(attempt, "cancel", errand.newKey(AFTERWARDS), null) ? attempt.then(Then.CANCELLED) : attempt;
    }

    private Attempt shipped(Errand errand, Attempt attempt) {
        if (!attempt.isPaid()) {
            return attempt;
        }
        var reply = caller.call(afterwards(attempt, "ship", errand.newKey(AFTERWARDS), null));
        if (reply instanceof Caller.Reply.Answered(var answer, var _) && answer.is(409, Cashier.TOO_FEW)) {
            return attempt.then(Then.SHORT);
        }
        return isDone("ship", reply) ? attempt.then(Then.SHIPPED) : attempt;
    }

    /** In two requests, the second of which is sent twice. */
    private Attempt sentBack(Errand errand, Attempt attempt) {
        if (attempt.then() != Then.SHIPPED) {
            return attempt;
        }
        var sku = errand.skuSentBack();
        var restocked = CheckoutWire.sentBack(sku, Errand.RESTOCKED, true);
        if (!isDone(attempt, "return", errand.newKey(SENT_BACK), restocked)) {
            return attempt;
        }
        tally.duplicate();
        var key = errand.newKey(SENT_BACK_TOO);
        var writtenOff = CheckoutWire.sentBack(sku, Errand.WRITTEN_OFF, false);
        boolean isOnce = isDone(attempt, "return", key, writtenOff);
        return isDone(attempt, "return", key, writtenOff) && isOnce ? attempt.then(Then.RETURNED) : attempt;
    }

    private boolean isDone(Attempt attempt, String verb, UUID key, @Nullable String body) {
        return isDone(verb, caller.call(afterwards(attempt, verb, key, body)));
    }

    private boolean isDone(String verb, Caller.Reply reply) {
        boolean isDone = reply instanceof Caller.Reply.Answered(var answer, var _) && answer.status() == 200;
        if (!isDone) {
            tally.mishap(verb + " of a paid order failed", reply.brief());
        }
        return isDone;
    }

    private static Request afterwards(Attempt attempt, String verb, UUID key, @Nullable String body) {
        return Request.post("/v1/orders/" + attempt.key() + "/" + verb, key.toString(), body);
    }
}
