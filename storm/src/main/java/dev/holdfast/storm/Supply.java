package dev.holdfast.storm;

import java.util.List;
import java.util.Map;

/** How many units were received of each SKU of a run. */
record Supply(Map<String, Long> units) {

    List<String> skus() {
        return List.copyOf(units.keySet());
    }

    long unitsOf(String sku) {
        return units.getOrDefault(sku, 0L);
    }
}
