package dev.holdfast.server.catalog;

import dev.holdfast.engine.Sku;
import dev.holdfast.server.api.Money;
import dev.holdfast.server.sql.Together;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.context.annotation.DependsOn;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** What SKUs cost now. From the database each time: what somebody is about to pay is not to be a moment old. */
@Component
@DependsOn(CatalogueSchema.NAME)
public final class Prices {
    /** Of 100 SKUs at most: by primary key some 10 ms. */
    private static final int AT_ONCE_MAX = 64;

    private final JdbcTemplate database;
    private final List<Offers> offers;

    private final Together<Set<Sku>, Map<Sku, Money>> reads = new Together<>(AT_ONCE_MAX, this::readAll);

    Prices(JdbcTemplate database, List<Offers> offers) {
        this.database = database;
        this.offers = List.copyOf(offers);
    }

    /**
     * Of one unit, in one statement for the catalogue and one for each other feature that sells some of them. What nobody knows, or knows no
     * price of, is left out.
     */
    public Map<Sku, Money> of(Collection<Sku> skus) {
        Map<Sku, Money> prices = new HashMap<>();
        Set<Sku> left = new HashSet<>(skus);
        for (Offers offer : offers) {
            List<Sku> theirs = left.stream().filter(offer::has).toList();
            if (!theirs.isEmpty()) {
                prices.putAll(offer.prices(theirs));
                theirs.forEach(left::remove);
            }
        }
        if (!left.isEmpty()) {
            prices.putAll(reads.ask(Set.copyOf(left)));
            prices.keySet().retainAll(skus);
        }
        return prices;
    }

    /** Whether it is held with goods, and is none: see {@link Offers#isRule}. */
    public boolean isRule(Sku sku) {
        return offers.stream().anyMatch(offer -> offer.isRule(sku));
    }

    private List<Map<Sku, Money>> readAll(List<Set<Sku>> skus) {
        Map<Sku, Money> prices = new HashMap<>();
        database.query(
                "SELECT sku, amount_minor, currency FROM product_sku WHERE sku = ANY (?) AND currency IS NOT NULL",
                row -> {
                    prices.put(new Sku(row.getString(1)), new Money(row.getLong(2), row.getString(3)));
                },
                (Object) skus.stream()
                        .flatMap(Set::stream)
                        .map(Sku::value)
                        .distinct()
                        .toArray(String[]::new));
        return Collections.nCopies(skus.size(), prices);
    }
}
