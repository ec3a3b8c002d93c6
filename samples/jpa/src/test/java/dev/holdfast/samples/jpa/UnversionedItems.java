package dev.holdfast.samples.jpa;

import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;

interface UnversionedItems extends JpaRepository<UnversionedItem, String> {
    /** Leaves what was read before in the persistence context, as it was. */
    @Modifying
    @Query(
            "update UnversionedItem i set i.available = i.available - :units where i.sku = :sku and i.available >= :units")
    int takeAndKeepTheCache(String sku, long units);

    /** Clears the persistence context, and with it what was not yet written. */
    @Modifying(clearAutomatically = true)
    @Query(
            "update UnversionedItem i set i.available = i.available - :units where i.sku = :sku and i.available >= :units")
    int takeAndForget(String sku, long units);
}
