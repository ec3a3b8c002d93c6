package dev.holdfast.server.catalog;

import java.util.List;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.JpaRepository;

interface StockLocations extends JpaRepository<StockLocation, String> {
    List<StockLocation> findByCodeGreaterThanOrderByCode(String code, Limit limit);
}
