package dev.holdfast.server.admission;

import dev.holdfast.server.admission.Ticket.Entry;
import dev.holdfast.server.admission.Ticket.State;
import dev.holdfast.server.api.Problem;
import dev.holdfast.server.api.Refusals;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Lets people in. The ticket's row is locked when it is decided, as it is for everything else that is done to a ticket: of two gates with the same
 * code one is told yes, whichever server each of them asks.
 */
@Component
class CheckIns {
    /** A code that somebody has shown at a gate. */
    record Shown(String code, String gate, Instant at) {
        Entry entry() {
            return new Entry(at, gate);
        }
    }

    sealed interface Answer {}

    /**
     * Its holder is in.
     *
     * @param others who came in with it too
     */
    record In(Ticket ticket, Entry entry, List<Entry> others, boolean replayed) implements Answer {}

    record Refused(Problem problem) implements Answer, Read {}

    /** What a code says by itself. */
    sealed interface Read {}

    /** We have signed it, for this event. */
    private record Genuine(TicketCode code, Shown shown) implements Read {}

    private final TicketStore tickets;
    private final AdmissionStore admissions;
    private final TicketKeys keys;
    private final TransactionTemplate transaction;

    CheckIns(TicketStore tickets, AdmissionStore admissions, TicketKeys keys, TransactionTemplate transaction) {
        this.tickets = tickets;
        this.admissions = admissions;
        this.keys = keys;
        this.transaction = transaction;
    }

    /**
     * Somebody stands at the gate.
     *
     * @param keyId of the request; null: it has none
     */
    Answer admit(UUID event, Shown shown, @Nullable UUID keyId) {
        return switch (read(event, shown)) {
            case Refused refused -> refused;
            case Genuine(var code, var _) -> transacted(() -> admit(code, shown, keyId));
        };
    }

    private Answer admit(TicketCode code, Shown shown, @Nullable UUID keyId) {
        Ticket ticket = tickets.lock(code.ticket()).orElse(null);
        if (ticket == null) {
            return forgotten();
        }
        Admission before = keyId == null ? null : admissions.ofKey(keyId).orElse(null);
        if (before != null) {
            return before.isOf(code) && before.entry().gate().equals(shown.gate)
                    ? new In(ticket, before.entry(), List.of(), true)
                    : new Refused(Refusals.keyReused());
        }
        if (ticket.admits(code)) {
            tickets.update(ticket.admitted(shown.entry()));
            admissions.insert(
                    List.of(new Admission(code.event(), ticket.id(), shown.entry(), code.generation(), true, keyId)));
            return new In(ticket, shown.entry(), List.of(), false);
        }
        Entry entry = ticket.entry();
        return new Refused(
                ticket.state() == State.ADMITTED && entry != null && code.generation() == ticket.generation()
                        ? TicketProblems.alreadyAdmitted(ticket, entry)
                        : TicketProblems.voided(ticket));
    }

    /**
     * People have come in at gates that could not ask. In one transaction, each once however often it is said; of a ticket the first by time
     * stays, and the others are told who it was. An answer for each, in their order.
     */
    List<Answer> record(UUID event, List<Shown> shown) {
        List<Read> reads = shown.stream().map(one -> read(event, one)).toList();
        List<Genuine> genuine = reads.stream()
                .filter(Genuine.class::isInstance)
                .map(Genuine.class::cast)
                .toList();
        return transacted(() -> {
            Map<UUID, Entries> entries = entries(event, genuine);
            genuine.stream()
                    .sorted(Comparator.comparing(one -> one.shown.at))
                    .forEach(one -> of(one, entries).ifPresent(of -> of.add(one.code.generation(), one.shown.entry())));
            write(entries.values());
            return reads.stream()
                    .map(read -> switch (read) {
                        case Refused refused -> refused;
                        case Genuine one ->
                            of(one, entries)
                                    .map(of -> of.answer(one.shown.entry()))
                                    .orElseGet(CheckIns::forgotten);
                    })
                    .toList();
        });
    }

    /** What is known of their tickets, which are locked. */
    private Map<UUID, Entries> entries(UUID event, List<Genuine> genuine) {
        List<UUID> ids =
                genuine.stream().map(one -> one.code.ticket()).distinct().toList();
        List<Ticket> locked = tickets.lock(ids);
        Map<UUID, List<Admission>> known =
                admissions.of(event, ids).stream().collect(Collectors.groupingBy(Admission::ticketId));
        Map<UUID, Entries> entries = new HashMap<>();
        locked.forEach(ticket ->
                entries.put(ticket.id(), new Entries(ticket, known.getOrDefault(ticket.id(), List.of()))));
        return entries;
    }

    private static Optional<Entries> of(Genuine one, Map<UUID, Entries> entries) {
        return Optional.ofNullable(entries.get(one.code.ticket()));
    }

    private void write(Collection<Entries> entries) {
        admissions.insert(entries.stream().flatMap(of -> of.news().stream()).toList());
        entries.stream().map(Entries::changed).filter(Objects::nonNull).forEach(tickets::update);
    }

    private Read read(UUID event, Shown shown) {
        return TicketCode.read(shown.code, keys::publicKey)
                .<Read>map(code -> code.event().equals(event)
                        ? new Genuine(code, shown)
                        : new Refused(TicketProblems.wrongEvent(code.event())))
                .orElseGet(() -> new Refused(TicketProblems.invalidCode()));
    }

    /** Signed by us, and not there: an older backup was restored. */
    private static Refused forgotten() {
        return new Refused(TicketProblems.invalidCode());
    }

    private <T> T transacted(Supplier<T> work) {
        return Objects.requireNonNull(transaction.execute(_ -> work.get()));
    }
}
