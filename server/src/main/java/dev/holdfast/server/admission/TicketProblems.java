package dev.holdfast.server.admission;

import dev.holdfast.server.admission.Ticket.Entry;
import dev.holdfast.server.api.ErrorCode;
import dev.holdfast.server.api.Problem;
import dev.holdfast.server.api.Versions;
import java.util.UUID;

/** What is refused of tickets. None of it says a code. */
final class TicketProblems {
    private TicketProblems() {}

    static Problem unknownTicket(UUID id) {
        return Problem.of(ErrorCode.UNKNOWN_TICKET, "No ticket has the id " + id);
    }

    static Problem unknownEvent(UUID id) {
        return Problem.of(ErrorCode.UNKNOWN_EVENT, "No event has the id " + id);
    }

    static Problem stale(Ticket ticket) {
        return Problem.of(
                        ErrorCode.VERSION_CHANGED,
                        "The ticket is at version " + ticket.version() + " now; look at it again and decide again")
                .with("currentVersion", ticket.version())
                .withHeader(Versions.ETAG, Versions.etag(ticket.version()));
    }

    /** Of a ticket that is good for nothing, or of a code that was good before. */
    static Problem voided(Ticket ticket) {
        return Problem.of(
                        ErrorCode.TICKET_VOID,
                        ticket.isFree() || ticket.state() == Ticket.State.ADMITTED
                                ? "The ticket has another code by now"
                                : "The ticket was cancelled")
                .with("ticketId", ticket.id())
                .with("label", ticket.place().label());
    }

    static Problem alreadyAdmitted(Ticket ticket, Entry entry) {
        return Problem.of(ErrorCode.ALREADY_ADMITTED, "Its holder came in at gate " + entry.gate() + ", " + entry.at())
                .with("ticketId", ticket.id())
                .with("label", ticket.place().label())
                .with("admittedAt", entry.at())
                .with("gate", entry.gate());
    }

    static Problem invalidCode() {
        return Problem.of(ErrorCode.INVALID_TICKET, "This is no code of a ticket that was issued here");
    }

    static Problem wrongEvent(UUID event) {
        return Problem.of(ErrorCode.WRONG_EVENT, "The ticket is for another event")
                .with("eventId", event);
    }
}
