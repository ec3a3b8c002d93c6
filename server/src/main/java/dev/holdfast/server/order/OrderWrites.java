package dev.holdfast.server.order;

import dev.holdfast.engine.Level;
import dev.holdfast.engine.StockKey;
import dev.holdfast.server.api.Answer;
import dev.holdfast.server.api.Caller;
import dev.holdfast.server.api.Contract;
import dev.holdfast.server.api.Contract.KeyUse;
import dev.holdfast.server.api.Keys;
import dev.holdfast.server.api.Problem;
import dev.holdfast.server.api.Query;
import dev.holdfast.server.api.Refusals;
import dev.holdfast.server.api.Versions;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;

import static dev.holdfast.server.api.ErrorCode.IDEMPOTENCY_KEY_REUSED;
import static dev.holdfast.server.api.ErrorCode.INSUFFICIENT_STOCK;
import static dev.holdfast.server.api.ErrorCode.ORDER_STATE;
import static dev.holdfast.server.api.ErrorCode.OVERLOADED;
import static dev.holdfast.server.api.ErrorCode.STOCK_LIMIT_EXCEEDED;
import static dev.holdfast.server.api.ErrorCode.UNKNOWN_ORDER;
import static dev.holdfast.server.api.ErrorCode.VERSION_CHANGED;

/** What is done to the units of an order, all or in part. */
@Controller
@RequestMapping(path = "/v1/orders/{id}", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Orders", description = "What somebody bought, from placed to delivered, cancelled or returned")
class OrderWrites {
    private final Fulfilment fulfilment;

    OrderWrites(Fulfilment fulfilment) {
        this.fulfilment = fulfilment;
    }

    @PostMapping("/pack")
    @Operation(operationId = "packOrder", summary = "Pack", description = "Units of a paid order. May be left out.")
    @Contract(
            answer = OrderView.class,
            body = OrderRequests.PartsBody.class,
            key = KeyUse.REQUIRED,
            hasEtag = true,
            takesIfMatch = true,
            takesCaller = true,
            problems = {UNKNOWN_ORDER, ORDER_STATE, VERSION_CHANGED, IDEMPOTENCY_KEY_REUSED})
    Answer pack(@PathVariable String id, HttpServletRequest request) {
        return perform(id, Act.PACK, request);
    }

    @PostMapping("/ship")
    @Operation(
            operationId = "shipOrder",
            summary = "Ship",
            description =
                    "Units of a paid order, packed ones first. They leave on hand; that fails while fewer are there.")
    @Contract(
            answer = OrderView.class,
            body = OrderRequests.PartsBody.class,
            key = KeyUse.REQUIRED,
            hasEtag = true,
            takesIfMatch = true,
            takesCaller = true,
            problems = {UNKNOWN_ORDER, ORDER_STATE, INSUFFICIENT_STOCK, VERSION_CHANGED, IDEMPOTENCY_KEY_REUSED})
    Answer ship(@PathVariable String id, HttpServletRequest request) {
        return perform(id, Act.SHIP, request);
    }

    @PostMapping("/deliver")
    @Operation(operationId = "deliverOrder", summary = "Deliver", description = "Units that were on their way.")
    @Contract(
            answer = OrderView.class,
            body = OrderRequests.PartsBody.class,
            key = KeyUse.REQUIRED,
            hasEtag = true,
            takesIfMatch = true,
            takesCaller = true,
            problems = {UNKNOWN_ORDER, ORDER_STATE, VERSION_CHANGED, IDEMPOTENCY_KEY_REUSED})
    Answer deliver(@PathVariable String id, HttpServletRequest request) {
        return perform(id, Act.DELIVER, request);
    }

    @PostMapping("/cancel")
    @Operation(
            operationId = "cancelOrder",
            summary = "Cancel",
            description =
                    "Units that have not been shipped: available to others at once, and what was paid for them is due.")
    @Contract(
            answer = OrderView.class,
            body = OrderRequests.PartsBody.class,
            key = KeyUse.REQUIRED,
            hasEtag = true,
            takesIfMatch = true,
            takesCaller = true,
            problems = {UNKNOWN_ORDER, ORDER_STATE, VERSION_CHANGED, IDEMPOTENCY_KEY_REUSED})
    Answer cancel(@PathVariable String id, HttpServletRequest request) {
        return perform(id, Act.CANCEL, request);
    }

    @PostMapping("/return")
    @Operation(
            operationId = "returnOrder",
            summary = "Take back",
            description =
                    "Units that were shipped: back on the shelf or written off, and what was paid for them is due.")
    @Contract(
            answer = OrderView.class,
            body = OrderRequests.ReturnBody.class,
            key = KeyUse.REQUIRED,
            hasEtag = true,
            takesIfMatch = true,
            takesCaller = true,
            problems = {UNKNOWN_ORDER, ORDER_STATE, STOCK_LIMIT_EXCEEDED, VERSION_CHANGED, IDEMPOTENCY_KEY_REUSED})
    Answer takeBack(@PathVariable String id, HttpServletRequest request) {
        return perform(id, Act.RETURN, request);
    }

    private Answer perform(String id, Act act, HttpServletRequest request) {
        UUID orderId = Query.id(id);
        var key = Keys.required(request);
        Long ifMatch = Versions.ifMatch(request);
        var caller = Caller.of(request);
        var parts = OrderRequests.parts(act, request);
        var asked = new Fulfilment.Request(orderId, act, parts, ifMatch, key, caller);
        return switch (fulfilment.perform(asked)) {
            case Fulfilment.Done done -> tagged(done.order()).replayed(done.replayed());
            case Fulfilment.NotDone answer -> Answer.refused(problem(asked, answer));
        };
    }

    static Problem problem(Fulfilment.Request asked, Fulfilment.NotDone answer) {
        return switch (answer) {
            case Fulfilment.Unknown _ -> unknown(asked.orderId());
            case Fulfilment.Stale stale -> stale(stale.order());
            case Fulfilment.NotAllowed refused -> notAllowed(asked.act(), refused.refusal());
            case Fulfilment.TooFew refused -> Refusals.of(refused.refusal());
            case Fulfilment.TooMany refused -> tooMany(refused.stock());
            case Fulfilment.KeyReused _ -> Refusals.keyReused();
            case Fulfilment.OnItsWay _ -> Refusals.unavailable();
            case Fulfilment.Busy _ ->
                Problem.of(OVERLOADED, "Many others are at this order; nothing was done for this request");
        };
    }

    private static Answer tagged(Order order) {
        return Answer.ok(OrderView.of(order)).header(Versions.ETAG, Versions.etag(order.version()));
    }

    static Problem unknown(UUID id) {
        return Problem.of(UNKNOWN_ORDER, "No order has the id " + id);
    }

    private static Problem stale(Order order) {
        return Problem.of(
                        VERSION_CHANGED,
                        "The order is at version " + order.version() + " now; look at it again and decide again")
                .with("currentVersion", order.version())
                .withHeader(Versions.ETAG, Versions.etag(order.version()));
    }

    private static Problem tooMany(StockKey stock) {
        return Problem.of(STOCK_LIMIT_EXCEEDED, "One stock counts at most " + Level.UNITS_MAX + " units: " + stock)
                .with("sku", stock.sku().value())
                .with("location", stock.location().value());
    }

    private static Problem notAllowed(Act act, Order.Refused refusal) {
        String detail = refusal.lines().isEmpty()
                ? "The order is " + refusal.state() + ": nothing of it can be done now by " + act.word()
                : refusal.lines().stream().map(Object::toString).collect(Collectors.joining("; "));
        return Problem.of(ORDER_STATE, detail).with("state", refusal.state()).with("lines", refusal.lines());
    }
}
