package dev.holdfast.server.ticketing;

import dev.holdfast.engine.Buffer;
import dev.holdfast.engine.Command.ReleaseHold;
import dev.holdfast.engine.Command.SetLimits;
import dev.holdfast.engine.Hold;
import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.engine.Level;
import dev.holdfast.engine.Quantity;
import dev.holdfast.engine.StockEngine;
import dev.holdfast.server.api.Digest;
import dev.holdfast.server.api.ErrorCode;
import dev.holdfast.server.api.Problem;
import dev.holdfast.server.api.Refusals;
import dev.holdfast.server.seating.Wanted;
import dev.holdfast.server.sql.Poll;
import dev.holdfast.server.ticketing.LiveMaps.Live;
import dev.holdfast.server.ticketing.SeatRequest.Best;
import dev.holdfast.server.ticketing.SeatRequest.InArea;
import dev.holdfast.server.ticketing.SeatRequest.Wish;
import dev.holdfast.server.ticketing.Waiter.State;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.DependsOn;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Gives places that come back to whoever waits for them, in the order of arrival.
 *
 * <p>While somebody is in line, each place that is not free is kept for the list by the engine ({@link Buffer}): in the very decision that
 * gives it back, it is nobody else's. Then the list is gone through: the first whose wish can be fulfilled gets the places as a hold for
 * as long as the event says; what nobody in line can use is opened to everybody. A place that is sold while there is a list is kept a moment later; if
 * it comes back within that moment, it is everybody's.
 *
 * <p>One node at a time looks after a list. Each waiter has one offer, whose hold has a key of its own: whoever dies between the hold and
 * the waiter's row leaves it to the next look, which gets the same hold again.
 */
@Component
@DependsOn(TicketingSchema.NAME)
class WaitingList implements AutoCloseable {
    sealed interface Answer {}

    /** @param ahead how many are before him who wait still */
    record Seen(Waiter waiter, long ahead, boolean replayed) implements Answer {}

    record Refused(Problem problem) implements Answer {}

    /** What holds for the list are placed by; requests may not name it. */
    static final String CHANNEL = "waiting-list";

    private static final Duration INTERVAL = Duration.ofMillis(200);

    /** Of each transaction of the engine. */
    private static final int AT_ONCE = 1_000;

    private final WaiterStore store;
    private final LiveMaps maps;
    private final SeatHolds holds;
    private final StockEngine engine;
    private final TransactionTemplate transaction;

    /** Beside the one that has the list's row locked: what is offered is to be seen at once. */
    private final TransactionTemplate apart;

    private final Poll poll;

    WaitingList(
            WaiterStore store, LiveMaps maps, SeatHolds holds, StockEngine engine, TransactionTemplate transaction) {
        this.store = store;
        this.maps = maps;
        this.holds = holds;
        this.engine = engine;
        this.transaction = transaction;
        apart = new TransactionTemplate(Objects.requireNonNull(transaction.getTransactionManager()));
        apart.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        poll = new Poll("waiting-lists", INTERVAL, this::look);
    }

    @Override
    public void close() {
        poll.close();
    }

    private record Content(
            UUID event, Wanted wanted, @Nullable String buyer) {}

    /** The last in line. What comes back after the answer is the list's. */
    Answer join(Live live, IdempotencyKey key, Wanted wanted, @Nullable String buyer) {
        Event event = live.event();
        Problem refusal = refusal(live, wanted, buyer);
        if (refusal != null) {
            return new Refused(refusal);
        }
        long hash = Digest.of(new Content(event.id(), wanted, buyer));
        boolean isNew =
                Boolean.TRUE.equals(transaction.execute(_ -> store.insert(key.id(), event.id(), hash, wanted, buyer)));
        Waiter waiter = store.find(key.id()).orElseThrow();
        if (waiter.requestHash() != hash) {
            return new Refused(Refusals.keyReused());
        }
        if (isNew) {
            keep(live.map());
        }
        return seen(waiter, !isNew);
    }

    private static @Nullable Problem refusal(Live live, Wanted wanted, @Nullable String buyer) {
        var rules = live.event().about().rules();
        if (rules.seatsPerBuyerMax() != null && (buyer == null || wanted.count() > rules.seatsPerBuyerMax())) {
            return Problem.of(
                            ErrorCode.SALE_RULE,
                            "A buyer may have " + rules.seatsPerBuyerMax()
                                    + " places: say who it is, and ask for as many")
                    .with("rule", buyer == null ? "buyer" : "seatsPerBuyerMax");
        }
        if (wanted.count() < rules.seatsMin()) {
            return Problem.of(ErrorCode.SALE_RULE, "Groups have at least " + rules.seatsMin() + " places")
                    .with("rule", "seatsMin");
        }
        return live.map().hasCategory(wanted.category())
                ? null
                : Problem.of(ErrorCode.NO_SEATS, "There is no category " + wanted.category());
    }

    Optional<Seen> find(UUID event, UUID id) {
        return store.find(id).filter(waiter -> waiter.eventId().equals(event)).map(waiter -> seen(waiter, false));
    }

    /** Goes away, and lets go what he is offered; empty if there is none. What he has bought is his. */
    Optional<Seen> leave(UUID event, UUID id) {
        Waiter waiter =
                store.find(id).filter(one -> one.eventId().equals(event)).orElse(null);
        if (waiter == null) {
            return Optional.empty();
        }
        switch (waiter.state()) {
            case WAITING -> change(waiter, State.LEFT, null, null);
            case OFFERED -> {
                var _ = engine.execute(ReleaseHold.of(waiter.offerKey().id()));
                resolve(waiter);
            }
            case TAKEN, DECLINED, EXPIRED, LEFT -> {}
        }
        return find(event, id);
    }

    private Seen seen(Waiter waiter, boolean replayed) {
        return new Seen(waiter, waiter.state() == State.WAITING ? store.ahead(waiter) : 0, replayed);
    }

    private void look() {
        for (UUID event : store.events()) {
            Live live = maps.find(event).orElse(null);
            if (live != null) {
                transaction.executeWithoutResult(_ -> {
                    if (store.lock(event)) {
                        serve(live);
                    }
                });
            }
        }
    }

    private void serve(Live live) {
        List<Waiter> line = store.inLine(live.event().id());
        line.stream().filter(waiter -> waiter.state() == State.OFFERED).forEach(this::resolve);
        for (Waiter waiter : line) {
            if (waiter.state() == State.WAITING) {
                offer(live, waiter);
            }
        }
        if (line.isEmpty()) {
            limit(live.map().keptFor(CHANNEL), false);
            store.close(live.event().id());
        } else {
            limit(live.map().backFor(CHANNEL), false); // nobody in line could use these
            keep(live.map());
        }
    }

    private void offer(Live live, Waiter waiter) {
        var request = new SeatRequest(
                waiter.offerKey(),
                wish(live, waiter.wanted()),
                waiter.buyer(),
                null,
                CHANNEL,
                live.event().about().rules().offerTtl(),
                null,
                null);
        switch (holds.place(live, request, null)) {
            case SeatHolds.Placed(var hold, var _) -> {
                change(waiter, State.OFFERED, hold.id(), hold.expiresAt());
            }
            case SeatHolds.Refused(var problem) -> {
                if (problem.code() == ErrorCode.SALE_RULE) { // he has bought as many as he may elsewhere
                    change(waiter, State.DECLINED, null, null);
                }
            }
        }
    }

    /** Whoever else has changed him meanwhile was right. */
    private void change(Waiter waiter, State next, @Nullable UUID hold, @Nullable Instant until) {
        apart.executeWithoutResult(_ -> store.change(waiter, next, hold, until));
    }

    private static Wish wish(Live live, Wanted wanted) {
        return live.map()
                .areaOf(wanted.category())
                .<Wish>map(area -> new InArea(area.name(), wanted.count()))
                .orElseGet(() -> new Best(wanted));
    }

    /** What has become of his offer. */
    private void resolve(Waiter waiter) {
        Hold hold = engine.hold(waiter.offerKey().id()).orElse(null);
        State next = hold == null
                ? State.EXPIRED
                : switch (hold.state()) {
                    case ACTIVE -> State.OFFERED;
                    case CONFIRMED -> State.TAKEN;
                    case RELEASED -> State.DECLINED;
                    case EXPIRED -> State.EXPIRED;
                };
        if (next != State.OFFERED) {
            change(waiter, next, waiter.holdId(), waiter.offeredUntil());
        }
    }

    private void keep(LiveMap map) {
        limit(map.takenWithout(CHANNEL), true);
    }

    private void limit(List<Level> places, boolean isKept) {
        var commands = new ArrayList<SetLimits>();
        for (Level place : places) {
            var buffers = new ArrayList<>(place.buffers());
            buffers.removeIf(buffer -> buffer.channel().equals(CHANNEL));
            if (isKept) {
                buffers.add(new Buffer(CHANNEL, Quantity.MAX, Buffer.PRIORITY_MAX)); // all of it, however many that are
            }
            commands.add(new SetLimits(
                    IdempotencyKey.random(),
                    place.stock(),
                    place.safetyStock(),
                    place.backorderLimit(),
                    buffers,
                    place.version()));
        }
        for (int from = 0; from < commands.size(); from += AT_ONCE) {
            engine.executeAll(commands.subList(from, Math.min(commands.size(), from + AT_ONCE)));
        }
    }
}
