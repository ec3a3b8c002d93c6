package dev.holdfast.server.ticketing;

import dev.holdfast.server.api.Answer;
import dev.holdfast.server.api.Body;
import dev.holdfast.server.api.Contract;
import dev.holdfast.server.api.Contract.KeyUse;
import dev.holdfast.server.api.Keys;
import dev.holdfast.server.api.Problem;
import dev.holdfast.server.api.Query;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;

import static dev.holdfast.server.api.ErrorCode.IDEMPOTENCY_KEY_REUSED;
import static dev.holdfast.server.api.ErrorCode.NO_SEATS;
import static dev.holdfast.server.api.ErrorCode.SALE_RULE;
import static dev.holdfast.server.api.ErrorCode.UNKNOWN_EVENT;
import static dev.holdfast.server.api.ErrorCode.UNKNOWN_WAITER;

/** Waiting lists over HTTP. */
@Controller
@RequestMapping(path = "/v1/events/{id}/waiting-list", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Events")
class WaitingListApi {
    @Schema(name = "Waiter", description = "Somebody who waits for places to come back")
    record WaiterView(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            UUID id,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            UUID eventId,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            Waiter.State state,

            @Schema(description = "How many are before him who wait still", requiredMode = Schema.RequiredMode.REQUIRED)
            long ahead,

            @Schema(description = "Of the places that are held for him: to be checked out, or released") @Nullable
            UUID holdId,

            @Schema(description = "How long they are") @Nullable
            Instant offeredUntil) {
        static WaiterView of(WaitingList.Seen seen) {
            Waiter waiter = seen.waiter();
            return new WaiterView(
                    waiter.id(),
                    waiter.eventId(),
                    waiter.state(),
                    seen.ahead(),
                    waiter.holdId(),
                    waiter.offeredUntil());
        }
    }

    private final WaitingList list;
    private final LiveMaps maps;

    WaitingListApi(WaitingList list, LiveMaps maps) {
        this.list = list;
        this.maps = maps;
    }

    @PostMapping
    @Operation(
            operationId = "joinWaitingList",
            summary = "Wait for seats",
            description =
                    "In the order of arrival. When so many come back, they are held for some minutes; whoever does not check them out"
                            + " by then, or goes, passes them on to the next. What nobody in line can use is for everybody.")
    @Contract(
            status = 201,
            answer = WaiterView.class,
            body = EventRequests.WaiterBody.class,
            key = KeyUse.REQUIRED,
            problems = {UNKNOWN_EVENT, SALE_RULE, NO_SEATS, IDEMPOTENCY_KEY_REUSED})
    Answer join(@PathVariable String id, HttpServletRequest request) {
        UUID event = Query.id(id);
        var key = Keys.required(request);
        var wish = EventRequests.waiter(Body.read(request));
        var live = maps.find(event).orElse(null);
        if (live == null) {
            return Answer.refused(Events.unknown(event));
        }
        return switch (list.join(live, key, wish.wanted(), wish.buyer())) {
            case WaitingList.Refused(var problem) -> Answer.refused(problem);
            case WaitingList.Seen seen ->
                Answer.created(WaiterView.of(seen))
                        .header("Location", "/v1/events/" + event + "/waiting-list/" + key.id())
                        .replayed(seen.replayed());
        };
    }

    @GetMapping("/{waiter}")
    @Operation(operationId = "getWaiter", summary = "Look how far one is in line")
    @Contract(answer = WaiterView.class, problems = UNKNOWN_WAITER)
    Answer get(@PathVariable String id, @PathVariable String waiter, HttpServletRequest request) {
        UUID event = Query.id(id);
        UUID wanted = Query.id(waiter);
        return Query.of(request)
                .finish(() -> list.find(event, wanted))
                .map(seen -> Answer.ok(WaiterView.of(seen)).header("Cache-Control", "no-store"))
                .orElseGet(() -> unknown(wanted));
    }

    @DeleteMapping("/{waiter}")
    @Operation(
            operationId = "leaveWaitingList",
            summary = "Go away",
            description = "What was offered is passed on. What is bought stays so.")
    @Contract(answer = WaiterView.class, problems = UNKNOWN_WAITER)
    Answer leave(@PathVariable String id, @PathVariable String waiter, HttpServletRequest request) {
        Body.requireNone(request);
        UUID event = Query.id(id);
        UUID wanted = Query.id(waiter);
        return list.leave(event, wanted)
                .map(seen -> Answer.ok(WaiterView.of(seen)))
                .orElseGet(() -> unknown(wanted));
    }

    private static Answer unknown(UUID waiter) {
        return Answer.refused(Problem.of(UNKNOWN_WAITER, "Nobody waits here by the id " + waiter));
    }
}
