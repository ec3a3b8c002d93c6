package dev.holdfast.server.channel;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.holdfast.engine.Actor;
import dev.holdfast.engine.Command.ReleaseHold;
import dev.holdfast.engine.Command.Settle;
import dev.holdfast.engine.Outcome;
import dev.holdfast.engine.StockEngine;
import dev.holdfast.server.api.Answer;
import dev.holdfast.server.api.Body;
import dev.holdfast.server.api.Caller;
import dev.holdfast.server.api.Contract;
import dev.holdfast.server.api.Keys;
import dev.holdfast.server.api.Problem;
import dev.holdfast.server.api.ProblemException;
import dev.holdfast.server.api.Query;
import dev.holdfast.server.api.Refusals;
import dev.holdfast.server.channel.SettlementRequests.Settlement;
import dev.holdfast.server.channel.SettlementRequests.SettlementBody;
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
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;

import static dev.holdfast.server.api.ErrorCode.UNKNOWN_HOLD;

/** What tills sold within their leases while they could not ask. */
@Controller
@RequestMapping(path = "/v1/holds/{id}/settlements", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Tills", description = "Sales made offline, of units that a till has leased with a hold")
class SettlementApi {
    @Schema(name = "SettlementResults")
    record Results(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            List<Result> results) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    @Schema(name = "SettlementResult", description = "Either a sale or a problem, in the order of the request")
    record Result(
            @Nullable String saleId,

            @Schema(
                    description = "What this sale alone would have been answered with",
                    example = "201",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            int status,

            @Nullable SettledView sale,
            @Nullable Map<String, Object> problem) {
        static Result refused(@Nullable String saleId, Problem problem) {
            return new Result(saleId, problem.code().status(), null, problem.asPart());
        }
    }

    /** One sale as it was read: a command, or what is wrong with it. */
    private record Element(
            @Nullable String saleId,
            @Nullable Settle command,
            @Nullable Problem problem) {
        static Element read(UUID lease, Body body) {
            String saleId = null;
            try {
                body.check();
                saleId = body.key("saleId");
                if (saleId == null) {
                    body.wrong("saleId", "is required");
                }
                body.check();
                return new Element(
                        saleId, SettlementRequests.sale(Keys.of(Objects.requireNonNull(saleId)), lease, body), null);
            } catch (ProblemException e) {
                return new Element(saleId, null, e.problem());
            }
        }
    }

    private final StockEngine engine;
    private final Shortfalls shortfalls;

    SettlementApi(StockEngine engine, Shortfalls shortfalls) {
        this.engine = engine;
        this.shortfalls = shortfalls;
    }

    @PostMapping
    @Operation(
            operationId = "settleSales",
            summary = "Settle up to 1,000 offline sales",
            description =
                    "Each sale for itself, once, in any order, however often it is told. They have happened, so none is"
                            + " refused for want of units: a sale takes what the lease still has, then what is there, then what is"
                            + " promised to others, which is a `shortfall` from then on.")
    @Contract(answer = Results.class, body = SettlementBody.class, takesCaller = true, problems = UNKNOWN_HOLD)
    Answer settle(@PathVariable String id, HttpServletRequest request) {
        UUID lease = Query.id(id);
        Actor actor = Caller.namedActor(request);
        Settlement settlement = Settlement.read(Body.read(request));
        List<Element> elements = settlement.sales().stream()
                .map(sale -> Element.read(lease, sale))
                .toList();
        List<Settle> commands =
                elements.stream().map(Element::command).filter(Objects::nonNull).toList();
        List<? extends Outcome.Settlement> outcomes =
                commands.isEmpty() ? List.of() : engine.executeAll(commands, actor);
        boolean unknown = outcomes.stream().anyMatch(Outcome.UnknownHold.class::isInstance);
        if (!unknown && settlement.close()) {
            unknown =
                    engine.execute(ReleaseHold.of(lease), actor) instanceof Outcome.UnknownHold; // over before: as good
        }
        return unknown
                ? Answer.refused(Problem.of(UNKNOWN_HOLD, "No hold has the id " + lease))
                : Answer.ok(new Results(results(lease, elements, outcomes.iterator())));
    }

    private List<Result> results(UUID lease, List<Element> elements, Iterator<? extends Outcome.Settlement> outcomes) {
        List<Result> results = new ArrayList<>(elements.size());
        for (Element element : elements) {
            results.add(
                    element.problem() == null
                            ? result(lease, element.saleId(), outcomes.next())
                            : Result.refused(element.saleId(), element.problem()));
        }
        return results;
    }

    private Result result(UUID lease, @Nullable String saleId, Outcome.Settlement outcome) {
        return switch (outcome) {
            case Outcome.Settled settled -> {
                shortfalls.look(lease, settled);
                yield new Result(saleId, 201, SettledView.of(settled), null);
            }
            case Outcome.UnknownSku refusal -> Result.refused(saleId, Refusals.of(refusal));
            case Outcome.KeyReused refusal -> Result.refused(saleId, Refusals.of(refusal));
            case Outcome.UnknownHold refusal ->
                throw new IllegalStateException("of one sale and not of all: " + refusal);
        };
    }
}
