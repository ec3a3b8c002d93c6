package dev.holdfast.server.admission;

import dev.holdfast.server.admission.Ticket.Entry;
import java.util.Comparator;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * That somebody was let in, which nothing undoes.
 *
 * @param generation of the code that was shown
 * @param isGood whether that code was good when this became known
 * @param keyId of the request; null: it had none
 */
record Admission(
        UUID eventId,
        UUID ticketId,
        Entry entry,
        int generation,
        boolean isGood,
        @Nullable UUID keyId) {
    /** The first one stays; at the same instant the gate's name decides, so that every server decides the same. */
    static final Comparator<Admission> FIRST = Comparator.comparing(
                    (Admission admission) -> admission.entry().at())
            .thenComparing(admission -> admission.entry().gate());

    boolean isOf(TicketCode code) {
        return ticketId.equals(code.ticket()) && generation == code.generation();
    }
}
