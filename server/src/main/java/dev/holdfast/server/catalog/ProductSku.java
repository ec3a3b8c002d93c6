package dev.holdfast.server.catalog;

import dev.holdfast.server.api.Money;
import dev.holdfast.server.catalog.Content.SkuContent;
import jakarta.persistence.Embedded;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.Id;
import jakarta.persistence.ManyToOne;
import java.util.Map;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;
import org.jspecify.annotations.Nullable;

/** What is sold of a product: one size, one colour. Belongs to one product for as long as that names it. */
@Entity
@SuppressWarnings("UnusedVariable") // Hibernate reads product and position
class ProductSku {
    @Id
    private String sku;

    @ManyToOne(fetch = FetchType.LAZY, optional = false)
    private Product product;

    private int position;
    private @Nullable String name;

    @Embedded
    private @Nullable Money price;

    private @Nullable String gtin;

    @JdbcTypeCode(SqlTypes.JSON)
    private Map<String, String> attributes;

    @SuppressWarnings("NullAway.Init") // Hibernate's
    protected ProductSku() {}

    ProductSku(Product product, int position, SkuContent content) {
        this.sku = content.sku();
        this.product = product;
        this.position = position;
        this.name = content.name();
        this.price = content.price();
        this.gtin = content.gtin();
        this.attributes = content.attributes();
    }

    void write(int newPosition, SkuContent content) {
        position = newPosition;
        name = content.name();
        price = content.price();
        gtin = content.gtin();
        attributes = content.attributes();
    }

    String sku() {
        return sku;
    }

    SkuContent content() {
        return new SkuContent(sku, name, price, gtin, attributes);
    }
}
