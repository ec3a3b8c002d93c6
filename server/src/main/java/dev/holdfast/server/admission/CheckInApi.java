package dev.holdfast.server.admission;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.holdfast.server.admission.CheckIns.In;
import dev.holdfast.server.admission.CheckIns.Refused;
import dev.holdfast.server.admission.CheckIns.Shown;
import dev.holdfast.server.api.Answer;
import dev.holdfast.server.api.Body;
import dev.holdfast.server.api.Contract;
import dev.holdfast.server.api.Contract.KeyUse;
import dev.holdfast.server.api.Keys;
import dev.holdfast.server.api.Problem;
import dev.holdfast.server.api.ProblemException;
import dev.holdfast.server.api.Query;
import dev.holdfast.server.ticketing.Performances;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;

import static dev.holdfast.server.api.ErrorCode.ALREADY_ADMITTED;
import static dev.holdfast.server.api.ErrorCode.IDEMPOTENCY_KEY_REUSED;
import static dev.holdfast.server.api.ErrorCode.INVALID_TICKET;
import static dev.holdfast.server.api.ErrorCode.TICKET_VOID;
import static dev.holdfast.server.api.ErrorCode.UNKNOWN_EVENT;
import static dev.holdfast.server.api.ErrorCode.WRONG_EVENT;

/** What gates ask. */
@Controller
@RequestMapping(path = "/v1/events/{id}/check-ins", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Check-in", description = "Who comes in, once; also at gates that could not ask")
class CheckInApi {
    /** Gates whose clocks are ahead of ours by more are wrong. */
    private static final Duration CLOCKS_DIFFER = Duration.ofMinutes(5);

    @JsonInclude(JsonInclude.Include.NON_NULL)
    @Schema(name = "CheckInResult", description = "Either a check-in or a problem, in the order of the request")
    record Result(
            @Schema(
                    description = "What this check-in alone would have been answered with",
                    example = "200",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            int status,

            @Nullable CheckInView checkIn,

            @Nullable Map<String, Object> problem) {
        static Result of(CheckIns.Answer answer) {
            return switch (answer) {
                case In in -> new Result(200, CheckInView.of(in), null);
                case Refused(var problem) -> refused(problem);
            };
        }

        static Result refused(Problem problem) {
            return new Result(problem.code().status(), null, problem.asPart());
        }
    }

    @Schema(name = "CheckInResults")
    record Results(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            List<Result> results) {}

    /** One element as it was read: a code that was shown, or what is wrong with it. */
    private record Element(@Nullable Shown shown, @Nullable Problem problem) {
        static Element read(Body body, Instant latest) {
            try {
                return new Element(TicketRequests.offlineCheckIn(body, latest), null);
            } catch (ProblemException e) {
                return new Element(null, e.problem());
            }
        }
    }

    private final CheckIns checkIns;
    private final Performances performances;
    private final Clock clock;

    CheckInApi(CheckIns checkIns, Performances performances, Clock clock) {
        this.checkIns = checkIns;
        this.performances = performances;
        this.clock = clock;
    }

    @PostMapping
    @Operation(
            operationId = "checkIn",
            summary = "Let somebody in",
            description =
                    "Once for each ticket. The same key again gets the same answer: whoever was not answered asks again with it.")
    @Contract(
            answer = CheckInView.class,
            body = TicketRequests.CheckInBody.class,
            key = KeyUse.OPTIONAL,
            problems = {
                UNKNOWN_EVENT,
                INVALID_TICKET,
                WRONG_EVENT,
                TICKET_VOID,
                ALREADY_ADMITTED,
                IDEMPOTENCY_KEY_REUSED
            })
    Answer checkIn(@PathVariable String id, HttpServletRequest request) {
        UUID event = Query.id(id);
        var key = Keys.optional(request);
        var shown = TicketRequests.checkIn(Body.read(request), now());
        if (performances.find(event).isEmpty()) {
            return Answer.refused(TicketProblems.unknownEvent(event));
        }
        return switch (checkIns.admit(event, shown, key == null ? null : key.id())) {
            case In in -> Answer.ok(CheckInView.of(in)).replayed(in.replayed());
            case Refused(var problem) -> Answer.refused(problem);
        };
    }

    @PostMapping("/batch")
    @Operation(
            operationId = "recordCheckIns",
            summary = "Record who came in at gates that could not ask",
            description =
                    "Up to 1,000, in any order; what is sent again changes nothing. All are kept; of each ticket the first by `at`"
                            + " stays, and the others get `already-admitted`. An element that breaks the contract fails alone.")
    @Contract(answer = Results.class, body = TicketRequests.BatchBody.class, problems = UNKNOWN_EVENT)
    Answer record(@PathVariable String id, HttpServletRequest request) {
        UUID event = Query.id(id);
        Instant latest = now().plus(CLOCKS_DIFFER);
        List<Element> elements = TicketRequests.batch(Body.read(request)).stream()
                .map(body -> Element.read(body, latest))
                .toList();
        if (performances.find(event).isEmpty()) {
            return Answer.refused(TicketProblems.unknownEvent(event));
        }
        List<Shown> shown =
                elements.stream().map(Element::shown).filter(Objects::nonNull).toList();
        Iterator<CheckIns.Answer> answers = checkIns.record(event, shown).iterator();
        List<Result> results = new ArrayList<>(elements.size());
        for (Element element : elements) {
            results.add(element.problem() == null ? Result.of(answers.next()) : Result.refused(element.problem()));
        }
        return Answer.ok(new Results(results));
    }

    /** To the microsecond, as the database keeps it. */
    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
