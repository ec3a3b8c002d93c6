package dev.holdfast.server.hold;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.holdfast.engine.Actor;
import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.Outcome;
import dev.holdfast.engine.StockEngine;
import dev.holdfast.server.api.Answer;
import dev.holdfast.server.api.Body;
import dev.holdfast.server.api.Caller;
import dev.holdfast.server.api.Contract;
import dev.holdfast.server.api.Keys;
import dev.holdfast.server.api.LargeBodies;
import dev.holdfast.server.api.Problem;
import dev.holdfast.server.api.ProblemException;
import dev.holdfast.server.api.Refusals;
import dev.holdfast.server.catalog.ForSale;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;

import static dev.holdfast.server.api.ErrorCode.OVERLOADED;

/** Many holds in one request, each for itself: the fastest way in. */
@Controller
@RequestMapping(path = "/v1/holds/batch", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Holds")
class HoldBatchApi {
    @Schema(name = "HoldBatchResults")
    record Results(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            List<Result> results) {}

    /** @param status what the hold alone would have been answered with */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @Schema(name = "HoldBatchResult", description = "Either a hold or a problem, in the order of the request")
    record Result(
            @Nullable String idempotencyKey,

            @Schema(
                    description = "What this hold alone would have been answered with",
                    example = "201",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            int status,

            @Nullable HoldView hold,

            @Nullable Map<String, Object> problem) {
        static Result placed(@Nullable String key, HoldView hold) {
            return new Result(key, 201, hold, null);
        }

        static Result refused(@Nullable String key, Problem problem) {
            return new Result(key, problem.code().status(), null, problem.asPart());
        }
    }

    /** One element as it was read: a command, or what is wrong with it. */
    private record Element(
            @Nullable String key,
            @Nullable PlaceHold command,
            @Nullable Problem problem) {
        Element refused(Map<PlaceHold, Problem> refusals) {
            Problem refusal = command == null ? null : refusals.get(command);
            return refusal == null ? this : new Element(key, null, refusal);
        }

        static Element read(Body body, SourcingRequests sourcing) {
            String key = null;
            try {
                body.check();
                key = body.key("idempotencyKey");
                body.check();
                if (key == null) {
                    return new Element(null, null, Keys.missing());
                }
                return new Element(key, HoldRequests.place(Keys.of(key), body, sourcing), null);
            } catch (ProblemException e) {
                return new Element(key, null, e.problem());
            }
        }
    }

    private final StockEngine engine;
    private final ForSale forSale;
    private final SourcingRequests sourcing;
    private final LargeBodies bodies;

    HoldBatchApi(StockEngine engine, ForSale forSale, SourcingRequests sourcing, LargeBodies bodies) {
        this.engine = engine;
        this.forSale = forSale;
        this.sourcing = sourcing;
        this.bodies = bodies;
    }

    @PostMapping
    @Operation(
            operationId = "placeHolds",
            summary = "Place up to 1,000 holds",
            description =
                    "Each hold for itself, decided in this order. An element that breaks the contract fails alone."
                            + " The body has at most 16 MiB (of every other call: 1 MiB); few above 1 MiB at a time, others"
                            + " get 503.")
    @Contract(answer = Results.class, body = HoldRequests.BatchBody.class, takesCaller = true, problems = OVERLOADED)
    Answer place(HttpServletRequest request) throws InterruptedException {
        Actor actor = Caller.namedActor(request);
        return bodies.read(request, body -> place(body, actor));
    }

    private Answer place(Body body, @Nullable Actor actor) {
        List<Element> elements = refused(HoldRequests.batch(body).stream()
                .map(part -> Element.read(part, sourcing))
                .toList());
        List<PlaceHold> commands =
                elements.stream().map(Element::command).filter(Objects::nonNull).toList();
        Iterator<Outcome.Place> outcomes =
                (commands.isEmpty() ? List.<Outcome.Place>of() : engine.executeAll(commands, actor)).iterator();
        List<Result> results = new ArrayList<>(elements.size());
        for (Element element : elements) {
            results.add(
                    element.problem() == null
                            ? result(element.key(), outcomes.next())
                            : Result.refused(element.key(), element.problem()));
        }
        return Answer.ok(new Results(results));
    }

    /** The same, but those refused that the catalogue does not allow as new promises. */
    private List<Element> refused(List<Element> elements) {
        Map<PlaceHold, Problem> refusals = new HashMap<>();
        for (Element element : elements) {
            PlaceHold command = element.command();
            Problem refusal = command == null ? null : forSale.refusal(command.lines(), command.sourcing());
            if (command != null && refusal != null) {
                refusals.put(command, refusal);
            }
        }
        if (refusals.isEmpty()) {
            return elements;
        }
        Set<UUID> used = engine.used(
                refusals.keySet().stream().map(command -> command.key().id()).toList());
        refusals.keySet().removeIf(command -> used.contains(command.key().id()));
        return elements.stream().map(element -> element.refused(refusals)).toList();
    }

    private static Result result(@Nullable String key, Outcome.Place outcome) {
        return switch (outcome) {
            case Outcome.Placed placed -> Result.placed(key, HoldView.placed(placed.hold()));
            case Outcome.Insufficient refusal -> Result.refused(key, Refusals.of(refusal));
            case Outcome.UnknownSku refusal -> Result.refused(key, Refusals.of(refusal));
            case Outcome.Ended refusal -> Result.refused(key, Refusals.ended(refusal.hold()));
            case Outcome.KeyReused refusal -> Result.refused(key, Refusals.of(refusal));
        };
    }
}
