package dev.holdfast.samples.jpa;

import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Reads, decides, writes; the version refuses the write if somebody else wrote in between. */
@Service
class VersionedStock {
    private final StockItems items;

    VersionedStock(StockItems items) {
        this.items = items;
    }

    @Transactional
    public boolean take(String sku, long units) {
        return items.findById(sku).orElseThrow().take(units);
    }
}
