package dev.holdfast.storm;

import dev.holdfast.storm.Trip.Attempt;
import dev.holdfast.storm.Trip.Then;
import dev.holdfast.storm.Trip.Told;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Pays with money that takes its time, and lets happen meanwhile what may: the units are not held any more, the cart is changed. */
final class Latecomer {

    /** What became of changing a cart. */
    private enum Change {
        DONE,
        BOUGHT_BEFORE,
        NONE
    }

    private static final String HOLD_CONFIRMED = "hold-confirmed";

    private final Caller caller;
    private final Caller desk;
    private final Cashier cashier;
    private final Duration late;
    private final Tally tally;

    /** @param late how long after the beginning whoever is late comes */
    Latecomer(Caller caller, Caller desk, Cashier cashier, Duration late, Tally tally) {
        this.caller = caller;
        this.desk = desk;
        this.cashier = cashier;
        this.late = late;
        this.tally = tally;
    }

    /** The money comes by itself when its time has come; the units have gone by then. */
    Attempt transfer(Errand errand, UUID key, String body) {
        var told = cashier.askAndLeave(key, body);
        boolean isGivenBack = told.isEmpty() && !isOverInTime(key) && isGivenBack(key);
        return ended(errand, key, told, isGivenBack);
    }

    Attempt act(Errand errand, UUID key, String body) {
        var told = cashier.askAndLeave(key, body);
        if (told.isEmpty() && cashier.isBuyersTurn(key)) {
            authenticate(key);
        }
        return ended(errand, key, told, false);
    }

    Attempt actLate(Errand errand, UUID key, String body) {
        var told = cashier.askAndLeave(key, body);
        boolean isGivenBack = false;
        if (told.isEmpty() && cashier.isBuyersTurn(key)) {
            if (isOverInTime(key)) {
                pause(late);
            } else {
                isGivenBack = isGivenBack(key);
            }
            authenticate(key);
        }
        return ended(errand, key, told, isGivenBack);
    }

    /** Waits for the hold's deadline, or cancels where that is far away. */
    Attempt neverAct(Errand errand, UUID key, String body) {
        var told = cashier.askAndLeave(key, body);
        if (told.isEmpty() && cashier.isBuyersTurn(key) && !isOverInTime(key)) {
            told = Optional.of(cashier.cancel(key));
        }
        boolean isRefused = told.orElse(null) instanceof Told.Refused;
        return ended(errand, key, told, !isRefused);
    }

    /** Of the payment for what was in the cart before: revoked if it was changed; told {@link Cashier#BOUGHT} too if it was bought before. */
    Attempt changeCart(Errand errand, UUID key, String body, String cart, UUID changeKey) {
        var told = cashier.askAndLeave(key, body);
        var change = told.isEmpty() ? change(errand, cart, changeKey) : Change.NONE;
        if (told.isEmpty() && cashier.isBuyersTurn(key)) {
            authenticate(key);
        }
        var attempt = ended(errand, key, told, change == Change.DONE);
        return change == Change.BOUGHT_BEFORE ? attempt.told(new Told.Refused(Cashier.BOUGHT, false)) : attempt;
    }

    private Attempt ended(Errand errand, UUID key, Optional<Told> told, boolean isRevoked) {
        var end = told.orElseGet(() -> cashier.end(key));
        return new Attempt(key, errand.units(), List.of(end), false, isRevoked ? Then.REVOKED : Then.NOTHING);
    }

    /** None where there is too little of what is wanted instead. */
    private Change change(Errand errand, String cart, UUID changeKey) {
        var lines = CheckoutWire.lines(errand.otherUnits());
        var reply = caller.call(Request.put("/v1/carts/" + cart + "/lines", changeKey.toString(), lines));
        return switch (reply) {
            case Caller.Reply.Answered(var answer, var _) when answer.status() == 200 -> Change.DONE;
            case Caller.Reply.Answered(var answer, var _)
            when answer.is(409, HOLD_CONFIRMED) || answer.is(404, "unknown-cart") -> Change.BOUGHT_BEFORE;
            case Caller.Reply.Answered(var answer, var _) when answer.is(409, Cashier.TOO_FEW) -> Change.NONE;
            default -> {
                tally.mishap("cart not changed", reply.brief());
                yield Change.NONE;
            }
        };
    }

    /** Whether the units are not held any more, or by their deadline not when somebody comes late. */
    private boolean isOverInTime(UUID key) {
        var reply = desk.call(Request.get(Cashier.path(key)));
        if (!(reply instanceof Caller.Reply.Answered(var answer, var _)) || answer.status() != 200) {
            tally.mishap("checkout that had begun is not shown", reply.brief());
            return true;
        }
        try {
            var lateAt = Instant.now().plus(late);
            return CheckoutWire.heldUntil(answer.body())
                    .map(until -> until.isBefore(lateAt))
                    .orElse(true);
        } catch (Wire.Malformed e) {
            tally.mishap("checkout answered with a malformed body", e.why());
            return true;
        }
    }

    /** At the desk, by the id of the hold, which is the checkout's; not if it is bought or over by now. */
    private boolean isGivenBack(UUID key) {
        var reply = desk.call(Request.post("/v1/holds/" + key + "/release", null, null));
        return switch (reply) {
            case Caller.Reply.Answered(var answer, var _) when answer.status() == 200 -> true;
            case Caller.Reply.Answered(var answer, var _)
            when answer.is(409, HOLD_CONFIRMED) || answer.is(410, "hold-expired") -> false;
            default -> {
                tally.mishap("hold of a checkout not released", reply.brief());
                yield false;
            }
        };
    }

    private void authenticate(UUID key) {
        var reply = caller.call(Request.post("/v1/payments/sandbox/" + key + "/authentication", null, null));
        if (!(reply instanceof Caller.Reply.Answered(var answer, var _)) || answer.status() != 200) {
            tally.mishap("payment not authenticated", reply.brief());
        }
    }

    private static void pause(Duration duration) {
        try {
            Thread.sleep(duration);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // whoever is asked next says so
        }
    }
}
