package dev.holdfast.server.ticketing;

import dev.holdfast.engine.Actor;
import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.Hold;
import dev.holdfast.engine.Line;
import dev.holdfast.engine.Outcome;
import dev.holdfast.engine.StockEngine;
import dev.holdfast.engine.StockKey;
import dev.holdfast.server.api.ErrorCode;
import dev.holdfast.server.api.Problem;
import dev.holdfast.server.api.Refusals;
import dev.holdfast.server.seating.OrphanRule;
import dev.holdfast.server.ticketing.Event.Presale;
import dev.holdfast.server.ticketing.LiveMaps.Live;
import dev.holdfast.server.ticketing.SeatRequest.Best;
import dev.holdfast.server.ticketing.SeatRequest.Chosen;
import dev.holdfast.server.ticketing.SeatRequest.InArea;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Holds seats: chooses them from what this node knows, and lets the engine decide. Whoever asked for the best there are and lost a race is
 * given others, a few times; whoever asked for seats by name is told which have gone.
 */
@Component
class SeatHolds {
    sealed interface Answer {}

    record Placed(Hold hold, boolean replayed) implements Answer {}

    record Refused(Problem problem) implements Answer {}

    /** Lost races in a row: each but the first chooses from what the last one has taught. */
    private static final int TRIES = 6;

    private final StockEngine engine;
    private final Stocking stocking;
    private final Clock clock;
    private final Counter choices;
    private final Counter lostRaces;

    SeatHolds(StockEngine engine, Stocking stocking, Clock clock, MeterRegistry meters) {
        this.engine = engine;
        this.stocking = stocking;
        this.clock = clock;
        choices = Counter.builder("holdfast.seats.chosen")
                .description("Choices of best available seats")
                .register(meters);
        lostRaces = Counter.builder("holdfast.seats.lost")
                .description("Choices of best available seats that somebody else was faster with")
                .register(meters);
    }

    Answer place(Live live, SeatRequest request, @Nullable Actor actor) {
        Event event = live.event();
        Problem refusal = refusal(event, request);
        if (refusal != null) {
            return before(event, request).orElse(new Refused(refusal));
        }
        return switch (request.wish()) {
            case Chosen chosen -> chosen(live, request, chosen, actor);
            case Best best -> best(live, request, best, actor);
            case InArea area -> inArea(live, request, area, actor);
        };
    }

    /** What the rules of the sale say that need no stock. */
    private @Nullable Problem refusal(Event event, SeatRequest request) {
        var rules = event.about().rules();
        if (!event.isOnSale(clock.instant())) {
            Instant from = event.about().onSaleFrom();
            Problem no = Problem.of(ErrorCode.NOT_ON_SALE, event.about().name() + " is not on sale now")
                    .with("onSaleUntil", event.saleEnd());
            return from == null ? no : no.with("onSaleFrom", from);
        }
        if (request.wish().count() < rules.seatsMin()) {
            return Problem.of(ErrorCode.SALE_RULE, "Groups have at least " + rules.seatsMin() + " places")
                    .with("rule", "seatsMin")
                    .with("seatsMin", rules.seatsMin());
        }
        if (rules.seatsPerBuyerMax() != null && request.buyer() == null) {
            return Problem.of(ErrorCode.SALE_RULE, "There are so many places for each buyer: say who it is")
                    .with("rule", "buyer");
        }
        Presale presale = event.presale(clock.instant());
        if (presale != null && (request.code() == null || !presale.codes().containsKey(request.code()))) {
            return badCode();
        }
        return null;
    }

    private static Problem badCode() {
        return Problem.of(ErrorCode.SALE_RULE, "It needs a presale code that is good for so many places")
                .with("rule", "code");
    }

    private Answer chosen(Live live, SeatRequest request, Chosen chosen, @Nullable Actor actor) {
        LiveMap map = live.map();
        List<String> unknown = chosen.labels().stream()
                .filter(label -> map.plan.index(label).isEmpty())
                .toList();
        if (!unknown.isEmpty()) {
            return new Refused(
                    Problem.of(ErrorCode.UNKNOWN_SEAT, "There are no such seats: " + String.join(", ", unknown))
                            .with("seats", unknown));
        }
        int[] seats = chosen.labels().stream()
                .mapToInt(label -> map.plan.index(label).getAsInt())
                .toArray();
        if (live.event().about().rules().orphans() == OrphanRule.REFUSE) {
            List<String> orphans = map.orphans(seats, request.channel());
            if (!orphans.isEmpty()) {
                return before(live.event(), request)
                        .orElse(new Refused(Problem.of(
                                        ErrorCode.ORPHAN_SEATS,
                                        "This would leave over " + String.join(", ", orphans) + ", which nobody wants")
                                .with("seats", orphans)));
            }
        }
        map.keep(seats);
        try {
            return switch (placed(live.event(), request, chosen.labels(), 1, actor)) {
                case Outcome.Placed(var hold, var replayed) -> new Placed(hold, replayed);
                case Outcome.Insufficient no -> new Refused(tooFew(live.event(), request, no));
                case Outcome.Place no -> other(live.event(), request, no);
            };
        } finally {
            map.letGo(seats);
        }
    }

    private Answer best(Live live, SeatRequest request, Best best, @Nullable Actor actor) {
        LiveMap map = live.map();
        OrphanRule orphans = live.event().about().rules().orphans();
        for (int i = 0; i < TRIES; i++) {
            // Whoever has lost a race goes another way than the others who have.
            long spread = i == 0 ? 0 : request.key().id().hashCode() * 31L + i;
            int[] seats = map.choose(best.wanted(), orphans, request.channel(), spread)
                    .orElse(null);
            if (seats == null) {
                return before(live.event(), request)
                        .orElse(new Refused(Problem.of(
                                ErrorCode.NO_SEATS, "There are no " + best.count() + " such seats together any more")));
            }
            choices.increment();
            try {
                switch (placed(live.event(), request, map.labels(seats), 1, actor)) {
                    case Outcome.Placed(var hold, var replayed) -> {
                        return new Placed(hold, replayed);
                    }
                    case Outcome.Insufficient no -> {
                        if (rule(live.event(), no) != null) {
                            return new Refused(tooFew(live.event(), request, no));
                        }
                        lostRaces.increment();
                        no.shortages().forEach(shortage -> relearn(live, shortage.stock()));
                    }
                    case Outcome.Place no -> {
                        return other(live.event(), request, no);
                    }
                }
            } finally {
                map.letGo(seats);
            }
        }
        return new Refused(Problem.of(ErrorCode.OVERLOADED, "Others were faster each time; nothing is held"));
    }

    private Answer inArea(Live live, SeatRequest request, InArea wish, @Nullable Actor actor) {
        if (live.map().area(wish.area()).isEmpty()) {
            return new Refused(Problem.of(ErrorCode.UNKNOWN_SEAT, "There is no area " + wish.area())
                    .with("seats", List.of(wish.area())));
        }
        return switch (placed(live.event(), request, List.of(wish.area()), wish.count(), actor)) {
            case Outcome.Placed(var hold, var replayed) -> new Placed(hold, replayed);
            case Outcome.Insufficient no -> new Refused(tooFew(live.event(), request, no));
            case Outcome.Place no -> other(live.event(), request, no);
        };
    }

    /** So many places of each, and what the rules say that are stocks. */
    private Outcome.Place placed(
            Event event, SeatRequest request, List<String> labels, long each, @Nullable Actor actor) {
        var lines = new ArrayList<Line>();
        labels.forEach(label -> lines.add(new Line(SeatSku.place(event.id(), label), each)));
        long places = request.wish().count();
        Integer perBuyer = event.about().rules().seatsPerBuyerMax();
        StockKey buyer = perBuyer == null ? null : SeatSku.buyer(event.id(), Objects.requireNonNull(request.buyer()));
        if (buyer != null) {
            lines.add(new Line(buyer, places));
        }
        Presale presale = event.presale(clock.instant());
        if (presale != null && presale.codes().get(Objects.requireNonNull(request.code())) != null) {
            lines.add(new Line(SeatSku.code(event.id(), request.code()), places));
        }
        var hold = new PlaceHold(
                request.key(),
                lines,
                request.ttl() == null ? event.about().rules().holdTtl() : request.ttl(),
                request.channel(),
                request.holdReference(event.id()),
                null,
                request.supersedes());
        Outcome.Place outcome = engine.execute(hold, actor);
        if (perBuyer != null
                && buyer != null
                && outcome instanceof Outcome.UnknownSku(var stocks)
                && stocks.equals(List.of(buyer))) { // his first time here
            stocking.allow(event.id(), buyer, perBuyer);
            return engine.execute(hold, actor);
        }
        return outcome;
    }

    private void relearn(Live live, StockKey stock) {
        String label = SeatSku.label(stock.sku());
        if (label != null) {
            engine.levels(stock.sku()).forEach(level -> live.map().learn(label, level));
        }
    }

    private Answer other(Event event, SeatRequest request, Outcome.Place outcome) {
        return switch (outcome) {
            case Outcome.KeyReused no -> before(event, request).orElse(new Refused(Refusals.of(no)));
            case Outcome.Ended(var hold) ->
                new Refused(Problem.of(
                        ErrorCode.HOLD_CONFIRMED, "The hold " + hold.id() + " that this one was to replace is bought"));
            case Outcome.UnknownSku no -> throw new IllegalStateException("the places of an event are in stock: " + no);
            case Outcome.Placed yes -> throw new IllegalStateException("it is held: " + yes);
            case Outcome.Insufficient no -> throw new IllegalStateException("it is known what is short: " + no);
        };
    }

    private Problem tooFew(Event event, SeatRequest request, Outcome.Insufficient no) {
        Problem rule = rule(event, no);
        if (rule != null) {
            return rule;
        }
        List<String> gone = no.shortages().stream()
                .map(shortage ->
                        Objects.requireNonNull(SeatSku.label(shortage.stock().sku())))
                .toList();
        if (request.wish() instanceof InArea area) {
            long left = no.shortages().getFirst().available();
            return Problem.of(ErrorCode.NO_SEATS, area.area() + " has " + left + " places left")
                    .with("available", left);
        }
        return Problem.of(ErrorCode.SEATS_TAKEN, "Somebody else has " + String.join(", ", gone))
                .with("seats", gone);
    }

    /** The rule that is short; null if it is places only. */
    private static @Nullable Problem rule(Event event, Outcome.Insufficient no) {
        for (Outcome.Shortage shortage : no.shortages()) {
            if (SeatSku.label(shortage.stock().sku()) == null) {
                return SeatSku.isBuyer(shortage.stock().sku())
                        ? Problem.of(
                                        ErrorCode.SALE_RULE,
                                        "A buyer may have "
                                                + event.about().rules().seatsPerBuyerMax() + " places; "
                                                + shortage.available() + " are left to this one")
                                .with("rule", "seatsPerBuyerMax")
                                .with("left", shortage.available())
                        : badCode();
            }
        }
        return null;
    }

    /** The first answer again, if the key was used with the same request before: which seats it got, nobody can tell from the request. */
    private Optional<Answer> before(Event event, SeatRequest request) {
        return engine.hold(request.key().id())
                .map(hold -> request.holdReference(event.id()).equals(hold.reference())
                        ? new Placed(hold, true)
                        : new Refused(Refusals.keyReused()));
    }
}
