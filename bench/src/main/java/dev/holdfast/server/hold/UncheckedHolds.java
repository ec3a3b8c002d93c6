package dev.holdfast.server.hold;

import dev.holdfast.engine.Outcome;
import dev.holdfast.engine.StockEngine;
import dev.holdfast.server.api.Answer;
import dev.holdfast.server.api.Body;
import dev.holdfast.server.api.Keys;
import dev.holdfast.server.api.Refusals;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PostMapping;

/** What {@link HoldApi} was before there was a catalogue: the same without asking whether the SKU is for sale. */
@Controller
public class UncheckedHolds {
    public static final String PATH = "/bench/holds";

    private final StockEngine engine;
    private final SourcingRequests sourcing;

    UncheckedHolds(StockEngine engine, SourcingRequests sourcing) {
        this.engine = engine;
        this.sourcing = sourcing;
    }

    @PostMapping(path = PATH, produces = MediaType.APPLICATION_JSON_VALUE)
    Answer place(HttpServletRequest request) {
        var command = HoldRequests.place(Keys.required(request), Body.read(request), sourcing);
        return switch (engine.execute(command)) {
            case Outcome.Placed placed ->
                Answer.created(HoldView.placed(placed.hold()))
                        .header("Location", "/v1/holds/" + placed.hold().id())
                        .replayed(placed.replayed());
            case Outcome.Insufficient refusal -> Answer.refused(Refusals.of(refusal));
            case Outcome.UnknownSku refusal -> Answer.refused(Refusals.of(refusal));
            case Outcome.Ended refusal -> Answer.refused(Refusals.ended(refusal.hold()));
            case Outcome.KeyReused refusal -> Answer.refused(Refusals.of(refusal));
        };
    }
}
