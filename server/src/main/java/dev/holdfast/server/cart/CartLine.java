package dev.holdfast.server.cart;

import dev.holdfast.engine.Line;
import dev.holdfast.engine.Sku;
import dev.holdfast.engine.StockKey;
import dev.holdfast.server.api.Money;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * So many units of one stock, as the row keeps them.
 *
 * @param price what one unit cost when the line was put in; null: it had no price
 */
record CartLine(
        String sku,
        String location,
        long quantity,
        @Nullable Money price) {
    static CartLine of(Line line, Map<Sku, Money> prices) {
        StockKey stock = line.stock();
        return new CartLine(stock.sku().value(), stock.location().value(), line.units(), prices.get(stock.sku()));
    }

    StockKey stock() {
        return StockKey.of(sku, location);
    }

    Line line() {
        return new Line(stock(), quantity);
    }
}
