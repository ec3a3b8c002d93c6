package dev.holdfast.server.hold;

import dev.holdfast.engine.Outcome;
import dev.holdfast.engine.StockEngine;
import dev.holdfast.server.api.Answer;
import dev.holdfast.server.api.Body;
import dev.holdfast.server.api.Contract;
import dev.holdfast.server.api.Contract.KeyUse;
import dev.holdfast.server.api.Keys;
import dev.holdfast.server.api.Refusals;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;

import static dev.holdfast.server.api.ErrorCode.IDEMPOTENCY_KEY_REUSED;
import static dev.holdfast.server.api.ErrorCode.INSUFFICIENT_STOCK;
import static dev.holdfast.server.api.ErrorCode.UNKNOWN_SKU;

/** Sales at a till: placed, confirmed and handed over at once. */
@Controller
@RequestMapping(path = "/v1/sales", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Sales", description = "Units taken and gone at once, as at a till")
class SaleApi {
    private final StockEngine engine;

    SaleApi(StockEngine engine) {
        this.engine = engine;
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
            problems = {INSUFFICIENT_STOCK, UNKNOWN_SKU, IDEMPOTENCY_KEY_REUSED})
    Answer sell(HttpServletRequest request) {
        var key = Keys.required(request);
        return switch (engine.execute(HoldRequests.sell(key, Body.read(request)))) {
            case Outcome.Sold sold -> Answer.created(SaleView.of(sold)).replayed(sold.replayed());
            case Outcome.Insufficient refusal -> Answer.refused(Refusals.of(refusal));
            case Outcome.UnknownSku refusal -> Answer.refused(Refusals.of(refusal));
            case Outcome.KeyReused refusal -> Answer.refused(Refusals.of(refusal));
        };
    }
}
