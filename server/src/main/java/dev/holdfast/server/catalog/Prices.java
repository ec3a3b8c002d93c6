package dev.holdfast.server.catalog;

import dev.holdfast.engine.Sku;
import dev.holdfast.server.api.Money;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.springframework.context.annotation.DependsOn;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** What SKUs cost now. From the database each time: what somebody is about to pay is not to be a moment old. */
@Component
@DependsOn(CatalogueSchema.NAME)
public final class Prices {
    private final JdbcTemplate database;

    Prices(JdbcTemplate database) {
        this.database = database;
    }

    /** Of one unit, in one statement. What the catalogue does not know, or knows no price of, is left out. */
    public Map<Sku, Money> of(Collection<Sku> skus) {
        Map<Sku, Money> prices = new HashMap<>();
        if (skus.isEmpty()) {
            return prices;
        }
        database.query(
                "SELECT sku, amount_minor, currency FROM product_sku WHERE sku = ANY (?) AND currency IS NOT NULL",
                row -> {
                    prices.put(new Sku(row.getString(1)), new Money(row.getLong(2), row.getString(3)));
                },
                (Object) skus.stream().map(Sku::value).distinct().toArray(String[]::new));
        return prices;
    }
}
