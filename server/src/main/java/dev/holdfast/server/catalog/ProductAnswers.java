package dev.holdfast.server.catalog;

import dev.holdfast.server.api.Answer;
import dev.holdfast.server.api.ErrorCode;
import dev.holdfast.server.api.Problem;
import dev.holdfast.server.api.Refusals;
import dev.holdfast.server.api.Versions;
import java.util.UUID;
import java.util.stream.Collectors;

/** What became of a change, as an answer. */
final class ProductAnswers {
    private ProductAnswers() {}

    static Answer of(UUID id, Edit edit) {
        return switch (edit) {
            case Edit.Saved saved ->
                saved.created() ? created(saved.product()) : tagged(Answer.ok(saved.product()), saved.product());
            case Edit.Replayed replayed -> created(replayed.product()).replayed(true);
            case Edit.Deleted _ -> Answer.noContent();
            case Edit.Refused refused -> Answer.refused(problem(id, refused));
        };
    }

    static Answer tagged(Answer answer, ProductView product) {
        return answer.header(Versions.ETAG, Versions.etag(product.version()));
    }

    static Problem problem(UUID id, Edit.Refused refusal) {
        return switch (refusal) {
            case Edit.Unknown _ -> unknown(id);
            case Edit.Stale stale ->
                Problem.of(ErrorCode.VERSION_CHANGED, detail(stale))
                        .with("currentVersion", stale.version())
                        .with("changed", stale.changed())
                        .withHeader(Versions.ETAG, Versions.etag(stale.version()));
            case Edit.SkuTaken taken ->
                Problem.of(
                                ErrorCode.SKU_TAKEN,
                                "Other products have "
                                        + String.join(", ", taken.owners().keySet()))
                        .with("owners", taken.owners());
            case Edit.Illegal illegal ->
                Problem.of(
                                ErrorCode.ILLEGAL_TRANSITION,
                                "The product is " + illegal.from() + " and cannot become " + illegal.to())
                        .with("lifecycle", illegal.from());
            case Edit.KeyReused _ -> Refusals.keyReused();
        };
    }

    static Problem unknown(UUID id) {
        return Problem.of(ErrorCode.UNKNOWN_PRODUCT, "No product has the id " + id);
    }

    private static Answer created(ProductView product) {
        return tagged(Answer.created(product), product).header("Location", "/v1/products/" + product.id());
    }

    private static String detail(Edit.Stale stale) {
        String fields = stale.changed().stream().map(Edit.Changed::field).collect(Collectors.joining(", "));
        return "The product is at version " + stale.version() + " now"
                + (fields.isEmpty() ? "" : "; meanwhile changed: " + fields);
    }
}
