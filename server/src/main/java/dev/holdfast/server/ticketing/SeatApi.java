package dev.holdfast.server.ticketing;

import dev.holdfast.engine.StockEngine;
import dev.holdfast.server.api.Answer;
import dev.holdfast.server.api.Body;
import dev.holdfast.server.api.Caller;
import dev.holdfast.server.api.Contract;
import dev.holdfast.server.api.Contract.KeyUse;
import dev.holdfast.server.api.Keys;
import dev.holdfast.server.api.Prefer;
import dev.holdfast.server.api.Problem;
import dev.holdfast.server.api.Query;
import dev.holdfast.server.api.Versions;
import dev.holdfast.server.ticketing.LiveMaps.Live;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;

import static dev.holdfast.server.api.ErrorCode.HOLD_CONFIRMED;
import static dev.holdfast.server.api.ErrorCode.IDEMPOTENCY_KEY_REUSED;
import static dev.holdfast.server.api.ErrorCode.NOT_ON_SALE;
import static dev.holdfast.server.api.ErrorCode.NO_SEATS;
import static dev.holdfast.server.api.ErrorCode.ORPHAN_SEATS;
import static dev.holdfast.server.api.ErrorCode.OVERLOADED;
import static dev.holdfast.server.api.ErrorCode.SALE_RULE;
import static dev.holdfast.server.api.ErrorCode.SEATS_TAKEN;
import static dev.holdfast.server.api.ErrorCode.UNKNOWN_EVENT;
import static dev.holdfast.server.api.ErrorCode.UNKNOWN_HOLD;
import static dev.holdfast.server.api.ErrorCode.UNKNOWN_SEAT;

/** The seats of an event: who has which, and holds of them. */
@Controller
@RequestMapping(path = "/v1/events/{id}", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Events")
class SeatApi {
    private static final Duration WAIT_MAX = Duration.ofSeconds(20);
    private static final Pattern VERSION = Pattern.compile("([0-9a-f]{8})-(\\d{1,18})");

    private final LiveMaps maps;
    private final SeatHolds holds;
    private final StockEngine engine;
    private final Clock clock;

    SeatApi(LiveMaps maps, SeatHolds holds, StockEngine engine, Clock clock) {
        this.maps = maps;
        this.holds = holds;
        this.engine = engine;
        this.clock = clock;
    }

    @PostMapping("/holds")
    @Operation(
            operationId = "holdSeats",
            summary = "Hold seats",
            description =
                    "These `seats`, the `bestAvailable`, or places in an `area`: all or none. A refusal says which seats went."
                            + " Best available ones that somebody else was faster with are chosen again. Confirmed by a checkout with"
                            + " `holdId`; released under `/v1/holds`.")
    @Contract(
            status = 201,
            answer = SeatHoldView.class,
            body = EventRequests.HoldBody.class,
            key = KeyUse.REQUIRED,
            takesCaller = true,
            problems = {
                UNKNOWN_EVENT,
                UNKNOWN_SEAT,
                NOT_ON_SALE,
                SALE_RULE,
                SEATS_TAKEN,
                NO_SEATS,
                ORPHAN_SEATS,
                HOLD_CONFIRMED,
                IDEMPOTENCY_KEY_REUSED,
                OVERLOADED
            })
    Answer hold(@PathVariable String id, HttpServletRequest request) {
        UUID eventId = Query.id(id);
        var wanted = EventRequests.hold(Keys.required(request), Body.read(request));
        Live live = maps.find(eventId).orElse(null);
        if (live == null) {
            return Answer.refused(Events.unknown(eventId));
        }
        return switch (holds.place(live, wanted, Caller.namedActor(request))) {
            case SeatHolds.Refused(var problem) -> Answer.refused(problem);
            case SeatHolds.Placed(var hold, var replayed) ->
                Answer.created(SeatHoldView.of(live.event(), live.map(), hold, hold.placedAt()))
                        .header("Location", "/v1/events/" + eventId + "/holds/" + hold.id())
                        .replayed(replayed);
        };
    }

    @GetMapping("/holds/{holdId}")
    @Operation(operationId = "getSeatHold", summary = "Look at a hold of seats")
    @Contract(
            answer = SeatHoldView.class,
            problems = {UNKNOWN_EVENT, UNKNOWN_HOLD})
    Answer held(@PathVariable String id, @PathVariable String holdId, HttpServletRequest request) {
        UUID eventId = Query.id(id);
        UUID wanted = Query.id(holdId);
        var query = Query.of(request);
        Live live = query.finish(() -> maps.find(eventId)).orElse(null);
        if (live == null) {
            return Answer.refused(Events.unknown(eventId));
        }
        return engine.hold(wanted)
                .filter(hold -> SeatSku.isOfEvent(
                                hold.lines().getFirst().stock().sku())
                        && SeatSku.event(hold.lines().getFirst().stock().sku()).equals(eventId))
                .map(hold -> Answer.ok(SeatHoldView.of(live.event(), live.map(), hold, clock.instant()))
                        .header("Cache-Control", "no-cache"))
                .orElseGet(
                        () -> Answer.refused(Problem.of(UNKNOWN_HOLD, "No hold of this event has the id " + wanted)));
    }

    @GetMapping("/seats")
    @Operation(
            operationId = "getSeats",
            summary = "See who has which seat",
            description =
                    "All of them, two bits each; or with `since` only what has changed after that `version`, at once or, if nothing"
                            + " has, within `Prefer: wait=` seconds, at most 20. A version that another server has given, or that is too old,"
                            + " gets all of them.")
    @Parameter(
            in = ParameterIn.QUERY,
            name = "since",
            description = "version of an answer before",
            schema = @Schema(type = "string"))
    @Contract(answer = SeatsView.class, hasEtag = true, problems = UNKNOWN_EVENT)
    Answer seats(@PathVariable String id, HttpServletRequest request) throws InterruptedException {
        UUID eventId = Query.id(id);
        var query = Query.of(request);
        String since = query.text("since");
        Live live = query.finish(() -> maps.find(eventId)).orElse(null);
        if (live == null) {
            return Answer.refused(Events.unknown(eventId));
        }
        LiveMap map = live.map();
        Long before = since == null ? null : changes(map, since);
        if (before != null) {
            map.await(
                    before,
                    Prefer.wait(request, request.getHeader("Prefer") == null ? Duration.ZERO : WAIT_MAX)
                            .toNanos());
            var changes = map.since(before).orElse(null);
            if (changes != null) {
                return tagged(request, SeatsView.of(map, changes));
            }
        }
        return tagged(request, SeatsView.of(map, map.snapshot()));
    }

    private static Answer tagged(HttpServletRequest request, SeatsView view) {
        return Versions.tagged(request, "\"" + view.version() + "\"", view);
    }

    /** Null if another server, or this one before it was started again, has given it. */
    private static @Nullable Long changes(LiveMap map, String version) {
        var parts = VERSION.matcher(version);
        return parts.matches() && parts.group(1).equals(map.epoch) ? Long.valueOf(parts.group(2)) : null;
    }
}
