package dev.holdfast.server.cart;

import dev.holdfast.engine.Line;
import dev.holdfast.engine.Sku;
import dev.holdfast.engine.StockKey;
import dev.holdfast.server.api.Money;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a request does to the lines of a cart.
 *
 * @param replaces whether only the lines it names are left
 * @param named have these quantities from now on, at the price of now
 * @param removed need not be there
 */
record Edit(boolean replaces, List<Line> named, List<StockKey> removed) {
    /** Leaves everything as it is. */
    static final Edit NONE = new Edit(false, List.of(), List.of());

    static Edit set(Line line) {
        return new Edit(false, List.of(line), List.of());
    }

    static Edit remove(StockKey stock) {
        return new Edit(false, List.of(), List.of(stock));
    }

    static Edit replace(List<Line> lines) {
        return new Edit(true, lines, List.of());
    }

    List<CartLine> of(List<CartLine> lines, Map<Sku, Money> prices) {
        Map<StockKey, CartLine> after = new LinkedHashMap<>();
        if (!replaces) {
            lines.forEach(line -> after.put(line.stock(), line));
        }
        removed.forEach(after::remove);
        named.forEach(line -> after.put(line.stock(), CartLine.of(line, prices)));
        return List.copyOf(after.values());
    }
}
