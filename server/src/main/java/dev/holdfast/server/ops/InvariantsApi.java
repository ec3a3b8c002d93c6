package dev.holdfast.server.ops;

import dev.holdfast.engine.Invariant;
import dev.holdfast.engine.StockEngine;
import dev.holdfast.server.api.Answer;
import dev.holdfast.server.api.Contract;
import dev.holdfast.server.api.ErrorCode;
import dev.holdfast.server.api.FeatureInvariants;
import dev.holdfast.server.api.Query;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;

/** Whether the books are right, checked now. */
@Controller
@RequestMapping(path = "/v1/invariants", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Operations", description = "What is true right now")
class InvariantsApi {
    @Schema(name = "Invariants")
    record InvariantsView(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            boolean ok,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            List<CheckView> checks) {}

    @Schema(name = "InvariantCheck")
    record CheckView(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            String name,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            boolean ok,

            @Schema(description = "What breaks it, at most 100", requiredMode = Schema.RequiredMode.REQUIRED)
            List<String> violations) {}

    private final StockEngine engine;
    private final List<FeatureInvariants> features;

    InvariantsApi(StockEngine engine, List<FeatureInvariants> features) {
        this.engine = engine;
        this.features = features;
    }

    @GetMapping
    @Operation(
            operationId = "checkInvariants",
            summary = "Check the books",
            description =
                    "In one snapshot. Reads every hold and movement, so it takes seconds on a large history. One check at"
                            + " a time: who asks during one shares the next.")
    @Contract(answer = InvariantsView.class, problems = ErrorCode.TIMED_OUT)
    Answer check(HttpServletRequest request) {
        List<Invariant> invariants = Query.of(request).finish(this::all);
        return Answer.ok(new InvariantsView(
                        invariants.stream().allMatch(Invariant::ok),
                        invariants.stream()
                                .map(invariant ->
                                        new CheckView(invariant.name(), invariant.ok(), invariant.violations()))
                                .toList()))
                .header("Cache-Control", "no-store");
    }

    private List<Invariant> all() {
        List<Invariant> all = new ArrayList<>(engine.invariants());
        features.forEach(feature -> all.addAll(feature.invariants()));
        return all;
    }
}
