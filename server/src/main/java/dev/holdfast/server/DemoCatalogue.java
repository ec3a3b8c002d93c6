package dev.holdfast.server;

import dev.holdfast.engine.Command.Receive;
import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.engine.Quantity;
import dev.holdfast.engine.Sku;
import dev.holdfast.engine.StockEngine;
import dev.holdfast.engine.StockKey;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.stereotype.Component;

/**
 * Something to buy on the first run. Only where none of it is known, and with keys of its own: neither a second start nor
 * two servers starting at once receive anything twice.
 */
@Component
@ConditionalOnBooleanProperty("holdfast.demo")
final class DemoCatalogue implements ApplicationRunner {
    private static final Map<String, Long> UNITS =
            Map.of("TSHIRT-M", 100L, "TSHIRT-L", 60L, "MUG", 25L, "TICKET-A", 500L, "LAST-ONE", 1L);

    private final StockEngine engine;

    DemoCatalogue(StockEngine engine) {
        this.engine = engine;
    }

    @Override
    public void run(ApplicationArguments arguments) {
        if (UNITS.keySet().stream().allMatch(sku -> engine.levels(new Sku(sku)).isEmpty())) {
            new TreeMap<>(UNITS).forEach(this::receive);
        }
    }

    private void receive(String sku, long units) {
        var key = IdempotencyKey.of("", "holdfast-demo-" + sku);
        engine.execute(new Receive(key, StockKey.of(sku), Quantity.of(units), "demo"));
    }
}
