package dev.holdfast.server.order;

import dev.holdfast.engine.EngineFailure;
import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.engine.Outcome;
import dev.holdfast.engine.StockEngine;
import dev.holdfast.engine.StockKey;
import dev.holdfast.server.api.Caller;
import dev.holdfast.server.api.Digest;
import dev.holdfast.server.audit.Audit;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * What is done to the units of orders, and to stock with them.
 *
 * <p>Stock and orders are written in two transactions, because the engine decides in its own. What moves stock is therefore written to
 * the order first, as an {@link Intent}; then the engine carries it out, under keys that come from the intent; then the order and its
 * event are written and the intent is gone. Whatever breaks in between, the intent is there, and whoever finds it, the next request
 * for this order or {@link Repairs} on any node, does the rest: the engine answers a key again with its first answer. The other way
 * round, stock first, a crash would leave units moved and nothing that says for what.
 *
 * <p>A refusal of the engine may turn into a yes a moment later, for somebody else who is carrying the same intent out. So who was
 * refused takes the intent back only after a {@link Withdrawal}.
 *
 * <p>While an intent is there no other act on the order's units begins. Payments and refunds move no units and do not wait.
 */
@Component
class Fulfilment {
    /**
     * What is asked.
     *
     * @param parts none: all that it can be done to
     * @param expectedVersion null: whatever it is
     */
    record Request(
            UUID orderId,
            Act act,
            List<Part> parts,
            @Nullable Long expectedVersion,
            IdempotencyKey key,
            Caller caller) {
        /** What a retry has to repeat. */
        private record Content(UUID orderId, Act act, List<Part> parts) {}

        long hash() {
            return Digest.of(new Content(orderId, act, parts));
        }
    }

    sealed interface Answer {}

    record Done(Order order, boolean replayed) implements Answer {}

    /** Nothing was done, or nobody knows yet. */
    sealed interface NotDone extends Answer {}

    record Unknown() implements NotDone {}

    record Stale(Order order) implements NotDone {}

    record NotAllowed(Order.Refused refusal) implements NotDone {}

    record TooFew(Outcome.Insufficient refusal) implements NotDone {}

    record TooMany(StockKey stock) implements NotDone {}

    record KeyReused() implements NotDone {}

    /** The engine did not answer. It will be carried out, or it has been: the same request will tell. */
    record OnItsWay() implements NotDone {}

    /** So many others were at this order at the same time, one after the other, that its turn did not come. */
    record Busy() implements NotDone {}

    /** How a transaction ended: with an answer, or with something that has to be carried out first. */
    private sealed interface Step {}

    private record Ended(Answer answer) implements Step {}

    /** @param isNew whether this request has just written the intent */
    private record Begun(Order order, Intent intent, boolean isNew) implements Step {}

    private static final Logger LOG = LoggerFactory.getLogger(Fulfilment.class);

    /** Each try but the last gave way to an act of somebody else. */
    private static final int TRIES = 100;

    private final OrderStore store;
    private final StockEngine engine;
    private final Withdrawal withdrawal;
    private final Audit audit;
    private final TransactionTemplate transaction;
    private final Clock clock;

    Fulfilment(
            OrderStore store,
            StockEngine engine,
            Withdrawal withdrawal,
            Audit audit,
            TransactionTemplate transaction,
            Clock clock) {
        this.store = store;
        this.engine = engine;
        this.withdrawal = withdrawal;
        this.audit = audit;
        this.transaction = transaction;
        this.clock = clock;
    }

    /** Does it, or says why not. */
    Answer perform(Request request) {
        for (int i = 0; i < TRIES; i++) {
            Answer answer = switch (transacted(() -> begin(request))) {
                case Ended ended -> ended.answer;
                case Begun begun -> carriedOut(begun);
            };
            if (answer != null) {
                return answer;
            }
        }
        return new Busy();
    }

    /** Null: what somebody else began is finished, or somebody else has taken this request's back; it has to begin again. */
    private @Nullable Answer carriedOut(Begun begun) {
        UUID orderId = begun.order.id();
        Outcome.Stock refusal;
        try {
            refusal = carryOut(begun.order, begun.intent);
        } catch (EngineFailure.Overloaded
                | EngineFailure.Unavailable
                | EngineFailure.TimedOut
                | EngineFailure.Closed e) {
            LOG.debug("left on its way on order {}", orderId, e);
            return new OnItsWay();
        }
        if (!begun.isNew || refusal instanceof Outcome.KeyReused) {
            return null;
        }
        return refusal == null ? new Done(store.find(orderId).orElseThrow(), false) : refused(begun.order, refusal);
    }

    /** Finishes what is on its way on an order, if anything is. */
    void finish(UUID orderId) {
        var stored = transacted(() -> store.lock(orderId)).orElse(null);
        if (stored != null && stored.intent() != null) {
            var _ = carryOut(stored.order(), stored.intent());
        }
    }

    /** Orders on which something has been on its way for longer than that. */
    List<UUID> unfinished(Duration age, int limit) {
        return store.unfinished(age, limit);
    }

    private Step begin(Request request) {
        var stored = store.lock(request.orderId).orElse(null);
        if (stored == null) {
            return new Ended(new Unknown());
        }
        Order order = stored.order();
        UUID keyId = request.key.id();
        Long hashBefore = store.requestHash(request.orderId, keyId).orElse(null);
        if (hashBefore != null) {
            return new Ended(hashBefore == request.hash() ? new Done(order, true) : new KeyReused());
        }
        if (stored.intent() != null) {
            return new Begun(order, stored.intent(), false);
        }
        if (request.expectedVersion != null && request.expectedVersion != order.version()) {
            return new Ended(new Stale(order));
        }
        Instant now = now();
        return switch (order.decide(request.act, request.parts, now)) {
            case Order.Refused refusal -> new Ended(new NotAllowed(refusal));
            case Order.Allowed allowed -> {
                var intent = new Intent(
                        IdempotencyKey.randomUuidV7(),
                        request.act,
                        allowed.parts(),
                        keyId,
                        request.hash(),
                        request.caller);
                if (intent.movesStock()) {
                    store.begin(request.orderId, intent);
                    yield new Begun(order, intent, true);
                }
                write(order, allowed.after(), intent);
                yield new Ended(new Done(allowed.after(), false));
            }
        };
    }

    /** Null if it was carried out, now or before; else why not, and it is taken back. */
    private Outcome.@Nullable Stock carryOut(Order order, Intent intent) {
        List<Outcome.Stock> outcomes = engine.executeAll(intent.commands(order));
        Outcome.Stock refusal = outcomes.stream()
                .filter(outcome -> !(outcome instanceof Outcome.Moved))
                .findAny()
                .orElse(null);
        if (refusal != null && withdrawal.isOff(order, intent, outcomes)) {
            store.withdraw(order.id(), intent);
            return refusal;
        }
        var _ = transacted(() -> settle(order.id(), intent));
        return null;
    }

    private boolean settle(UUID orderId, Intent intent) {
        var stored = store.lock(orderId).orElseThrow();
        if (stored.intent() == null || !stored.intent().id().equals(intent.id())) {
            return false; // somebody else has settled it meanwhile
        }
        return switch (stored.order().decide(intent.act(), intent.parts(), now())) {
            case Order.Allowed allowed -> {
                write(stored.order(), allowed.after(), intent);
                yield true;
            }
            case Order.Refused refusal ->
                throw new IllegalStateException("order " + orderId + " cannot take what was done to stock: " + refusal);
        };
    }

    private void write(Order before, Order after, Intent intent) {
        store.update(after, OrderEvent.of(intent, after), false);
        audit.record(
                intent.caller(),
                after.changedAt(),
                List.of(new Audit.Change(intent.act().word(), "order/" + after.id(), before.fields(), after.fields())));
    }

    private static Answer refused(Order order, Outcome.Stock refusal) {
        if (refusal instanceof Outcome.Insufficient insufficient) {
            return new TooFew(insufficient);
        }
        if (refusal instanceof Outcome.OverLimit(var level)) {
            return new TooMany(level.stock());
        }
        throw new IllegalStateException("stock knows nothing of what order " + order.id() + " has: " + refusal);
    }

    private <T> T transacted(Supplier<T> work) {
        return Objects.requireNonNull(transaction.execute(_ -> work.get()));
    }

    /** To the microsecond, as the database keeps it. */
    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
