package dev.holdfast.storm;

import dev.holdfast.storm.Deal.Ended;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Buys over HTTP as intended: asks for a hold, perhaps asks again with the same key, then ends the hold. */
final class Buyer {

    /** The server's clock and ours: how far apart they may be. */
    static final Duration CLOCKS_APART_MAX = Duration.ofSeconds(2);

    private static final Ended NOTHING = new Ended.Nothing();

    private final Caller caller;
    private final Duration ttl;
    private final Tally tally;

    Buyer(Caller caller, Duration ttl, Tally tally) {
        this.caller = caller;
        this.ttl = ttl;
        this.tally = tally;
    }

    Deal buy(Intent intent) {
        var key = Uuid7.of(System.currentTimeMillis(), intent.keyHigh(), intent.keyLow());
        var request = Request.post("/v1/holds", key.toString(), Wire.hold(intent.cart(), ttl.toSeconds()));
        var told = ask(intent, request);
        boolean lost = intent.repeat() == Intent.Repeat.LOST;
        var deal = new Deal(intent, key, told, lost, NOTHING);
        var ended = deal.hold().map(hold -> end(intent, hold)).orElse(NOTHING);
        return new Deal(intent, key, told, lost, ended);
    }

    private List<Told> ask(Intent intent, Request request) {
        long askedAtNanos = System.nanoTime();
        if (intent.repeat() != Intent.Repeat.ONCE) {
            tally.duplicate();
        }
        return switch (intent.repeat()) {
            case ONCE -> List.of(first(intent, request, askedAtNanos));
            case AFTER -> List.of(first(intent, request, askedAtNanos), once(intent, request));
            case TOGETHER -> Twins.both(() -> first(intent, request, askedAtNanos), () -> once(intent, request));
            case LOST -> {
                caller.loseAnswer(request);
                yield List.of(first(intent, request, askedAtNanos));
            }
        };
    }

    private Told first(Intent intent, Request request, long askedAtNanos) {
        var told = once(intent, request);
        tally.told(told, System.nanoTime() - askedAtNanos);
        return told;
    }

    private Told once(Intent intent, Request request) {
        return switch (caller.call(request)) {
            case Caller.Reply.Unanswered u -> failed("hold unanswered", u.why());
            case Caller.Reply.Answered a -> {
                var answer = a.answer();
                if (answer.is(409, "insufficient-stock")) {
                    yield new Told.Refused(a.uncertain());
                }
                yield answer.status() == 201
                        ? placed(intent, answer, a.uncertain())
                        : failed("hold answered " + answer.brief(), answer.excerpt());
            }
        };
    }

    private Told placed(Intent intent, Answer answer, boolean uncertain) {
        try {
            var hold = Wire.hold(answer.body());
            // A replay may come so late that the hold is over: then it says so.
            boolean over = hold.state() == HoldSeen.State.EXPIRED
                    && answer.replayed()
                    && hold.lapsedBy(Instant.now().plus(CLOCKS_APART_MAX));
            if (hold.state() != HoldSeen.State.ACTIVE && !over) {
                return failed("hold acknowledged as " + hold.state(), answer.excerpt());
            }
            return hold.holds(intent.cart())
                    ? new Told.Placed(hold, answer.replayed(), uncertain)
                    : failed("hold acknowledged with other lines", answer.excerpt());
        } catch (Wire.Malformed e) {
            return failed("hold answered with a malformed body", e.why() + ": " + answer.excerpt());
        }
    }

    private Told failed(String kind, String sample) {
        tally.mishap(kind, sample);
        return new Told.Failed(kind + ": " + sample);
    }

    private Ended end(Intent intent, HoldSeen hold) {
        return switch (intent.ending()) {
            case ABANDON -> new Ended.Abandoned();
            case CONFIRM -> end(intent, hold, "confirm", null);
            case RELEASE -> end(intent, hold, "release", null);
            case EXTEND -> end(intent, hold, "extend", Wire.extension(ttl.toSeconds()));
        };
    }

    private Ended end(Intent intent, HoldSeen hold, String verb, @Nullable String body) {
        var key = Uuid7.of(System.currentTimeMillis(), ~intent.keyHigh(), ~intent.keyLow());
        var path = "/v1/holds/" + hold.id() + "/" + verb;
        return switch (caller.call(Request.post(path, key.toString(), body))) {
            case Caller.Reply.Unanswered u -> endFailed(verb + " unanswered", u.why());
            case Caller.Reply.Answered a -> ended(intent, hold, verb, a.answer());
        };
    }

    private Ended ended(Intent intent, HoldSeen hold, String verb, Answer answer) {
        if (answer.is(410, "hold-expired")) {
            return hold.lapsedBy(Instant.now().plus(CLOCKS_APART_MAX))
                    ? new Ended.Lapsed()
                    : endFailed(verb + " answered 410 before the hold's time", answer.excerpt());
        }
        if (answer.status() != 200) {
            return endFailed(verb + " answered " + answer.brief(), answer.excerpt());
        }
        try {
            var seen = Wire.hold(answer.body());
            var ended = switch (intent.ending()) {
                case CONFIRM -> new Ended.Confirmed(seen);
                case RELEASE -> new Ended.Released(seen);
                case EXTEND, ABANDON -> new Ended.Extended(seen);
            };
            boolean right =
                    seen.id().equals(hold.id()) && seen.sameContent(hold) && seen.state() == Accounts.toldState(ended);
            return right ? ended : endFailed(verb + " answered with another hold or state", answer.excerpt());
        } catch (Wire.Malformed e) {
            return endFailed(verb + " answered with a malformed body", e.why() + ": " + answer.excerpt());
        }
    }

    private Ended endFailed(String kind, String sample) {
        tally.mishap(kind, sample);
        return new Ended.Failed(kind + ": " + sample);
    }
}
