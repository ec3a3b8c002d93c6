package dev.holdfast.server.ticketing;

import dev.holdfast.server.api.Answer;
import dev.holdfast.server.api.Body;
import dev.holdfast.server.api.Caller;
import dev.holdfast.server.api.Contract;
import dev.holdfast.server.api.Contract.KeyUse;
import dev.holdfast.server.api.Keys;
import dev.holdfast.server.api.Query;
import dev.holdfast.server.api.Versions;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;

import static dev.holdfast.server.api.ErrorCode.IDEMPOTENCY_KEY_REUSED;
import static dev.holdfast.server.api.ErrorCode.IF_MATCH_REQUIRED;
import static dev.holdfast.server.api.ErrorCode.UNKNOWN_EVENT;
import static dev.holdfast.server.api.ErrorCode.UNKNOWN_VENUE;
import static dev.holdfast.server.api.ErrorCode.VERSION_CHANGED;

/** Events over HTTP. */
@Controller
@RequestMapping(path = "/v1/events", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Events", description = "Numbered seats and standing places of an event, held and sold once")
class EventApi {
    private static final int LIMIT_MAX = 200;
    private static final int LIMIT_DEFAULT = 50;

    @Schema(name = "EventPage")
    record PageView(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            List<EventView> data,

            @Schema(
                    types = {"string", "null"},
                    description = "For the next page; null on the last")
            @Nullable
            String nextCursor) {}

    private final Events events;
    private final EventStore store;

    EventApi(Events events, EventStore store) {
        this.events = events;
        this.store = store;
    }

    @PostMapping
    @Operation(
            operationId = "createEvent",
            summary = "Create an event",
            description =
                    "On the newest map of the venue. Answers when all its seats are in stock: 100,000 take some seconds.")
    @Contract(
            status = 201,
            answer = EventView.class,
            body = EventRequests.EventBody.class,
            key = KeyUse.OPTIONAL,
            takesCaller = true,
            hasEtag = true,
            problems = {UNKNOWN_VENUE, IDEMPOTENCY_KEY_REUSED})
    Answer create(HttpServletRequest request) {
        var key = Keys.optionalOrNew(request);
        return switch (events.create(key, EventRequests.event(Body.read(request)), Caller.of(request))) {
            case Events.Refused(var problem) -> Answer.refused(problem);
            case Events.Seen(var event, var replayed) ->
                tagged(Answer.created(EventView.of(event)), event)
                        .header("Location", "/v1/events/" + event.id())
                        .replayed(replayed);
        };
    }

    @GetMapping
    @Operation(operationId = "listEvents", summary = "List events", description = "Those that start last first.")
    @Parameter(in = ParameterIn.QUERY, name = "venue", schema = @Schema(type = "string", format = "uuid"))
    @Parameter(
            in = ParameterIn.QUERY,
            name = "from",
            description = "That start then or later",
            schema = @Schema(type = "string", format = "date-time"))
    @Parameter(
            in = ParameterIn.QUERY,
            name = "to",
            description = "That start before",
            schema = @Schema(type = "string", format = "date-time"))
    @Parameter(
            in = ParameterIn.QUERY,
            name = "limit",
            schema = @Schema(type = "integer", minimum = "1", maximum = "200", defaultValue = "50"))
    @Parameter(
            in = ParameterIn.QUERY,
            name = "cursor",
            description = "nextCursor of the page before",
            schema = @Schema(type = "string"))
    @Contract(answer = PageView.class)
    Answer list(HttpServletRequest request) {
        var query = Query.of(request);
        String venue = query.text("venue");
        UUID venueId = venue == null ? null : Query.id(venue);
        var from = query.time("from");
        var to = query.time("to");
        int limit = query.number("limit", 1, LIMIT_MAX, LIMIT_DEFAULT);
        String cursor = query.text("cursor");
        var page = query.finish(() -> store.page(venueId, from, to, limit, cursor));
        return Answer.ok(new PageView(page.rows().stream().map(EventView::of).toList(), page.nextCursor()))
                .header("Cache-Control", "no-store");
    }

    @GetMapping("/{id}")
    @Operation(operationId = "getEvent", summary = "Look at an event")
    @Contract(answer = EventView.class, hasEtag = true, problems = UNKNOWN_EVENT)
    Answer get(@PathVariable String id, HttpServletRequest request) {
        UUID eventId = Query.id(id);
        return Query.of(request)
                .finish(() -> store.find(eventId))
                .map(event -> Versions.tagged(request, Versions.etag(event.version()), EventView.of(event)))
                .orElseGet(() -> Answer.refused(Events.unknown(eventId)));
    }

    @PutMapping("/{id}")
    @Operation(
            operationId = "changeEvent",
            summary = "Change what is said of an event",
            description =
                    "Name, times, prices and those rules that are no stock. What is held or sold stays so, at its price.")
    @Contract(
            answer = EventView.class,
            body = EventRequests.EventBody.class,
            takesIfMatch = true,
            takesCaller = true,
            hasEtag = true,
            problems = {UNKNOWN_EVENT, VERSION_CHANGED, IF_MATCH_REQUIRED})
    Answer change(@PathVariable String id, HttpServletRequest request) {
        UUID eventId = Query.id(id);
        Long ifMatch = Versions.requiredIfMatch(request);
        var wanted = EventRequests.event(Body.read(request));
        return switch (events.change(eventId, ifMatch, wanted, Caller.of(request))) {
            case Events.Refused(var problem) -> Answer.refused(problem);
            case Events.Seen(var event, var _) -> tagged(Answer.ok(EventView.of(event)), event);
        };
    }

    private static Answer tagged(Answer answer, Event event) {
        return answer.header(Versions.ETAG, Versions.etag(event.version()));
    }
}
