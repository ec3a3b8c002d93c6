package dev.holdfast.server.admission;

import dev.holdfast.server.admission.Ticket.Entry;
import dev.holdfast.server.admission.TicketView.PlaceView;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

@Schema(name = "CheckIn", description = "That a ticket's holder came in")
record CheckInView(
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) UUID ticketId,
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) PlaceView place,
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) String holder,
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) Instant admittedAt,
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) String gate,

        @Schema(
                description = "Who came in with it too, at gates that could not ask",
                requiredMode = Schema.RequiredMode.REQUIRED)
        List<EntryView> others) {
    @Schema(name = "TicketEntry")
    record EntryView(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            Instant at,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            String gate) {
        static EntryView of(Entry entry) {
            return new EntryView(entry.at(), entry.gate());
        }
    }

    static CheckInView of(CheckIns.In in) {
        Ticket ticket = in.ticket();
        Entry entry = in.entry();
        return new CheckInView(
                ticket.id(),
                PlaceView.of(ticket.place()),
                ticket.holder(),
                entry.at(),
                entry.gate(),
                in.others().stream().map(EntryView::of).toList());
    }
}
