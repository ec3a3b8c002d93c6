package dev.holdfast.samples.jpa;

import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Wrong: between the read and the write anybody else may read the same number. A transaction alone does not help. */
@Service
class UnversionedStock {
    private final UnversionedItems items;

    UnversionedStock(UnversionedItems items) {
        this.items = items;
    }

    @Transactional
    public boolean take(String sku, long units) {
        UnversionedItem item = items.findById(sku).orElseThrow();
        return item.take(units);
    }
}
