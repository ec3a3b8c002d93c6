package dev.holdfast.samples.jpa;

import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** The database decides, in the statement that takes. */
@Service
class ConditionalStock {
    private final StockItems items;

    ConditionalStock(StockItems items) {
        this.items = items;
    }

    @Transactional
    public boolean take(String sku, long units) {
        return items.take(sku, units) == 1;
    }
}
