package dev.holdfast.server.catalog;

import dev.holdfast.server.api.Money;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What people write about a product: all of it but id, lifecycle and times. */
record Content(
        String name, String description, Map<String, String> attributes, List<String> images, List<SkuContent> skus) {
    /** What people write about one of its SKUs. */
    record SkuContent(
            String sku,
            @Nullable String name,
            @Nullable Money price,
            @Nullable String gtin,
            Map<String, String> attributes) {}
}
