package dev.holdfast.server.admission;

import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.server.admission.Ticket.State;
import dev.holdfast.server.api.Caller;
import dev.holdfast.server.api.Digest;
import dev.holdfast.server.api.Problem;
import dev.holdfast.server.api.Refusals;
import dev.holdfast.server.audit.Audit;
import dev.holdfast.server.order.OrderUnits;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * What people do to tickets. A new code is one transaction. A cancellation is several, because the order and its stock are not the ticket's to
 * write: first the ticket is marked, from then on nobody comes in with it; then the order cancels the unit, under a key that comes from the ticket;
 * then the ticket becomes what the order says. Whoever finds the mark does the rest: the same request again, or {@link Issuing} on any node.
 */
@Component
class TicketChanges {
    /**
     * What is asked.
     *
     * @param expectedVersion null: whatever it is
     */
    record Request(UUID ticketId, @Nullable Long expectedVersion, IdempotencyKey key, Caller caller) {}

    sealed interface Answer {}

    record Done(Ticket ticket, boolean replayed) implements Answer {}

    record Refused(Problem problem) implements Answer {}

    private static final String CANCEL = "cancel";

    private static final Caller SERVER = Caller.server("tickets");

    private final TicketStore store;
    private final TicketKeys keys;
    private final OrderUnits orders;
    private final Issuer issuer;
    private final Audit audit;
    private final TransactionTemplate transaction;
    private final Clock clock;

    TicketChanges(
            TicketStore store,
            TicketKeys keys,
            OrderUnits orders,
            Issuer issuer,
            Audit audit,
            TransactionTemplate transaction,
            Clock clock) {
        this.store = store;
        this.keys = keys;
        this.orders = orders;
        this.issuer = issuer;
        this.audit = audit;
        this.transaction = transaction;
        this.clock = clock;
    }

    /** The ticket is somebody else's, with a code that the former holder does not have. */
    Answer transfer(Request request, String holder) {
        return change("transfer", request, holder, ticket -> ticket.reissued(holder, keys.current()));
    }

    /** The same holder gets a new code. */
    Answer reissue(Request request) {
        return change("reissue", request, "", ticket -> ticket.reissued(ticket.holder(), keys.current()));
    }

    /** The place is for sale again, and what was paid for it is due. */
    Answer cancel(Request request) {
        Answer marked = change(CANCEL, request, "", Ticket::leaving);
        if (!(marked instanceof Done done) || !done.ticket.isLeaving()) {
            return marked;
        }
        Problem refusal = finish(done.ticket, request.caller);
        return refusal == null
                ? new Done(store.find(request.ticketId).orElseThrow(), done.replayed)
                : new Refused(refusal);
    }

    /** Does the rest of a cancellation that somebody has begun. */
    void finishCancelling(UUID id) {
        store.find(id).filter(Ticket::isLeaving).ifPresent(ticket -> finish(ticket, SERVER));
    }

    private interface Change {
        Ticket of(Ticket ticket);
    }

    /** What a retry has to repeat. */
    private record Content(String what, UUID ticketId, String holder) {
        long hash() {
            return Digest.of(this);
        }
    }

    private Answer change(String what, Request request, String holder, Change change) {
        long hash = new Content(what, request.ticketId, holder).hash();
        return Objects.requireNonNull(transaction.execute(_ -> {
            Ticket ticket = store.lock(request.ticketId).orElse(null);
            if (ticket == null) {
                return new Refused(TicketProblems.unknownTicket(request.ticketId));
            }
            Long hashBefore =
                    store.requestHash(request.ticketId, request.key.id()).orElse(null);
            if (hashBefore != null) {
                return hashBefore == hash ? new Done(ticket, true) : new Refused(Refusals.keyReused());
            }
            Problem refusal = refusal(ticket, request.expectedVersion);
            if (refusal != null) {
                return new Refused(refusal);
            }
            Ticket changed = change.of(ticket);
            store.update(changed);
            store.remember(request.ticketId, request.key.id(), hash);
            record(what, ticket, changed, request.caller);
            return new Done(changed, false);
        }));
    }

    private static @Nullable Problem refusal(Ticket ticket, @Nullable Long expectedVersion) {
        if (expectedVersion != null && expectedVersion != ticket.version()) {
            return TicketProblems.stale(ticket);
        }
        if (ticket.state() == State.ADMITTED) {
            return TicketProblems.alreadyAdmitted(ticket, Objects.requireNonNull(ticket.entry()));
        }
        return ticket.isFree() ? null : TicketProblems.voided(ticket);
    }

    /** Null: it is void. Else why not: it stays what it was, unless that is worth a retry. */
    private @Nullable Problem finish(Ticket ticket, Caller caller) {
        var key = IdempotencyKey.of("ticket", ticket.id().toString());
        Problem refusal = orders.cancelOne(ticket.orderId(), ticket.place().stock(), key, caller);
        if (refusal == null) {
            issuer.settle(ticket.orderId());
        } else if (!refusal.code().retryable()) {
            transaction.executeWithoutResult(_ -> takeBack(ticket.id()));
        }
        return refusal;
    }

    /** What came to nothing is as if nobody had asked. */
    private void takeBack(UUID id) {
        store.lock(id).filter(Ticket::isLeaving).ifPresent(ticket -> {
            Ticket staying = ticket.staying();
            store.update(staying);
            store.forget(id, new Content(CANCEL, id, "").hash());
            record(CANCEL, ticket, staying, SERVER);
        });
    }

    private void record(String what, Ticket before, Ticket after, Caller caller) {
        audit.record(
                caller,
                clock.instant(),
                List.of(new Audit.Change(what, "ticket/" + after.id(), before.fields(), after.fields())));
    }
}
