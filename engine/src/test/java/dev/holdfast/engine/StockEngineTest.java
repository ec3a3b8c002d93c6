package dev.holdfast.engine;

import dev.holdfast.engine.Command.ConfirmHold;
import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.Command.Receive;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class StockEngineTest {
    @Test
    void smoke() {
        try (var engine = StockEngine.open(TestDatabase.create())) {
            var sku = StockKey.of("TSHIRT-M");
            System.err.println(engine.execute(new Receive(IdempotencyKey.random(), sku, Quantity.of(2), "PO-1")));
            var key = IdempotencyKey.random();
            System.err.println(engine.execute(PlaceHold.of(key, Line.of("TSHIRT-M", 1))));
            System.err.println(engine.execute(PlaceHold.of(key, Line.of("TSHIRT-M", 1))));
            System.err.println(engine.execute(PlaceHold.of(key, Line.of("TSHIRT-M", 2))));
            System.err.println(engine.execute(PlaceHold.of(IdempotencyKey.random(), Line.of("TSHIRT-M", 2))));
            System.err.println(engine.execute(PlaceHold.of(IdempotencyKey.random(), Line.of("NO", 2))));
            System.err.println(engine.execute(ConfirmHold.of(key.id())));
            System.err.println(engine.execute(ConfirmHold.of(key.id())));
            System.err.println(engine.levels(sku.sku()));
            System.err.println(engine.hold(key.id()));
            System.err.println(engine.movements(sku.sku(), null, 2, null));
            System.err.println(engine.invariants());
            assertThat(engine.invariants()).allMatch(Invariant::ok);
        }
    }
}
