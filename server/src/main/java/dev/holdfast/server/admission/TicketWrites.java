package dev.holdfast.server.admission;

import dev.holdfast.server.api.Answer;
import dev.holdfast.server.api.Body;
import dev.holdfast.server.api.Caller;
import dev.holdfast.server.api.Contract;
import dev.holdfast.server.api.Contract.KeyUse;
import dev.holdfast.server.api.Keys;
import dev.holdfast.server.api.Query;
import dev.holdfast.server.api.Versions;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;

import static dev.holdfast.server.api.ErrorCode.ALREADY_ADMITTED;
import static dev.holdfast.server.api.ErrorCode.IDEMPOTENCY_KEY_REUSED;
import static dev.holdfast.server.api.ErrorCode.ORDER_STATE;
import static dev.holdfast.server.api.ErrorCode.TICKET_VOID;
import static dev.holdfast.server.api.ErrorCode.UNKNOWN_TICKET;
import static dev.holdfast.server.api.ErrorCode.VERSION_CHANGED;

/** What people do to tickets before they come. */
@Controller
@RequestMapping(path = "/v1/tickets/{id}", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Tickets")
class TicketWrites {
    private final TicketChanges changes;
    private final Tickets tickets;

    TicketWrites(TicketChanges changes, Tickets tickets) {
        this.changes = changes;
        this.tickets = tickets;
    }

    @PostMapping("/transfer")
    @Operation(
            operationId = "transferTicket",
            summary = "Give to somebody else",
            description = "With a new code: the former holder's is worthless.")
    @Contract(
            answer = TicketView.class,
            body = TicketRequests.TransferBody.class,
            key = KeyUse.REQUIRED,
            hasEtag = true,
            takesIfMatch = true,
            takesCaller = true,
            problems = {UNKNOWN_TICKET, TICKET_VOID, ALREADY_ADMITTED, VERSION_CHANGED, IDEMPOTENCY_KEY_REUSED})
    Answer transfer(@PathVariable String id, HttpServletRequest request) {
        var asked = asked(id, request);
        return answer(changes.transfer(asked, TicketRequests.transfer(Body.read(request))));
    }

    @PostMapping("/reissue")
    @Operation(
            operationId = "reissueTicket",
            summary = "Issue again",
            description = "With a new code: the old one, lost or seen by others, is worthless.")
    @Contract(
            answer = TicketView.class,
            key = KeyUse.REQUIRED,
            hasEtag = true,
            takesIfMatch = true,
            takesCaller = true,
            problems = {UNKNOWN_TICKET, TICKET_VOID, ALREADY_ADMITTED, VERSION_CHANGED, IDEMPOTENCY_KEY_REUSED})
    Answer reissue(@PathVariable String id, HttpServletRequest request) {
        var asked = asked(id, request);
        Body.requireNone(request);
        return answer(changes.reissue(asked));
    }

    @PostMapping("/cancel")
    @Operation(
            operationId = "cancelTicket",
            summary = "Cancel",
            description = "The order's unit with it: the place is for sale at once, and what was paid for it is due.")
    @Contract(
            answer = TicketView.class,
            key = KeyUse.REQUIRED,
            hasEtag = true,
            takesIfMatch = true,
            takesCaller = true,
            problems = {
                UNKNOWN_TICKET,
                TICKET_VOID,
                ALREADY_ADMITTED,
                ORDER_STATE,
                VERSION_CHANGED,
                IDEMPOTENCY_KEY_REUSED
            })
    Answer cancel(@PathVariable String id, HttpServletRequest request) {
        var asked = asked(id, request);
        Body.requireNone(request);
        return answer(changes.cancel(asked));
    }

    private static TicketChanges.Request asked(String id, HttpServletRequest request) {
        return new TicketChanges.Request(
                Query.id(id), Versions.ifMatch(request), Keys.required(request), Caller.of(request));
    }

    private Answer answer(TicketChanges.Answer answer) {
        return switch (answer) {
            case TicketChanges.Done(var ticket, var replayed) ->
                Answer.ok(tickets.view(ticket))
                        .header(Versions.ETAG, Versions.etag(ticket.version()))
                        .header("Cache-Control", "no-store")
                        .replayed(replayed);
            case TicketChanges.Refused(var problem) -> Answer.refused(problem);
        };
    }
}
