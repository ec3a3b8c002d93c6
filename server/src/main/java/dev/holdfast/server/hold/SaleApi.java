package dev.holdfast.server.hold;

import dev.holdfast.engine.Outcome;
import dev.holdfast.engine.StockEngine;
import dev.holdfast.server.api.Answer;
import dev.holdfast.server.api.Body;
import dev.holdfast.server.api.Caller;
import dev.holdfast.server.api.Contract;
import dev.holdfast.server.api.Contract.KeyUse;
import dev.holdfast.server.api.Keys;
import dev.holdfast.server.api.Problem;
import dev.holdfast.server.api.Refusals;
import dev.holdfast.server.catalog.ForSale;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;

import static dev.holdfast.server.api.ErrorCode.IDEMPOTENCY_KEY_REUSED;
import static dev.holdfast.server.api.ErrorCode.INSUFFICIENT_STOCK;
import static dev.holdfast.server.api.ErrorCode.NOT_FOR_SALE;
import static dev.holdfast.server.api.ErrorCode.UNKNOWN_SKU;

/** Sales at a till: placed, confirmed and handed over at once. */
@Controller
@RequestMapping(path = "/v1/sales", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Sales", description = "Units taken and gone at once, as at a till")
class SaleApi {
    private final StockEngine engine;
    private final ForSale forSale;
    private final SourcingRequests sourcing;

    SaleApi(StockEngine engine, ForSale forSale, SourcingRequests sourcing) {
        this.engine = engine;
        this.forSale = forSale;
        this.sourcing = sourcing;
    }

    @PostMapping
    @Operation(
            operationId = "sell",
            summary = "Sell",
            description = "All lines or none. The units must be on hand, promised to nobody, and not kept back.")
    @Contract(
            status = 201,
            answer = SaleView.class,
            body = HoldRequests.SellBody.class,
            key = KeyUse.REQUIRED,
            takesCaller = true,
            problems = {INSUFFICIENT_STOCK, NOT_FOR_SALE, UNKNOWN_SKU, IDEMPOTENCY_KEY_REUSED})
    Answer sell(HttpServletRequest request) {
        var key = Keys.required(request);
        var command = HoldRequests.sell(key, Body.read(request), sourcing);
        Problem notForSale = forSale.refusal(key, command.lines(), command.sourcing());
        if (notForSale != null) {
            return Answer.refused(notForSale);
        }
        return switch (engine.execute(command, Caller.namedActor(request))) {
            case Outcome.Sold sold -> Answer.created(SaleView.of(sold)).replayed(sold.replayed());
            case Outcome.Insufficient refusal -> Answer.refused(Refusals.of(refusal));
            case Outcome.UnknownSku refusal -> Answer.refused(Refusals.of(refusal));
            case Outcome.KeyReused refusal -> Answer.refused(Refusals.of(refusal));
        };
    }
}
