package dev.holdfast.server.hold;

import dev.holdfast.engine.Command.ConfirmHold;
import dev.holdfast.engine.Command.ReleaseHold;
import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.engine.Line;
import dev.holdfast.engine.Outcome;
import dev.holdfast.engine.StockEngine;
import dev.holdfast.server.api.Answer;
import dev.holdfast.server.api.Body;
import dev.holdfast.server.api.Caller;
import dev.holdfast.server.api.Contract;
import dev.holdfast.server.api.Contract.KeyUse;
import dev.holdfast.server.api.Keys;
import dev.holdfast.server.api.Problem;
import dev.holdfast.server.api.Query;
import dev.holdfast.server.api.Refusals;
import dev.holdfast.server.catalog.ForSale;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;

import static dev.holdfast.server.api.ErrorCode.HOLD_CONFIRMED;
import static dev.holdfast.server.api.ErrorCode.HOLD_EXPIRED;
import static dev.holdfast.server.api.ErrorCode.HOLD_RELEASED;
import static dev.holdfast.server.api.ErrorCode.IDEMPOTENCY_KEY_REQUIRED;
import static dev.holdfast.server.api.ErrorCode.IDEMPOTENCY_KEY_REUSED;
import static dev.holdfast.server.api.ErrorCode.INSUFFICIENT_STOCK;
import static dev.holdfast.server.api.ErrorCode.NOT_FOR_SALE;
import static dev.holdfast.server.api.ErrorCode.NOT_HELD;
import static dev.holdfast.server.api.ErrorCode.UNKNOWN_HOLD;
import static dev.holdfast.server.api.ErrorCode.UNKNOWN_SKU;

/** Holds one by one. */
@Controller
@RequestMapping(path = "/v1/holds", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Holds", description = "Temporary claims on units, which end once: confirmed, released or expired")
class HoldApi {
    private final StockEngine engine;
    private final ForSale forSale;
    private final SourcingRequests sourcing;
    private final Clock clock;

    HoldApi(StockEngine engine, ForSale forSale, SourcingRequests sourcing, Clock clock) {
        this.engine = engine;
        this.forSale = forSale;
        this.sourcing = sourcing;
        this.clock = clock;
    }

    @PostMapping
    @Operation(
            operationId = "placeHold",
            summary = "Place a hold",
            description = "All lines or none. A refusal names every short line at once and changes nothing."
                    + " Lines without a location come from wherever `sourcing` finds units. Of the hold it `supersedes`, if that"
                    + " is live, the units count for the new one and are given back in the same decision; if the new one does"
                    + " not fit, the old one lives on.")
    @Contract(
            status = 201,
            answer = HoldView.class,
            body = HoldRequests.PlaceBody.class,
            key = KeyUse.REQUIRED,
            takesCaller = true,
            problems = {INSUFFICIENT_STOCK, NOT_FOR_SALE, UNKNOWN_SKU, HOLD_CONFIRMED, IDEMPOTENCY_KEY_REUSED})
    Answer place(HttpServletRequest request) {
        var key = Keys.required(request);
        var command = HoldRequests.place(key, Body.read(request), sourcing);
        Problem notForSale = forSale.refusal(key, command.lines(), command.sourcing());
        if (notForSale != null) {
            return Answer.refused(notForSale);
        }
        return switch (engine.execute(command, Caller.namedActor(request))) {
            case Outcome.Placed placed ->
                Answer.created(HoldView.placed(placed.hold()))
                        .header("Location", "/v1/holds/" + placed.hold().id())
                        .replayed(placed.replayed());
            case Outcome.Insufficient refusal -> Answer.refused(Refusals.of(refusal));
            case Outcome.UnknownSku refusal -> Answer.refused(Refusals.of(refusal));
            case Outcome.Ended refusal -> Answer.refused(Refusals.ended(refusal.hold()));
            case Outcome.KeyReused refusal -> Answer.refused(Refusals.of(refusal));
        };
    }

    @GetMapping("/{id}")
    @Operation(
            operationId = "getHold",
            summary = "Look at a hold",
            description = "One past its deadline is EXPIRED, whoever has noticed.")
    @Contract(answer = HoldView.class, problems = UNKNOWN_HOLD)
    Answer get(@PathVariable String id, HttpServletRequest request) {
        UUID holdId = Query.id(id);
        return Query.of(request)
                .finish(() -> engine.hold(holdId))
                .map(hold -> Answer.ok(HoldView.of(hold, clock.instant())).header("Cache-Control", "no-cache"))
                .orElseGet(() -> Answer.refused(unknown(holdId)));
    }

    @PostMapping("/{id}/extend")
    @Operation(
            operationId = "extendHold",
            summary = "Extend a hold",
            description = "Its deadline becomes so many seconds from now, or stays if it is later already.")
    @Contract(
            answer = HoldView.class,
            body = HoldRequests.ExtendBody.class,
            key = KeyUse.OPTIONAL,
            takesCaller = true,
            problems = {UNKNOWN_HOLD, HOLD_CONFIRMED, HOLD_RELEASED, HOLD_EXPIRED, IDEMPOTENCY_KEY_REUSED})
    Answer extend(@PathVariable String id, HttpServletRequest request) {
        UUID holdId = Query.id(id);
        var command = HoldRequests.extend(Keys.optional(request), holdId, Body.read(request));
        return answer(engine.execute(command, Caller.namedActor(request)));
    }

    @PostMapping("/{id}/confirm")
    @Operation(
            operationId = "confirmHold",
            summary = "Confirm a hold",
            description =
                    "Its units are allocated to an order. Again: the same answer again. With `lines` only those, as often"
                            + " as there are some held; the rest stays held until the same deadline, and each part needs an"
                            + " `Idempotency-Key` of its own.")
    @Contract(
            answer = HoldView.class,
            body = HoldRequests.PartBody.class,
            isBodyOptional = true,
            key = KeyUse.OPTIONAL,
            takesCaller = true,
            problems = {
                UNKNOWN_HOLD,
                HOLD_CONFIRMED,
                HOLD_RELEASED,
                NOT_HELD,
                HOLD_EXPIRED,
                IDEMPOTENCY_KEY_REQUIRED,
                IDEMPOTENCY_KEY_REUSED
            })
    Answer confirm(@PathVariable String id, HttpServletRequest request) {
        UUID holdId = Query.id(id);
        List<Line> lines = HoldRequests.part(Body.readIfAny(request));
        var command = new ConfirmHold(key(request, lines), holdId, lines);
        return answer(engine.execute(command, Caller.namedActor(request)));
    }

    @PostMapping("/{id}/release")
    @Operation(
            operationId = "releaseHold",
            summary = "Release a hold",
            description =
                    "Its units are available to others at once. Again: the same answer again. With `lines` only those, as"
                            + " in `confirmHold`. A hold of which something was confirmed ends as CONFIRMED.")
    @Contract(
            answer = HoldView.class,
            body = HoldRequests.PartBody.class,
            isBodyOptional = true,
            key = KeyUse.OPTIONAL,
            takesCaller = true,
            problems = {
                UNKNOWN_HOLD,
                HOLD_CONFIRMED,
                HOLD_RELEASED,
                NOT_HELD,
                HOLD_EXPIRED,
                IDEMPOTENCY_KEY_REQUIRED,
                IDEMPOTENCY_KEY_REUSED
            })
    Answer release(@PathVariable String id, HttpServletRequest request) {
        UUID holdId = Query.id(id);
        List<Line> lines = HoldRequests.part(Body.readIfAny(request));
        var command = new ReleaseHold(key(request, lines), holdId, lines);
        return answer(engine.execute(command, Caller.namedActor(request)));
    }

    /** A part is another one when it is asked for again, so it needs a key; the whole does not. */
    private static @Nullable IdempotencyKey key(HttpServletRequest request, List<Line> lines) {
        return lines.isEmpty() ? Keys.optional(request) : Keys.required(request);
    }

    private Answer answer(Outcome.End outcome) {
        return switch (outcome) {
            case Outcome.Changed changed ->
                Answer.ok(HoldView.of(changed.hold(), changed.at())).replayed(changed.replayed());
            case Outcome.Ended ended -> Answer.refused(Refusals.ended(ended.hold()));
            case Outcome.NotHeld refusal ->
                Answer.refused(Problem.of(NOT_HELD, "Fewer of these units are still held")
                        .with("held", LineView.of(refusal.held())));
            case Outcome.UnknownHold refusal -> Answer.refused(unknown(refusal.id()));
            case Outcome.KeyReused refusal -> Answer.refused(Refusals.of(refusal));
            case Outcome.NotDue refusal -> throw new IllegalStateException("only an expiry can be early: " + refusal);
        };
    }

    private static Problem unknown(UUID id) {
        return Problem.of(UNKNOWN_HOLD, "No hold has the id " + id);
    }
}
