package dev.holdfast.server.admission;

import dev.holdfast.server.api.Answer;
import dev.holdfast.server.api.Contract;
import dev.holdfast.server.api.ErrorCode;
import dev.holdfast.server.api.Problem;
import dev.holdfast.server.api.Query;
import dev.holdfast.server.api.Versions;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.function.BiFunction;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;

import static dev.holdfast.server.api.ErrorCode.TICKET_VOID;
import static dev.holdfast.server.api.ErrorCode.UNKNOWN_ORDER;
import static dev.holdfast.server.api.ErrorCode.UNKNOWN_TICKET;

/** Tickets to look at, to show and to print. Who knows a ticket's id sees its code; nobody else can guess either. */
@Controller
@RequestMapping(path = "/v1", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Tickets", description = "What is given for a paid place, shown at a gate, and good once")
class TicketApi {
    private static final String SVG = "image/svg+xml";

    @Schema(name = "OrderTickets")
    record OrderTicketsView(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            UUID orderId,

            @Schema(description = "Void ones too", requiredMode = Schema.RequiredMode.REQUIRED)
            List<TicketView> tickets,

            @Schema(
                    description =
                            "Places that it has paid for and gets no ticket of, because stock or another ticket says otherwise;"
                                    + " somebody has to mend that",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            List<String> refused) {}

    @Schema(name = "TicketKey", description = "A public key (RFC 7517, RFC 8037)")
    record KeyView(
            @Schema(example = "OKP", requiredMode = Schema.RequiredMode.REQUIRED)
            String kty,

            @Schema(example = "Ed25519", requiredMode = Schema.RequiredMode.REQUIRED)
            String crv,

            @Schema(
                    description = "The first byte of codes, as a number",
                    example = "0",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            String kid,

            @Schema(example = "sig", requiredMode = Schema.RequiredMode.REQUIRED)
            String use,

            @Schema(description = "32 bytes in base64url", requiredMode = Schema.RequiredMode.REQUIRED)
            String x) {
        static KeyView of(TicketKeys.Key key) {
            String x = Base64.getUrlEncoder().withoutPadding().encodeToString(key.x());
            return new KeyView("OKP", TicketCode.ALGORITHM, Integer.toString(key.id()), "sig", x);
        }
    }

    @Schema(name = "TicketKeys")
    record KeysView(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            List<KeyView> keys) {}

    private final Tickets tickets;
    private final TicketKeys keys;

    TicketApi(Tickets tickets, TicketKeys keys) {
        this.tickets = tickets;
        this.keys = keys;
    }

    @GetMapping("/orders/{id}/tickets")
    @Operation(
            operationId = "listOrderTickets",
            summary = "See the tickets of an order",
            description = "One for each place that is paid for. Issued at once if nobody has yet.")
    @Contract(answer = OrderTicketsView.class, problems = UNKNOWN_ORDER)
    Answer ofOrder(@PathVariable String id, HttpServletRequest request) {
        UUID orderId = Query.id(id);
        return Query.of(request)
                .finish(() -> tickets.ofOrder(orderId))
                .map(found -> Answer.ok(new OrderTicketsView(orderId, found.tickets(), found.refused()))
                        .header("Cache-Control", "no-store"))
                .orElseGet(() -> Answer.refused(Problem.of(ErrorCode.UNKNOWN_ORDER, "No order has the id " + orderId)));
    }

    @GetMapping("/tickets/keys")
    @Operation(
            operationId = "getTicketKeys",
            summary = "Get the keys that codes are verified with",
            description = "For gates without a network: a JSON Web Key Set.")
    @Contract(answer = KeysView.class)
    Answer keys(HttpServletRequest request) {
        return Query.of(request)
                .finish(() -> Answer.ok(new KeysView(
                                keys.all().stream().map(KeyView::of).toList()))
                        .header("Cache-Control", "no-cache"));
    }

    @GetMapping("/tickets/{id}")
    @Operation(operationId = "getTicket", summary = "Look at a ticket")
    @Contract(answer = TicketView.class, hasEtag = true, problems = UNKNOWN_TICKET)
    Answer ticket(@PathVariable String id, HttpServletRequest request) {
        UUID ticketId = Query.id(id);
        return Query.of(request)
                .finish(() -> tickets.find(ticketId))
                .map(ticket -> Versions.tagged(request, Versions.etag(ticket.version()), tickets.view(ticket)))
                .orElseGet(() -> Answer.refused(TicketProblems.unknownTicket(ticketId)));
    }

    @GetMapping(path = "/tickets/{id}/qr.png", produces = MediaType.IMAGE_PNG_VALUE)
    @Operation(
            operationId = "getTicketPng",
            summary = "Get a ticket's code as a picture",
            description = "392 × 392 pixels.")
    @Contract(
            file = MediaType.IMAGE_PNG_VALUE,
            problems = {UNKNOWN_TICKET, TICKET_VOID})
    Answer png(@PathVariable String id, HttpServletRequest request) {
        return file(
                id,
                request,
                MediaType.IMAGE_PNG_VALUE,
                (_, code) -> QrCode.of(code).png());
    }

    @GetMapping(path = "/tickets/{id}/qr.svg", produces = SVG)
    @Operation(operationId = "getTicketSvg", summary = "Get a ticket's code as a drawing")
    @Contract(
            file = SVG,
            problems = {UNKNOWN_TICKET, TICKET_VOID})
    Answer svg(@PathVariable String id, HttpServletRequest request) {
        return file(id, request, SVG, (_, code) -> QrCode.of(code).svg());
    }

    @GetMapping(path = "/tickets/{id}/ticket.pdf", produces = MediaType.APPLICATION_PDF_VALUE)
    @Operation(operationId = "getTicketPdf", summary = "Get a ticket to print", description = "One page of A4.")
    @Contract(
            file = MediaType.APPLICATION_PDF_VALUE,
            problems = {UNKNOWN_TICKET, TICKET_VOID})
    Answer pdf(@PathVariable String id, HttpServletRequest request) {
        return file(
                id,
                request,
                MediaType.APPLICATION_PDF_VALUE,
                (ticket, code) ->
                        TicketPdf.of(ticket, tickets.performance(ticket.place().event()), code));
    }

    private Answer file(
            String id, HttpServletRequest request, String type, BiFunction<Ticket, String, byte[]> picture) {
        UUID ticketId = Query.id(id);
        Ticket ticket = Query.of(request).finish(() -> tickets.find(ticketId)).orElse(null);
        if (ticket == null) {
            return Answer.refused(TicketProblems.unknownTicket(ticketId));
        }
        String code = tickets.code(ticket);
        return code == null
                ? Answer.refused(TicketProblems.voided(ticket))
                : Answer.file(type, picture.apply(ticket, code)).header("Cache-Control", "no-store");
    }
}
