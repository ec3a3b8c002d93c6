package dev.holdfast.server.admission;

import dev.holdfast.server.admission.TicketView.PlaceView;
import dev.holdfast.server.api.Answer;
import dev.holdfast.server.api.Contract;
import dev.holdfast.server.api.Cursor;
import dev.holdfast.server.api.Problem;
import dev.holdfast.server.api.Query;
import dev.holdfast.server.ticketing.Performances;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;

import static dev.holdfast.server.api.ErrorCode.UNKNOWN_EVENT;

/** What gates could not know: who came in that should not have. */
@Controller
@RequestMapping(path = "/v1/events/{id}/check-ins/conflicts", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Check-in")
class ConflictApi {
    private static final int LIMIT_MAX = 200;
    private static final int LIMIT_DEFAULT = 50;
    private static final UUID FIRST = new UUID(0, 0);

    @Schema(name = "Admission")
    record AdmissionView(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            Instant at,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            String gate,

            @Schema(description = "Of the code that was shown", requiredMode = Schema.RequiredMode.REQUIRED)
            int generation,

            @Schema(
                    description = "Whether that code was good when this became known",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            boolean good) {
        static AdmissionView of(Admission admission) {
            return new AdmissionView(
                    admission.entry().at(), admission.entry().gate(), admission.generation(), admission.isGood());
        }
    }

    @Schema(
            name = "AdmissionConflict",
            description = "A ticket that let in more than one, or somebody whose code was not good")
    record ConflictView(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            UUID ticketId,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            PlaceView place,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            String holder,

            @Schema(description = "The first first", requiredMode = Schema.RequiredMode.REQUIRED)
            List<AdmissionView> admissions) {}

    @Schema(name = "AdmissionConflictPage")
    record PageView(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            List<ConflictView> data,

            @Schema(
                    types = {"string", "null"},
                    description = "For the next page; null on the last")
            @Nullable
            String nextCursor) {}

    private final AdmissionStore admissions;
    private final TicketStore tickets;
    private final Performances performances;

    ConflictApi(AdmissionStore admissions, TicketStore tickets, Performances performances) {
        this.admissions = admissions;
        this.tickets = tickets;
        this.performances = performances;
    }

    @GetMapping
    @Operation(
            operationId = "listAdmissionConflicts",
            summary = "Find tickets that let in more than one",
            description = "Or somebody with a code that was not good any more, at a gate that could not ask.")
    @Parameter(
            in = ParameterIn.QUERY,
            name = "limit",
            schema = @Schema(type = "integer", minimum = "1", maximum = "200", defaultValue = "50"))
    @Parameter(
            in = ParameterIn.QUERY,
            name = "cursor",
            description = "nextCursor of the page before",
            schema = @Schema(type = "string"))
    @Contract(answer = PageView.class, problems = UNKNOWN_EVENT)
    Answer conflicts(@PathVariable String id, HttpServletRequest request) {
        UUID event = Query.id(id);
        var query = Query.of(request);
        int limit = query.number("limit", 1, LIMIT_MAX, LIMIT_DEFAULT);
        String cursor = query.text("cursor");
        if (query.finish(() -> performances.find(event)).isEmpty()) {
            return Answer.refused(TicketProblems.unknownEvent(event));
        }
        List<UUID> ids = new ArrayList<>(
                admissions.conflicts(event, cursor == null ? FIRST : decoded(cursor, event), limit + 1));
        String next = null;
        if (ids.size() > limit) {
            ids.removeLast();
            next = new Cursor(0, ids.getLast()).encode(filter(event));
        }
        return Answer.ok(new PageView(views(event, ids), next)).header("Cache-Control", "no-store");
    }

    private List<ConflictView> views(UUID event, List<UUID> ids) {
        Map<UUID, List<AdmissionView>> all = admissions.of(event, ids).stream()
                .collect(Collectors.groupingBy(
                        Admission::ticketId, Collectors.mapping(AdmissionView::of, Collectors.toList())));
        return tickets.find(ids).stream()
                .map(ticket -> new ConflictView(
                        ticket.id(),
                        PlaceView.of(ticket.place()),
                        ticket.holder(),
                        all.getOrDefault(ticket.id(), List.of())))
                .toList();
    }

    private static UUID decoded(String cursor, UUID event) {
        try {
            return Cursor.decode(cursor, filter(event)).id();
        } catch (IllegalArgumentException e) {
            throw Problem.invalid("cursor", "must be the nextCursor of another page of this list")
                    .asException();
        }
    }

    private static String filter(UUID event) {
        return "conflicts of " + event;
    }
}
