package dev.holdfast.server.catalog;

import dev.holdfast.server.api.Money;
import dev.holdfast.server.catalog.Content.SkuContent;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

@Schema(name = "ListedProduct", description = "A product in a list: without its description, with what may be promised")
record ListedProduct(
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) UUID id,
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) long version,
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) Lifecycle lifecycle,

        @Schema(example = "T-shirt", requiredMode = Schema.RequiredMode.REQUIRED)
        String name,

        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) Map<String, String> attributes,

        @Schema(description = "URLs", requiredMode = Schema.RequiredMode.REQUIRED)
        List<String> images,

        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) List<ListedSku> skus,
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) Instant updatedAt) {
    @Schema(name = "ListedSku")
    record ListedSku(
            @Schema(example = "TSHIRT-M", requiredMode = Schema.RequiredMode.REQUIRED)
            String sku,

            @Schema(
                    types = {"string", "null"},
                    example = "M")
            @Nullable
            String name,

            @Nullable Money price,

            @Schema(
                    description =
                            "What could still be promised at asOf, over all locations; 0 also if it was never received",
                    example = "98",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            long available) {
        static ListedSku of(SkuContent sku) {
            return new ListedSku(sku.sku(), sku.name(), sku.price(), 0);
        }
    }

    /** With nothing available: {@link ListPage} fills that in. */
    static ListedProduct of(Product product) {
        Content content = product.content();
        return new ListedProduct(
                product.id(),
                product.version(),
                product.lifecycle(),
                content.name(),
                content.attributes(),
                content.images(),
                content.skus().stream().map(ListedSku::of).toList(),
                product.updatedAt());
    }
}
