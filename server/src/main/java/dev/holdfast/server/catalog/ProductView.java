package dev.holdfast.server.catalog;

import dev.holdfast.server.api.Money;
import dev.holdfast.server.catalog.Content.SkuContent;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

@Schema(name = "Product", description = "Something people can find, with the SKUs it is sold as")
record ProductView(
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) UUID id,

        @Schema(description = "For If-Match; the first is 0", requiredMode = Schema.RequiredMode.REQUIRED)
        long version,

        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) Lifecycle lifecycle,

        @Schema(example = "T-shirt", requiredMode = Schema.RequiredMode.REQUIRED)
        String name,

        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) String description,

        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) Map<String, String> attributes,

        @Schema(description = "URLs", requiredMode = Schema.RequiredMode.REQUIRED)
        List<String> images,

        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) List<SkuView> skus,
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) Instant createdAt,
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) Instant updatedAt) {
    @Schema(name = "ProductSku")
    record SkuView(
            @Schema(example = "TSHIRT-M", requiredMode = Schema.RequiredMode.REQUIRED)
            String sku,

            @Schema(
                    types = {"string", "null"},
                    example = "M")
            @Nullable
            String name,

            @Nullable Money price,

            @Schema(
                    types = {"string", "null"},
                    example = "4006381333931")
            @Nullable
            String gtin,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            Map<String, String> attributes) {
        static SkuView of(SkuContent sku) {
            return new SkuView(sku.sku(), sku.name(), sku.price(), sku.gtin(), sku.attributes());
        }
    }

    static ProductView of(Product product) {
        Content content = product.content();
        return new ProductView(
                product.id(),
                product.version(),
                product.lifecycle(),
                content.name(),
                content.description(),
                content.attributes(),
                content.images(),
                content.skus().stream().map(SkuView::of).toList(),
                product.createdAt(),
                product.updatedAt());
    }
}
