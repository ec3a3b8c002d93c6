package dev.holdfast.server.admission;

import dev.holdfast.engine.Sku;
import dev.holdfast.server.admission.Allocations.Units;
import dev.holdfast.server.api.Caller;
import dev.holdfast.server.audit.Audit;
import dev.holdfast.server.order.OrderUnits;
import dev.holdfast.server.order.OrderUnits.Bought;
import dev.holdfast.server.order.OrderUnits.BoughtLine;
import dev.holdfast.server.ticketing.Performances;
import dev.holdfast.server.ticketing.Performances.Place;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Makes the tickets of an order what the order says: one for each place that is paid for and neither cancelled nor returned, none for the others.
 * In one transaction that has the order locked, so it can be done at any time, by anybody, and twice.
 *
 * <p>A ticket is issued only if stock says once more that its place is the order's, and if nobody else has one for it. Both are so unless
 * somebody has written where he should not have. Then this place gets none, the others do, and people are told: by the log, by a counter
 * and by the audit.
 */
@Component
class Issuer {
    /** How a look ended. */
    private sealed interface Step {}

    private record Right() implements Step {}

    /** Something that moves its stock is under way: what it says is about to change. */
    private record Moving() implements Step {}

    /** Seats of it have tickets of other orders, which may be worth nothing any more and not know it yet. */
    private record Taken(Set<UUID> others) implements Step {}

    /** A place that an order has bought, of which it is to have so many tickets. */
    private record Due(Place place, BoughtLine line, long tickets) {}

    private static final Logger LOG = LoggerFactory.getLogger(Issuer.class);

    private static final Caller SERVER = Caller.server("tickets");

    /** A look at it, a look after others were looked at, and what others do to it meanwhile. */
    private static final int TRIES = 10;

    /** One that is being cancelled leaves first, then one that nobody has come in with, then the last. */
    private static final Comparator<Ticket> FIRST_TO_LEAVE = Comparator.comparing(Ticket::isLeaving)
            .reversed()
            .thenComparing(Ticket::state)
            .thenComparing(Ticket::unit, Comparator.reverseOrder());

    private final OrderUnits orders;
    private final Performances performances;
    private final Allocations allocations;
    private final TicketStore store;
    private final IssueStore issues;
    private final TicketKeys keys;
    private final Audit audit;
    private final TransactionTemplate transaction;
    private final Clock clock;
    private final Counter refused;

    Issuer(
            OrderUnits orders,
            Performances performances,
            Allocations allocations,
            TicketStore store,
            IssueStore issues,
            TicketKeys keys,
            Audit audit,
            TransactionTemplate transaction,
            Clock clock,
            MeterRegistry meters) {
        this.orders = orders;
        this.performances = performances;
        this.allocations = allocations;
        this.store = store;
        this.issues = issues;
        this.keys = keys;
        this.audit = audit;
        this.transaction = transaction;
        this.clock = clock;
        refused = Counter.builder("holdfast.tickets.refused")
                .description(
                        "Places that were paid for and got no ticket, because stock or another ticket says otherwise")
                .register(meters);
    }

    /**
     * Makes them right. In no transaction.
     *
     * @throws dev.holdfast.engine.EngineFailure if what is under way on the order cannot be finished now
     */
    void settle(UUID orderId) {
        boolean looked = false; // at the others
        for (int i = 0; i < TRIES; i++) {
            switch (transacted(orderId, looked)) {
                case Right _ -> {
                    return;
                }
                case Moving _ -> orders.finish(orderId);
                case Taken(var others) -> {
                    looked = true;
                    others.forEach(this::settleAlone);
                }
            }
        }
        throw new IllegalStateException("others are at order " + orderId + " all the time");
    }

    /**
     * Another order, of which a seat was cancelled and sold again before anybody looked at its ticket. Whatever else is in the way of that one is
     * said when its own turn comes.
     */
    private void settleAlone(UUID orderId) {
        if (transacted(orderId, false) instanceof Moving) {
            orders.finish(orderId);
            var _ = transacted(orderId, false);
        }
    }

    private Step transacted(UUID orderId, boolean othersLookedAt) {
        return Objects.requireNonNull(transaction.execute(_ -> step(orderId, othersLookedAt)));
    }

    private Step step(UUID orderId, boolean othersLookedAt) {
        Bought order =
                orders.lock(orderId).orElseThrow(() -> new IllegalStateException("no order has the id " + orderId));
        if (order.isMoving()) {
            return new Moving();
        }
        List<Due> due = due(order);
        List<Ticket> live = store.lockLiveOf(orderId);
        List<Due> missing = new ArrayList<>();
        for (Due place : due) {
            List<Ticket> has = live.stream()
                    .filter(ticket -> ticket.isFor(place.place))
                    .sorted(FIRST_TO_LEAVE)
                    .toList();
            has.stream()
                    .limit(Math.max(0, has.size() - place.tickets))
                    .forEach(ticket -> store.update(ticket.voided()));
            if (has.size() < place.tickets) {
                missing.add(place);
            }
        }
        List<String> refusals = new ArrayList<>();
        Set<UUID> others = issue(order, missing, live, refusals);
        if (!others.isEmpty() && !othersLookedAt) {
            return new Taken(others);
        }
        report(order, refusals);
        return new Right();
    }

    private List<Due> due(Bought order) {
        Map<Sku, Place> places = performances.places(
                order.lines().stream().map(line -> line.stock().sku()).toList());
        List<Due> due = new ArrayList<>();
        for (BoughtLine line : order.lines()) {
            Place place = places.get(line.stock().sku());
            if (place != null) {
                due.add(new Due(place, line, order.isPaid() ? line.units() : 0));
            }
        }
        return due;
    }

    /**
     * Issues what is missing, and says of which places it cannot.
     *
     * @return orders that have the tickets of these seats
     */
    private Set<UUID> issue(Bought order, List<Due> missing, List<Ticket> live, List<String> refusals) {
        Set<UUID> others = new HashSet<>();
        if (missing.isEmpty()) {
            return others;
        }
        var allocated = allocations.lock(
                order.holdId(),
                missing.stream()
                        .map(due -> new Units(due.line.stock(), due.tickets))
                        .toList());
        int keyId = keys.current();
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS); // as the database keeps it
        for (Due due : missing) {
            if (!allocated.contains(due.line.stock())) {
                refusals.add(due.place.label());
                continue;
            }
            for (int unit : units(due, live)) {
                var ticket =
                        Ticket.issued(keyId, order.id(), unit, due.place, order.buyer(), due.line.unitPrice(), now);
                if (!store.insert(ticket)) {
                    refusals.add(due.place.label());
                    store.orderOf(due.place).ifPresent(others::add);
                }
            }
        }
        others.remove(order.id());
        return others;
    }

    /** The lowest numbers that no live ticket of the place has. */
    private static List<Integer> units(Due due, List<Ticket> live) {
        Set<Integer> has = new HashSet<>();
        live.stream().filter(ticket -> ticket.isFor(due.place)).forEach(ticket -> has.add(ticket.unit()));
        List<Integer> units = new ArrayList<>();
        for (int unit = 1; has.size() + units.size() < due.tickets; unit++) {
            if (!has.contains(unit)) {
                units.add(unit);
            }
        }
        return units;
    }

    /** Says aloud what was not known before. */
    private void report(Bought order, List<String> refusals) {
        Collections.sort(refusals);
        List<String> before = issues.refused(order.id());
        issues.settled(order.id(), order.version(), refusals);
        if (!refusals.isEmpty() && !refusals.equals(before)) {
            LOG.error("Order {} has paid for places that it gets no ticket of: {}", order.id(), refusals);
            refused.increment(refusals.size());
        }
        audit.record(
                SERVER,
                clock.instant(),
                List.of(new Audit.Change(
                        "refuse-tickets",
                        "order/" + order.id(),
                        Map.of("refused", before),
                        Map.of("refused", List.copyOf(refusals)))));
    }
}
