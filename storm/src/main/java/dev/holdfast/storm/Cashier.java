package dev.holdfast.storm;

import dev.holdfast.storm.Trip.Told;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/** Begins checkouts, and asks for each until it knows how it has ended. */
final class Cashier {

    static final String TOO_FEW = "insufficient-stock";

    /** The cart is bought, in another tab. */
    static final String BOUGHT = "checkout-completed";

    /** Sooner than a connection gives up on an answer. */
    private static final String PATIENTLY = "wait=5";

    private static final String HASTILY = "wait=0";

    private static final long LOOK_EVERY_MILLIS = 200;

    private final Caller caller;
    private final Duration endWithin;
    private final Tally tally;

    /** @param endWithin how long a checkout may take that is known to have begun: payments time out, servers are restarted */
    Cashier(Caller caller, Duration endWithin, Tally tally) {
        this.caller = caller;
        this.endWithin = endWithin;
        this.tally = tally;
    }

    /** Where the cart is being paid in another tab, again when that has ended. */
    Told ask(UUID key, String body) {
        var request = begin(key, body).with("Prefer", PATIENTLY);
        long deadlineNanos = System.nanoTime() + endWithin.toNanos();
        boolean uncertain = false;
        while (true) {
            var reply = caller.call(request);
            if (!(reply instanceof Caller.Reply.Answered(var answer, var mayHaveArrived))) {
                return told(key, reply);
            }
            uncertain |= mayHaveArrived;
            if (!answer.is(409, "checkout-running") || System.nanoTime() - deadlineNanos >= 0) {
                return told(key, new Caller.Reply.Answered(answer, uncertain));
            }
            pause();
        }
    }

    /** Sends it, and does not hear the answer. */
    void lose(UUID key, String body) {
        caller.loseAnswer(begin(key, body));
    }

    /** Waits for the first word only, which may be the last. Nothing: it is under way. */
    Optional<Told> askAndLeave(UUID key, String body) {
        var begun = caller.call(begin(key, body).with("Prefer", HASTILY));
        boolean isUnderWay = begun instanceof Caller.Reply.Answered(var answer, var _) && answer.status() == 202;
        return isUnderWay ? Optional.empty() : Optional.of(told(key, begun));
    }

    /** Does not wait for the end, but for the first word; then cancels. */
    Told askAndCancel(UUID key, String body) {
        var begun = caller.call(begin(key, body).with("Prefer", HASTILY));
        if (begun instanceof Caller.Reply.Answered(var answer, var _) && answer.status() == 202) {
            return cancel(key);
        }
        return told(key, begun);
    }

    /** Or too late, which is as good. */
    Told cancel(UUID key) {
        var reply = caller.call(Request.post(path(key) + "/cancel", key.toString(), null));
        boolean isCancelled = reply instanceof Caller.Reply.Answered(var answer, var _)
                && (answer.status() == 200 || answer.status() == 202 || answer.is(409, BOUGHT));
        return isCancelled ? end(key) : failed("cancel of a checkout failed", reply.brief());
    }

    /** Waits until it is, or the checkout has ended before. */
    boolean isBuyersTurn(UUID key) {
        return look(key, body -> CheckoutWire.isBuyersTurn(body) || CheckoutWire.isEnd(body))
                        instanceof Caller.Reply.Answered(var answer, var _)
                && CheckoutWire.isBuyersTurn(answer.body());
    }

    private static Request begin(UUID key, String body) {
        return Request.post("/v1/checkouts", key.toString(), body);
    }

    static String path(UUID key) {
        return "/v1/checkouts/" + key;
    }

    private Told told(UUID key, Caller.Reply reply) {
        return switch (reply) {
            case Caller.Reply.Unanswered u -> failed("checkout unanswered", u.why());
            case Caller.Reply.Answered(var answer, var uncertain) -> {
                if (answer.is(409, TOO_FEW) || answer.is(409, BOUGHT)) {
                    yield new Told.Refused(answer.code(), uncertain);
                }
                yield switch (answer.status()) {
                    case 201 -> seen(key, answer);
                    case 202 -> end(key);
                    default -> failed("checkout answered " + answer.brief(), answer.excerpt());
                };
            }
        };
    }

    /** As it was shown, or an error if that is no end. */
    private Told seen(UUID key, Answer answer) {
        try {
            var checkout = CheckoutWire.checkout(answer.body());
            if (!checkout.id().equals(key.toString())) {
                return failed("checkout answered with another one", answer.excerpt());
            }
            if (!checkout.isEnd()) {
                return failed("checkout has not ended", answer.excerpt());
            }
            return checkout.isPaid() ? new Told.Paid(checkout.totalMinor()) : new Told.Unpaid(checkout.state());
        } catch (Wire.Malformed e) {
            return failed("checkout answered with a malformed body", e.why() + ": " + answer.excerpt());
        }
    }

    /** How it has ended, when it has. */
    Told end(UUID key) {
        var reply = look(key, CheckoutWire::isEnd);
        return reply instanceof Caller.Reply.Answered(var answer, var _) && answer.status() == 200
                ? seen(key, answer)
                : failed("checkout that had begun is not shown", reply.brief());
    }

    /** Until it is as wanted, or is not shown, or the time for that is up. */
    private Caller.Reply look(UUID key, Predicate<JsonNode> isWanted) {
        long deadlineNanos = System.nanoTime() + endWithin.toNanos();
        while (true) {
            var reply = caller.call(Request.get(path(key)));
            boolean isLast = !(reply instanceof Caller.Reply.Answered(var answer, var _))
                    || answer.status() != 200
                    || isWanted.test(answer.body());
            if (isLast || System.nanoTime() - deadlineNanos >= 0) {
                return reply;
            }
            pause();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(LOOK_EVERY_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // whoever is asked next says so
        }
    }

    private Told failed(String kind, String sample) {
        tally.mishap(kind, sample);
        return new Told.Unknown(kind + ": " + sample);
    }
}
