package dev.holdfast.server.catalog;

import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.server.api.Caller;
import dev.holdfast.server.api.Money;
import dev.holdfast.server.catalog.Catalogue.Upsert;
import dev.holdfast.server.catalog.Content.SkuContent;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.stereotype.Component;

/** Something to find on the first run: products for the demo's stock, only where there are none. */
@Component
@ConditionalOnBooleanProperty("holdfast.demo")
class DemoProducts implements ApplicationRunner {
    private final Catalogue catalogue;
    private final Products products;

    DemoProducts(Catalogue catalogue, Products products) {
        this.catalogue = catalogue;
        this.products = products;
    }

    @Override
    public void run(ApplicationArguments arguments) {
        if (products.count() == 0) {
            catalogue.upsert(
                    List.of(
                            product("T-shirt", 1999, "TSHIRT-M", "TSHIRT-L"),
                            product("Mug", 1250, "MUG"),
                            product("Concert ticket", 4900, "TICKET-A"),
                            product("The last one", 100, "LAST-ONE")),
                    Caller.server("demo"));
        }
    }

    /** With an id of its own: two servers that start at once write the same. */
    private static Upsert product(String name, long amountMinor, String... skus) {
        var price = new Money(amountMinor, "EUR");
        var content = new Content(
                name,
                "",
                Map.of(),
                List.of(),
                Stream.of(skus)
                        .map(sku -> new SkuContent(sku, null, price, null, Map.of()))
                        .toList());
        var id = IdempotencyKey.of("", "holdfast-demo-product-" + name).id();
        return new Upsert(id, Lifecycle.ACTIVE, null, content);
    }
}
