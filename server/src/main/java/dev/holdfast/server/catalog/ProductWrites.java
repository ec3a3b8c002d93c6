package dev.holdfast.server.catalog;

import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.server.api.Answer;
import dev.holdfast.server.api.Body;
import dev.holdfast.server.api.Caller;
import dev.holdfast.server.api.Contract;
import dev.holdfast.server.api.Contract.KeyUse;
import dev.holdfast.server.api.Digest;
import dev.holdfast.server.api.Keys;
import dev.holdfast.server.api.Query;
import dev.holdfast.server.api.Versions;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.util.UUID;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;

import static dev.holdfast.server.api.ErrorCode.IDEMPOTENCY_KEY_REUSED;
import static dev.holdfast.server.api.ErrorCode.IF_MATCH_REQUIRED;
import static dev.holdfast.server.api.ErrorCode.ILLEGAL_TRANSITION;
import static dev.holdfast.server.api.ErrorCode.SKU_TAKEN;
import static dev.holdfast.server.api.ErrorCode.UNKNOWN_PRODUCT;
import static dev.holdfast.server.api.ErrorCode.VERSION_CHANGED;

/** Products one by one. */
@Controller
@RequestMapping(path = "/v1/products", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Catalogue", description = "Products and locations: what people find and edit")
class ProductWrites {
    private static final String TRANSITION =
            "New holds and sales need an ACTIVE product; what is promised stays promised."
                    + " Again: the same answer again.";

    private final Catalogue catalogue;

    ProductWrites(Catalogue catalogue) {
        this.catalogue = catalogue;
    }

    @PostMapping
    @Operation(
            operationId = "createProduct",
            summary = "Write a new product",
            description =
                    "It begins as a DRAFT. Its id is that of the idempotency key, which for a UUIDv7 is the same.")
    @Contract(
            status = 201,
            answer = ProductView.class,
            body = ProductRequests.ProductBody.class,
            key = KeyUse.OPTIONAL,
            hasEtag = true,
            takesCaller = true,
            problems = {SKU_TAKEN, IDEMPOTENCY_KEY_REUSED})
    Answer create(HttpServletRequest request) {
        Versions.refuseIfMatch(request);
        IdempotencyKey key = Keys.optional(request);
        var caller = Caller.of(request);
        Content content = ProductRequests.product(Body.read(request));
        UUID id = key == null ? IdempotencyKey.randomUuidV7() : key.id();
        return ProductAnswers.of(id, catalogue.create(id, key == null ? null : Digest.of(content), content, caller));
    }

    @PutMapping("/{id}")
    @Operation(
            operationId = "replaceProduct",
            summary = "Write a product anew",
            description =
                    "All of it; what is left out is gone. A refusal tells which fields somebody else changed since"
                            + " the version in If-Match, and what they say now.")
    @Contract(
            answer = ProductView.class,
            body = ProductRequests.ProductBody.class,
            hasEtag = true,
            takesCaller = true,
            takesIfMatch = true,
            problems = {UNKNOWN_PRODUCT, SKU_TAKEN, VERSION_CHANGED, IF_MATCH_REQUIRED})
    Answer replace(@PathVariable String id, HttpServletRequest request) {
        UUID productId = Query.id(id);
        Long ifMatch = Versions.requiredIfMatch(request);
        var caller = Caller.of(request);
        Content content = ProductRequests.product(Body.read(request));
        return ProductAnswers.of(productId, catalogue.replace(productId, ifMatch, content, caller));
    }

    @DeleteMapping("/{id}")
    @Operation(
            operationId = "deleteProduct",
            summary = "Delete a draft",
            description = "Only a draft. What was for sale is named in orders: discontinue it.")
    @Contract(
            status = 204,
            takesCaller = true,
            takesIfMatch = true,
            problems = {UNKNOWN_PRODUCT, ILLEGAL_TRANSITION, VERSION_CHANGED, IF_MATCH_REQUIRED})
    Answer delete(@PathVariable String id, HttpServletRequest request) {
        UUID productId = Query.id(id);
        Body.requireNone(request);
        Long ifMatch = Versions.requiredIfMatch(request);
        return ProductAnswers.of(productId, catalogue.delete(productId, ifMatch, Caller.of(request)));
    }

    @PostMapping("/{id}/activate")
    @Operation(operationId = "activateProduct", summary = "Put a product on sale", description = TRANSITION)
    @Contract(
            answer = ProductView.class,
            hasEtag = true,
            takesCaller = true,
            takesIfMatch = true,
            problems = {UNKNOWN_PRODUCT, ILLEGAL_TRANSITION, VERSION_CHANGED})
    Answer activate(@PathVariable String id, HttpServletRequest request) {
        return become(id, request, Lifecycle.ACTIVE);
    }

    @PostMapping("/{id}/pause")
    @Operation(operationId = "pauseProduct", summary = "Take a product off sale for a while", description = TRANSITION)
    @Contract(
            answer = ProductView.class,
            hasEtag = true,
            takesCaller = true,
            takesIfMatch = true,
            problems = {UNKNOWN_PRODUCT, ILLEGAL_TRANSITION, VERSION_CHANGED})
    Answer pause(@PathVariable String id, HttpServletRequest request) {
        return become(id, request, Lifecycle.PAUSED);
    }

    @PostMapping("/{id}/discontinue")
    @Operation(
            operationId = "discontinueProduct",
            summary = "Take a product off sale for good",
            description = TRANSITION)
    @Contract(
            answer = ProductView.class,
            hasEtag = true,
            takesCaller = true,
            takesIfMatch = true,
            problems = {UNKNOWN_PRODUCT, ILLEGAL_TRANSITION, VERSION_CHANGED})
    Answer discontinue(@PathVariable String id, HttpServletRequest request) {
        return become(id, request, Lifecycle.DISCONTINUED);
    }

    private Answer become(String id, HttpServletRequest request, Lifecycle next) {
        UUID productId = Query.id(id);
        Body.requireNone(request);
        Long ifMatch = Versions.ifMatch(request);
        return ProductAnswers.of(productId, catalogue.become(productId, ifMatch, next, Caller.of(request)));
    }
}
