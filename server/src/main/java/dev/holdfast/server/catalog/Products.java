package dev.holdfast.server.catalog;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Query;

/** Always with their SKUs: one statement, however many there are. */
interface Products extends JpaRepository<Product, UUID> {
    @Query("SELECT p FROM Product p LEFT JOIN FETCH p.skus WHERE p.id = :id")
    Optional<Product> withSkus(UUID id);

    @Query("SELECT p FROM Product p LEFT JOIN FETCH p.skus WHERE p.id IN :ids")
    List<Product> withSkus(Collection<UUID> ids);
}
