package dev.holdfast.server.stock;

import dev.holdfast.engine.Level;
import dev.holdfast.engine.Movement;
import dev.holdfast.engine.Outcome;
import dev.holdfast.engine.Outcome.Moved;
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
import dev.holdfast.server.api.Versions;
import dev.holdfast.server.catalog.ForSale;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.function.Function;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;

import static dev.holdfast.server.api.ErrorCode.IDEMPOTENCY_KEY_REUSED;
import static dev.holdfast.server.api.ErrorCode.INSUFFICIENT_STOCK;
import static dev.holdfast.server.api.ErrorCode.PROMISED_STOCK;
import static dev.holdfast.server.api.ErrorCode.STOCK_LIMIT_EXCEEDED;
import static dev.holdfast.server.api.ErrorCode.UNKNOWN_PRODUCT;
import static dev.holdfast.server.api.ErrorCode.UNKNOWN_SKU;
import static dev.holdfast.server.api.ErrorCode.VERSION_CHANGED;

/** What changes stock other than holds and sales. */
@Controller
@RequestMapping(path = "/v1/stock", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Stock", description = "Levels, the ledger of their movements, and what people do to them")
class StockWrites {
    @Schema(name = "Transfer", description = "Both movements, out then in")
    record TransferView(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            List<MovementView> movements) {}

    private final StockEngine engine;
    private final ForSale forSale;

    StockWrites(StockEngine engine, ForSale forSale) {
        this.engine = engine;
        this.forSale = forSale;
    }

    @PostMapping("/receipts")
    @Operation(
            operationId = "receiveStock",
            summary = "Receive units",
            description = "A SKU begins to exist with its first receipt.")
    @Contract(
            status = 201,
            answer = MovementView.class,
            body = StockRequests.ReceiptBody.class,
            key = KeyUse.REQUIRED,
            takesCaller = true,
            hasEtag = true,
            problems = {UNKNOWN_PRODUCT, STOCK_LIMIT_EXCEEDED, IDEMPOTENCY_KEY_REUSED})
    Answer receive(HttpServletRequest request) {
        Versions.refuseIfMatch(request);
        var actor = Caller.of(request).actorOfStock();
        var key = Keys.required(request);
        var command = StockRequests.receive(key, Body.read(request));
        Problem unknown = forSale.refusal(key, command.stock().sku());
        return unknown == null ? answer(engine.execute(command, actor), this::created) : Answer.refused(unknown);
    }

    @PostMapping("/adjustments")
    @Operation(
            operationId = "adjustStock",
            summary = "Correct on hand by a difference",
            description = "Never below what is promised.")
    @Contract(
            status = 201,
            answer = MovementView.class,
            body = StockRequests.AdjustmentBody.class,
            key = KeyUse.OPTIONAL,
            takesCaller = true,
            hasEtag = true,
            takesIfMatch = true,
            problems = {UNKNOWN_SKU, PROMISED_STOCK, STOCK_LIMIT_EXCEEDED, VERSION_CHANGED, IDEMPOTENCY_KEY_REUSED})
    Answer adjust(HttpServletRequest request) {
        var actor = Caller.of(request).actorOfStock();
        var key = Keys.optionalOrNew(request);
        Long ifMatch = Versions.ifMatch(request);
        return answer(engine.execute(StockRequests.adjust(key, ifMatch, Body.read(request)), actor), this::created);
    }

    @PostMapping("/counts")
    @Operation(
            operationId = "countStock",
            summary = "Record a stock count",
            description = "Reality wins: promises that the counted units cannot cover become shortfall.")
    @Contract(
            status = 201,
            answer = MovementView.class,
            body = StockRequests.CountBody.class,
            key = KeyUse.OPTIONAL,
            takesCaller = true,
            hasEtag = true,
            takesIfMatch = true,
            problems = {UNKNOWN_SKU, VERSION_CHANGED, IDEMPOTENCY_KEY_REUSED})
    Answer count(HttpServletRequest request) {
        var actor = Caller.of(request).actorOfStock();
        var key = Keys.optionalOrNew(request);
        Long ifMatch = Versions.ifMatch(request);
        return answer(engine.execute(StockRequests.count(key, ifMatch, Body.read(request)), actor), this::created);
    }

    @PostMapping("/transfers")
    @Operation(
            operationId = "transferStock",
            summary = "Move units to another location",
            description = "Only units that are promised to nobody. If-Match is the version at from.")
    @Contract(
            status = 201,
            answer = TransferView.class,
            body = StockRequests.TransferBody.class,
            key = KeyUse.OPTIONAL,
            takesCaller = true,
            takesIfMatch = true,
            problems = {UNKNOWN_SKU, INSUFFICIENT_STOCK, STOCK_LIMIT_EXCEEDED, VERSION_CHANGED, IDEMPOTENCY_KEY_REUSED})
    Answer transfer(HttpServletRequest request) {
        var actor = Caller.of(request).actorOfStock();
        var key = Keys.optionalOrNew(request);
        Long ifMatch = Versions.ifMatch(request);
        return answer(
                engine.execute(StockRequests.transfer(key, ifMatch, Body.read(request)), actor),
                moved -> Answer.created(new TransferView(
                        moved.movements().stream().map(MovementView::of).toList())));
    }

    @PutMapping("/{sku}/limits")
    @Operation(
            operationId = "setStockLimits",
            summary = "Set safety stock, backorder limit and channel buffers",
            description = "How much is kept back, for whom, and how far promises may go beyond what is on hand.")
    @Contract(
            answer = MovementView.class,
            body = StockRequests.LimitsBody.class,
            key = KeyUse.OPTIONAL,
            takesCaller = true,
            hasEtag = true,
            takesIfMatch = true,
            problems = {UNKNOWN_SKU, PROMISED_STOCK, VERSION_CHANGED, IDEMPOTENCY_KEY_REUSED})
    Answer limits(@PathVariable String sku, HttpServletRequest request) {
        var query = Query.of(request);
        var stock = query.sku(sku);
        var actor = Caller.of(request).actorOfStock();
        var key = Keys.optionalOrNew(request);
        Long ifMatch = Versions.ifMatch(request);
        var command = query.finish(() -> StockRequests.limits(key, ifMatch, stock, Body.read(request)));
        return answer(engine.execute(command, actor), moved -> {
            Movement movement = moved.movements().getFirst();
            return Answer.ok(MovementView.of(movement)).header(Versions.ETAG, Versions.etag(movement.version()));
        });
    }

    private Answer created(Moved moved) {
        Movement movement = moved.movements().getFirst();
        return Answer.created(MovementView.of(movement)).header(Versions.ETAG, Versions.etag(movement.version()));
    }

    private static Answer answer(Outcome.Stock outcome, Function<Moved, Answer> success) {
        return switch (outcome) {
            case Moved moved -> success.apply(moved).replayed(moved.replayed());
            case Outcome.Insufficient refusal -> Answer.refused(Refusals.of(refusal));
            case Outcome.UnknownSku refusal -> Answer.refused(Refusals.of(refusal));
            case Outcome.KeyReused refusal -> Answer.refused(Refusals.of(refusal));
            case Outcome.PromisedStock refusal -> Answer.refused(promised(refusal.level()));
            case Outcome.VersionChanged refusal -> Answer.refused(changed(refusal.level()));
            case Outcome.OverLimit refusal -> Answer.refused(overLimit(refusal.level()));
            case Outcome.NotAllocated _, Outcome.UnknownHold _ ->
                throw new IllegalStateException("no command here names a hold: " + outcome);
        };
    }

    private static Problem promised(Level level) {
        return about(
                level,
                Problem.of(
                        PROMISED_STOCK,
                        level.stock() + " has " + level.onHand() + " on hand, of which " + level.held()
                                + " are held and " + level.allocated() + " allocated"));
    }

    private static Problem changed(Level level) {
        return about(
                        level,
                        Problem.of(
                                VERSION_CHANGED,
                                level.stock() + " is at version " + level.version()
                                        + " now; look at it again and decide again"))
                .with("currentVersion", level.version())
                .withHeader(Versions.ETAG, Versions.etag(level.version()));
    }

    private static Problem overLimit(Level level) {
        return about(level, Problem.of(STOCK_LIMIT_EXCEEDED, "One stock counts at most " + Level.UNITS_MAX + " units"));
    }

    private static Problem about(Level level, Problem problem) {
        return problem.with("sku", level.stock().sku().value()).with("level", LevelView.of(level));
    }
}
