package dev.holdfast.server.catalog;

import dev.holdfast.engine.Sku;
import dev.holdfast.server.api.Money;
import java.util.Collection;
import java.util.Map;

/** What another feature sells: SKUs that are its own, beside the catalogue's products. Whoever implements it sells them by calls of its own. */
public interface Offers {
    /** Whether it is one of them. Nobody else receives, holds or sells it. */
    boolean has(Sku sku);

    /** Whether it is one of them and no goods: a rule of the sale, which is held with the goods, and which nobody pays for. */
    boolean isRule(Sku sku);

    /** What one unit costs now; unknown ones and rules are left out. In one statement at most. */
    Map<Sku, Money> prices(Collection<Sku> skus);
}
