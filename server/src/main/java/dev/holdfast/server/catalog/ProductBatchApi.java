package dev.holdfast.server.catalog;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.holdfast.server.api.Answer;
import dev.holdfast.server.api.Body;
import dev.holdfast.server.api.Caller;
import dev.holdfast.server.api.Contract;
import dev.holdfast.server.api.LargeBodies;
import dev.holdfast.server.api.Problem;
import dev.holdfast.server.api.ProblemException;
import dev.holdfast.server.catalog.Catalogue.Upsert;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;

import static dev.holdfast.server.api.ErrorCode.OVERLOADED;

/** Many products in one request, each for itself. */
@Controller
@RequestMapping(path = "/v1/products/batch", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Catalogue")
class ProductBatchApi {
    @Schema(name = "ProductBatchResults")
    record Results(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            List<Result> results) {}

    /** @param status what this product alone would have been answered with */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @Schema(name = "ProductBatchResult", description = "Either a version or a problem, in the order of the request")
    record Result(
            @Nullable UUID id,

            @Schema(
                    description = "201: it is new; 200: it was there",
                    example = "201",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            int status,

            @Nullable Long version,

            @Nullable Map<String, Object> problem) {
        static Result refused(@Nullable UUID id, Problem problem) {
            return new Result(id, problem.code().status(), null, problem.asPart());
        }
    }

    /** One element as it was read: an upsert, or what is wrong with it. */
    private record Element(
            @Nullable UUID id,
            @Nullable Upsert upsert,
            @Nullable Problem problem) {
        static Element read(Body body) {
            UUID id = null;
            try {
                body.check();
                UUID read = body.id("id");
                body.check();
                id = read;
                return new Element(id, ProductRequests.upsert(id, body), null);
            } catch (ProblemException e) {
                return new Element(id, null, e.problem());
            }
        }
    }

    private final Catalogue catalogue;
    private final LargeBodies bodies;

    ProductBatchApi(Catalogue catalogue, LargeBodies bodies) {
        this.catalogue = catalogue;
        this.bodies = bodies;
    }

    @PutMapping
    @Operation(
            operationId = "upsertProducts",
            summary = "Write up to 1,000 products",
            description =
                    "Each for itself, new or anew, in this order. An element that breaks the contract fails alone;"
                            + " sent again it is written again. The body has at most 16 MiB; few above 1 MiB at a time, others"
                            + " get 503.")
    @Contract(answer = Results.class, body = ProductRequests.BatchBody.class, takesCaller = true, problems = OVERLOADED)
    Answer upsert(HttpServletRequest request) throws InterruptedException {
        var caller = Caller.of(request);
        return bodies.read(request, body -> upsert(body, caller));
    }

    private Answer upsert(Body body, Caller caller) {
        List<Element> elements =
                ProductRequests.batch(body).stream().map(Element::read).toList();
        List<Upsert> upserts =
                elements.stream().map(Element::upsert).filter(Objects::nonNull).toList();
        Iterator<Edit> edits = (upserts.isEmpty() ? List.<Edit>of() : catalogue.upsert(upserts, caller)).iterator();
        List<Result> results = new ArrayList<>(elements.size());
        for (Element element : elements) {
            results.add(
                    element.problem() == null
                            ? result(Objects.requireNonNull(element.id()), edits.next())
                            : Result.refused(element.id(), element.problem()));
        }
        return Answer.ok(new Results(results));
    }

    private static Result result(UUID id, Edit edit) {
        return switch (edit) {
            case Edit.Saved saved ->
                new Result(id, saved.created() ? 201 : 200, saved.product().version(), null);
            case Edit.Refused refused -> Result.refused(id, ProductAnswers.problem(id, refused));
            case Edit.Replayed _, Edit.Deleted _ -> throw new IllegalStateException("no upsert ends so: " + edit);
        };
    }
}
