package dev.holdfast.samples.jpa;

import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;

interface StockItems extends JpaRepository<StockItem, String> {
    /** 1 if there were as many, else 0 and nothing has changed. */
    @Modifying(flushAutomatically = true, clearAutomatically = true)
    @Query("""
            update StockItem i set i.available = i.available - :units, i.version = i.version + 1
            where i.sku = :sku and i.available >= :units
            """)
    int take(String sku, long units);
}
