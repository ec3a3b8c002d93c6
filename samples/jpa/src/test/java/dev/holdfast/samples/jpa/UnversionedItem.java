package dev.holdfast.samples.jpa;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;

/** {@link StockItem} without its version. */
@Entity
class UnversionedItem {
    @Id
    private String sku;

    private long available;

    @SuppressWarnings("NullAway.Init") // Hibernate's
    protected UnversionedItem() {}

    UnversionedItem(String sku, long available) {
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
