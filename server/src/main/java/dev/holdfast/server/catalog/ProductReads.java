package dev.holdfast.server.catalog;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.holdfast.server.api.Answer;
import dev.holdfast.server.api.Contract;
import dev.holdfast.server.api.Problem;
import dev.holdfast.server.api.Query;
import dev.holdfast.server.api.Versions;
import dev.holdfast.server.availability.Availability;
import dev.holdfast.server.cache.Cached;
import dev.holdfast.server.cache.ReadCache;
import dev.holdfast.server.catalog.ProductSearch.Filter;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
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
    static final int LIMIT_MAX = 200;
    static final int LIMIT_DEFAULT = 50;
    private static final int WORDS_MAX = 200;

    @Schema(name = "ProductPage")
    record PageView(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            List<ListedProduct> data,

            @Schema(
                    types = {"string", "null"},
                    description = "For the next page; null on the last")
            @Nullable
            String nextCursor,

            @Schema(
                    description = "What is available was so then, or later",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            @JsonInclude(JsonInclude.Include.NON_NULL)
            @Nullable
            Instant asOf) {
        PageView(List<ListedProduct> data, @Nullable String nextCursor) {
            this(data, nextCursor, null);
        }
    }

    private final ReadCache<UUID, ProductJson> products;
    private final ReadCache<PageKey, ListPage> pages;
    private final ListPage.Parts parts;

    /** A list is as old as what is oldest in it. */
    private final Duration listTtl;

    private final Clock clock;

    ProductReads(
            ReadCache<UUID, ProductJson> products,
            ReadCache<PageKey, ListPage> pages,
            Availability availability,
            PageCacheProperties properties,
            Clock clock) {
        this.products = products;
        this.pages = pages;
        this.listTtl = pages.ttl().compareTo(products.ttl()) > 0 ? pages.ttl() : products.ttl();
        this.parts = ListPage.Parts.of(products, availability, clock, properties.size());
        this.clock = clock;
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
        Cached<ProductJson> found = Query.of(request).finish(() -> products.get(productId));
        ProductJson product = found.value();
        if (product == null) {
            return Answer.refused(ProductAnswers.unknown(productId));
        }
        String etag = Versions.etag(product.version());
        Answer answer = Versions.isKnown(request, etag) ? Answer.notModified() : Answer.json(product.json());
        return cached(answer, etag, products.ttl(), age(found.readAt()));
    }

    @GetMapping
    @Operation(
            operationId = "listProducts",
            summary = "Find products",
            description =
                    "With what could be promised of each SKU at asOf, a moment ago. Best match first if something is looked"
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
        Cached<ListPage> found = query.finish(() -> pages.get(key(filter, limit, cursor)));
        ListPage.Filled page = Objects.requireNonNull(found.value()).fill(parts);
        Answer answer = Versions.isKnown(request, page.etag())
                ? Answer.notModified()
                : page.json().answer(request);
        Instant readAt = page.readAt().isBefore(found.readAt()) ? page.readAt() : found.readAt();
        return cached(answer.header("Vary", "Accept-Encoding"), page.etag(), listTtl, age(readAt));
    }

    private Duration age(Instant readAt) {
        Duration age = Duration.between(readAt, clock.instant());
        return age.isNegative() ? Duration.ZERO : age; // the clocks of two nodes
    }

    /** What is cached may be kept by the client for as long as it would be kept here. */
    private static Answer cached(Answer answer, String etag, Duration ttl, Duration age) {
        return answer.header(Versions.ETAG, etag)
                .header("Cache-Control", "public, max-age=" + ttl.toSeconds())
                .header("Age", Long.toString(age.toSeconds()));
    }

    private static PageKey key(Filter filter, int limit, @Nullable String cursor) {
        var key = new PageKey(filter, limit, cursor);
        try {
            key.checkCursor();
            return key;
        } catch (IllegalArgumentException e) {
            throw Problem.invalid("cursor", "must be the nextCursor of another page of this list")
                    .asException();
        }
    }
}
