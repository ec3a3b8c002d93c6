package dev.holdfast.server.catalog;

import dev.holdfast.engine.Sku;
import dev.holdfast.server.api.Money;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.springframework.context.annotation.DependsOn;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** What SKUs cost now, as the catalogue says. */
@Component
@DependsOn(CatalogueSchema.NAME)
public final class Prices {
    private final JdbcTemplate database;

    Prices(JdbcTemplate database) {
        this.database = database;
    }

    /** The price of one unit of each, without those that have none. One statement. */
    public Map<Sku, Money> of(Collection<Sku> skus) {
        Map<Sku, Money> prices = new HashMap<>();
        database.query(
                "SELECT sku, amount_minor, currency FROM product_sku WHERE sku = ANY(?) AND amount_minor IS NOT NULL",
                row -> {
                    prices.put(new Sku(row.getString(1)), new Money(row.getLong(2), row.getString(3)));
                },
                (Object) skus.stream().map(Sku::value).toArray(String[]::new));
        return prices;
    }
}
