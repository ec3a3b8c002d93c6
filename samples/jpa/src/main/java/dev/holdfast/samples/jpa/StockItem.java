package dev.holdfast.samples.jpa;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Version;
import org.jspecify.annotations.Nullable;

/** So many units of one SKU. */
@Entity
class StockItem {
    @Id
    private String sku;

    private long available;

    @Version
    private @Nullable Long version; // null until it is stored, so that save() of a new one inserts

    @SuppressWarnings("NullAway.Init") // Hibernate's
    protected StockItem() {}

    StockItem(String sku, long available) {
        this.sku = sku;
        this.available = available;
    }

    boolean take(long units) {
        if (available < units) {
            return false;
        }
        available -= units;
        return true;
    }

    long available() {
        return available;
    }
}
