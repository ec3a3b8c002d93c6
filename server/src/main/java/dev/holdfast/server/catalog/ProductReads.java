package dev.holdfast.server.catalog;

import dev.holdfast.engine.Sku;
import dev.holdfast.engine.StockEngine;
import dev.holdfast.server.api.Answer;
import dev.holdfast.server.api.Contract;
import dev.holdfast.server.api.Problem;
import dev.holdfast.server.api.Query;
import dev.holdfast.server.api.Versions;
import dev.holdfast.server.catalog.ProductSearch.Filter;
import dev.holdfast.server.catalog.ProductSearch.Found;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;

import static dev.holdfast.server.api.ErrorCode.UNKNOWN_PRODUCT;

/** Products to look at. */
@Controller
@RequestMapping(path = "/v1/products", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Catalogue")
class ProductReads {
    private static final int LIMIT_MAX = 200;
    private static final int LIMIT_DEFAULT = 50;
    private static final int WORDS_MAX = 200;

    @Schema(name = "ProductPage")
    record PageView(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            List<ListedProduct> data,

            @Schema(
                    types = {"string", "null"},
                    description = "For the next page; null on the last")
            @Nullable
            String nextCursor) {}

    private final Catalogue catalogue;
    private final ProductSearch search;
    private final Products products;
    private final StockEngine engine;

    ProductReads(Catalogue catalogue, ProductSearch search, Products products, StockEngine engine) {
        this.catalogue = catalogue;
        this.search = search;
        this.products = products;
        this.engine = engine;
    }

    @GetMapping("/{id}")
    @Operation(
            operationId = "getProduct",
            summary = "Look at a product",
            description =
                    "The ETag is its version, for If-Match. Availability is not part of it: GET /v1/availability.")
    @Contract(answer = ProductView.class, hasEtag = true, problems = UNKNOWN_PRODUCT)
    Answer product(@PathVariable String id, HttpServletRequest request) {
        UUID productId = Query.id(id);
        ProductView product =
                Query.of(request).finish(() -> catalogue.product(productId)).orElse(null);
        return product == null
                ? Answer.refused(ProductAnswers.unknown(productId))
                : Versions.tagged(request, Versions.etag(product.version()), product);
    }

    @GetMapping
    @Operation(
            operationId = "listProducts",
            summary = "Find products",
            description =
                    "With what may be promised of each SKU at this moment. Best match first if something is looked"
                            + " for, else in the order of their ids, the newest first.")
    @Parameter(
            in = ParameterIn.QUERY,
            name = "q",
            description = "Words in names, descriptions, SKUs and barcodes; parts of them and typing errors too",
            schema = @Schema(type = "string", minLength = 1, maxLength = WORDS_MAX))
    @Parameter(
            in = ParameterIn.QUERY,
            name = "lifecycle",
            schema =
                    @Schema(
                            type = "string",
                            allowableValues = {"DRAFT", "ACTIVE", "PAUSED", "DISCONTINUED"}))
    @Parameter(
            in = ParameterIn.QUERY,
            name = "sku",
            description = "The product that has this SKU",
            schema = @Schema(type = "string", maxLength = 100))
    @Parameter(
            in = ParameterIn.QUERY,
            name = "limit",
            schema = @Schema(type = "integer", minimum = "1", maximum = "200", defaultValue = "50"))
    @Parameter(
            in = ParameterIn.QUERY,
            name = "cursor",
            description = "nextCursor of the page before",
            schema = @Schema(type = "string"))
    @Contract(answer = PageView.class, hasEtag = true)
    Answer list(HttpServletRequest request) {
        var query = Query.of(request);
        var filter = new Filter(
                query.words("q", WORDS_MAX), query.choice("lifecycle", Lifecycle.class), query.optionalSku("sku"));
        int limit = query.number("limit", 1, LIMIT_MAX, LIMIT_DEFAULT);
        String cursor = query.text("cursor");
        PageView page = query.finish(() -> page(filter, limit, cursor));
        return Versions.tagged(request, Digest.etag(page), page);
    }

    /** Three statements, however many products and SKUs. */
    private PageView page(Filter filter, int limit, @Nullable String cursor) {
        Found found = find(filter, limit, cursor);
        Map<UUID, Product> byId =
                products.withSkus(found.ids()).stream().collect(Collectors.toMap(Product::id, Function.identity()));
        List<Product> page =
                found.ids().stream().map(byId::get).filter(Objects::nonNull).toList();
        Map<Sku, Long> available = engine.available(page.stream()
                .flatMap(product -> product.content().skus().stream())
                .map(sku -> new Sku(sku.sku()))
                .toList());
        return new PageView(
                page.stream()
                        .map(product -> ListedProduct.of(product, available))
                        .toList(),
                found.nextCursor());
    }

    private Found find(Filter filter, int limit, @Nullable String cursor) {
        try {
            return search.find(filter, limit, cursor);
        } catch (IllegalArgumentException e) {
            throw Problem.invalid("cursor", "must be the nextCursor of another page of this list")
                    .asException();
        }
    }
}
