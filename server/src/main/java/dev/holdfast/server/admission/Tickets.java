package dev.holdfast.server.admission;

import dev.holdfast.server.admission.Ticket.State;
import dev.holdfast.server.order.OrderUnits;
import dev.holdfast.server.ticketing.Performances;
import dev.holdfast.server.ticketing.Performances.Performance;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Tickets to look at. */
@Component
class Tickets {
    /** @param refused labels of places that it has paid for and gets no ticket of */
    record OfOrder(List<TicketView> tickets, List<String> refused) {}

    private final OrderUnits orders;
    private final Issuer issuer;
    private final IssueStore issues;
    private final TicketStore store;
    private final TicketKeys keys;
    private final Performances performances;

    Tickets(
            OrderUnits orders,
            Issuer issuer,
            IssueStore issues,
            TicketStore store,
            TicketKeys keys,
            Performances performances) {
        this.orders = orders;
        this.issuer = issuer;
        this.issues = issues;
        this.store = store;
        this.keys = keys;
        this.performances = performances;
    }

    /** Issued now, if nobody has yet; empty if there is no such order. */
    Optional<OfOrder> ofOrder(UUID orderId) {
        Long version = orders.version(orderId).orElse(null);
        if (version == null) {
            return Optional.empty();
        }
        if (!issues.isSettled(orderId, version)) {
            issuer.settle(orderId);
        }
        Map<UUID, Performance> known = new HashMap<>();
        List<TicketView> views = new ArrayList<>();
        for (Ticket ticket : store.ofOrder(orderId)) {
            views.add(TicketView.of(
                    ticket, known.computeIfAbsent(ticket.place().event(), this::performance), code(ticket)));
        }
        return Optional.of(new OfOrder(views, issues.refused(orderId)));
    }

    Optional<Ticket> find(UUID id) {
        return store.find(id);
    }

    TicketView view(Ticket ticket) {
        return TicketView.of(ticket, performance(ticket.place().event()), code(ticket));
    }

    /** The text of its QR code; null if it is void or being cancelled. */
    @Nullable
    String code(Ticket ticket) {
        return ticket.state() == State.VOID || ticket.isLeaving() ? null : keys.sign(ticket.code());
    }

    /** Events stay as long as there are tickets of them. */
    Performance performance(UUID event) {
        return performances.find(event).orElseThrow();
    }
}
