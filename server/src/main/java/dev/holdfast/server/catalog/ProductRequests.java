package dev.holdfast.server.catalog;

import dev.holdfast.engine.Sku;
import dev.holdfast.server.api.Body;
import dev.holdfast.server.api.Money;
import dev.holdfast.server.catalog.Catalogue.Upsert;
import dev.holdfast.server.catalog.Content.SkuContent;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Size;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The bodies of products, from JSON to what they say. The records only describe them for {@code /v3/api-docs}; a test holds both
 * together.
 */
final class ProductRequests {
    static final int PRODUCTS_MAX = 1_000;
    static final int SKUS_MAX = 100;
    private static final int NAME_MAX = 200;
    private static final int DESCRIPTION_MAX = 10_000;
    private static final int IMAGES_MAX = 20;
    private static final int URL_MAX = 2_000;
    private static final int ATTRIBUTES_MAX = 50;
    private static final int ATTRIBUTE_NAME_MAX = 100;
    private static final int ATTRIBUTE_MAX = 1_000;

    @Schema(name = "MoneyRequest", description = "In the currency's smallest unit")
    record MoneyBody(
            @Schema(example = "1299", requiredMode = Schema.RequiredMode.REQUIRED) @Min(0)
            long amountMinor,

            @Schema(description = "ISO 4217", example = "EUR", requiredMode = Schema.RequiredMode.REQUIRED)
            @Size(min = 3, max = 3)
            String currency) {}

    @Schema(name = "ProductSkuRequest")
    record SkuBody(
            @Schema(example = "TSHIRT-M", requiredMode = Schema.RequiredMode.REQUIRED) @Size(min = 1, max = 100)
            String sku,

            @Schema(example = "M") @Size(max = NAME_MAX) @Nullable
            String name,

            @Nullable MoneyBody price,

            @Schema(description = "GTIN-8, -12, -13 or -14", example = "4006381333931") @Nullable
            String gtin,

            @Schema(description = "At most 50 texts by name") @Nullable
            Map<String, String> attributes) {}

    @Schema(name = "ProductRequest")
    record ProductBody(
            @Schema(example = "T-shirt", requiredMode = Schema.RequiredMode.REQUIRED) @Size(min = 1, max = NAME_MAX)
            String name,

            @Size(max = DESCRIPTION_MAX) @Nullable String description,

            @Schema(description = "At most 50 texts by name") @Nullable
            Map<String, String> attributes,

            @Schema(description = "URLs, http or https") @Size(max = IMAGES_MAX) @Nullable
            List<String> images,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED) @Size(min = 1, max = SKUS_MAX)
            List<SkuBody> skus) {}

    @Schema(name = "BatchedProductRequest")
    record BatchedBody(
            @Schema(description = "Yours, best a UUIDv7", requiredMode = Schema.RequiredMode.REQUIRED)
            UUID id,

            @Schema(description = "As it is if not given; DRAFT where it is new") @Nullable
            Lifecycle lifecycle,

            @Schema(description = "Refuse unless this is the version, and where there is no such product")
            @Min(0)
            @Nullable
            Long expectedVersion,

            @Schema(example = "T-shirt", requiredMode = Schema.RequiredMode.REQUIRED) @Size(min = 1, max = NAME_MAX)
            String name,

            @Size(max = DESCRIPTION_MAX) @Nullable String description,

            @Schema(description = "At most 50 texts by name") @Nullable
            Map<String, String> attributes,

            @Schema(description = "URLs, http or https") @Size(max = IMAGES_MAX) @Nullable
            List<String> images,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED) @Size(min = 1, max = SKUS_MAX)
            List<SkuBody> skus) {}

    @Schema(name = "ProductBatchRequest")
    record BatchBody(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED) @Size(min = 1, max = PRODUCTS_MAX)
            List<BatchedBody> products) {}

    private ProductRequests() {}

    static Content product(Body body) {
        Content content = content(body);
        return body.finish(() -> content);
    }

    static List<Body> batch(Body body) {
        List<Body> products = body.parts("products", PRODUCTS_MAX);
        return body.finish(() -> products);
    }

    static Upsert upsert(UUID id, Body body) {
        Lifecycle lifecycle = body.optionalChoice("lifecycle", Lifecycle.class);
        Long expectedVersion = body.optionalNumber("expectedVersion", 0, Long.MAX_VALUE);
        Content content = content(body);
        return body.finish(() -> new Upsert(id, lifecycle, expectedVersion, content));
    }

    private static Content content(Body body) {
        String name = body.text("name", NAME_MAX);
        String description = Objects.requireNonNullElse(body.optionalLines("description", DESCRIPTION_MAX), "");
        Map<String, String> attributes = attributes(body);
        List<String> images = body.optionalList("images", IMAGES_MAX, ProductRequests::url);
        List<SkuContent> skus = body.list("skus", SKUS_MAX, ProductRequests::sku);
        Set<String> names = new HashSet<>();
        for (int i = 0; i < skus.size(); i++) {
            if (!names.add(skus.get(i).sku())) {
                body.wrong("skus[" + i + "].sku", "must not be there twice");
            }
        }
        return new Content(name, description, attributes, images, skus);
    }

    private static SkuContent sku(Body body) {
        Sku sku = body.sku("sku");
        String name = body.optionalText("name", NAME_MAX);
        Money price = body.optionalObject("price", ProductRequests::money);
        Gtin gtin = body.optional("gtin", Gtin::new);
        return new SkuContent(sku.value(), name, price, gtin == null ? null : gtin.value(), attributes(body));
    }

    private static Money money(Body body) {
        long amountMinor = body.number("amountMinor", 0, Money.AMOUNT_MINOR_MAX);
        String currency = body.text("currency", 3);
        if (!currency.isBlank() && !Money.isCurrency(currency)) {
            body.wrong("currency", "must be a code of ISO 4217");
        }
        return new Money(amountMinor, currency);
    }

    private static Map<String, String> attributes(Body body) {
        return body.texts("attributes", ATTRIBUTES_MAX, ATTRIBUTE_NAME_MAX, ATTRIBUTE_MAX);
    }

    private static String url(String text) {
        try {
            var url = new URI(text);
            boolean isWeb = "https".equals(url.getScheme()) || "http".equals(url.getScheme());
            if (isWeb && url.getHost() != null && text.length() <= URL_MAX) {
                return text;
            }
        } catch (URISyntaxException e) {
            // answered below
        }
        throw new IllegalArgumentException("must be an http or https URL of at most " + URL_MAX + " characters");
    }
}
