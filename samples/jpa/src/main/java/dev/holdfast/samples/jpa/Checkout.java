package dev.holdfast.samples.jpa;

import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.EngineFailure;
import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.engine.Line;
import dev.holdfast.engine.Outcome;
import dev.holdfast.engine.Outcome.Placed;
import dev.holdfast.engine.StockEngine;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.resilience.annotation.Retryable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** The hold first, then the order. Wherever it breaks off, the same call again goes on from there. */
@Service
class Checkout {
    private final StockEngine engine;
    private final OrderDesk desk;

    Checkout(StockEngine engine, OrderDesk desk) {
        this.engine = engine;
        this.desk = desk;
    }

    static IdempotencyKey keyOf(String orderNumber) {
        return IdempotencyKey.of("orders", orderNumber);
    }

    @Retryable(
            includes = {EngineFailure.class, DataIntegrityViolationException.class}, // the latter: two retries at once
            excludes = EngineFailure.Refused.class,
            maxRetries = 4,
            delay = 50,
            multiplier = 2,
            jitter = 50)
    @Transactional(propagation = Propagation.NEVER) // a rollback would undo the order and not the hold: begin outside
    public Outcome.Place place(String orderNumber, String sku, long units) {
        var outcome = engine.execute(PlaceHold.of(keyOf(orderNumber), Line.of(sku, units)));
        if (outcome instanceof Placed placed) {
            desk.accept(orderNumber, placed.hold().id());
        }
        return outcome;
    }
}
