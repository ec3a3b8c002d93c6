package dev.holdfast.server.admission;

import dev.holdfast.server.admission.CheckIns.Answer;
import dev.holdfast.server.admission.CheckIns.In;
import dev.holdfast.server.admission.CheckIns.Refused;
import dev.holdfast.server.admission.Ticket.Entry;
import dev.holdfast.server.admission.Ticket.State;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Who came in with one ticket, as it becomes known bit by bit. All are kept; the first with a good code is whose ticket it was, the others are
 * who should not be there. Pure: no I/O, no clock.
 */
final class Entries {
    private final Ticket ticket;
    private final TreeSet<Admission> all = new TreeSet<>(Admission.FIRST);
    private final List<Admission> news = new ArrayList<>();

    Entries(Ticket ticket, Collection<Admission> known) {
        this.ticket = ticket;
        all.addAll(known);
    }

    /** Nothing if it is known. */
    void add(int generation, Entry entry) {
        boolean isGood = generation == ticket.generation() && ticket.state() != State.VOID && !ticket.isLeaving();
        var admission = new Admission(ticket.place().event(), ticket.id(), entry, generation, isGood, null);
        if (all.add(admission)) {
            news.add(admission);
        }
    }

    List<Admission> news() {
        return news;
    }

    /** The ticket, if it is another one for what was added. */
    @Nullable
    Ticket changed() {
        Entry first = first();
        return first == null || first.equals(ticket.entry()) || ticket.state() == State.VOID
                ? null
                : ticket.admitted(first);
    }

    /** To the gate that has added it. */
    Answer answer(Entry entry) {
        Entry first = first();
        boolean isGood = all.stream()
                .anyMatch(admission -> admission.isGood() && admission.entry().equals(entry));
        if (first == null || !isGood) {
            return new Refused(TicketProblems.voided(ticket));
        }
        if (!first.equals(entry)) {
            return new Refused(TicketProblems.alreadyAdmitted(ticket, first));
        }
        List<Entry> others = all.stream()
                .map(Admission::entry)
                .filter(other -> !other.equals(first))
                .toList();
        return new In(ticket, first, others, false);
    }

    /** Null: nobody came in with a good code. */
    private @Nullable Entry first() {
        return all.stream()
                .filter(Admission::isGood)
                .map(Admission::entry)
                .findFirst()
                .orElse(null);
    }
}
