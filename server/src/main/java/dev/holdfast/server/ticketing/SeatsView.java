package dev.holdfast.server.ticketing;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.holdfast.server.ticketing.LiveMap.Changes;
import dev.holdfast.server.ticketing.LiveMap.Snapshot;
import dev.holdfast.server.ticketing.LiveMap.State;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(name = "Seats", description = "Who has which seat of an event")
record SeatsView(
        @Schema(
                description =
                        "For since. The map's seats are counted from 0 in the order of the venue's map of `mapVersion`",
                requiredMode = Schema.RequiredMode.REQUIRED)
        String version,

        @Schema(description = "How many there are", requiredMode = Schema.RequiredMode.REQUIRED)
        int seats,

        @Schema(
                description =
                        "All seats, in base64, two bits each: 0 free, 1 held, 2 sold, 3 not for this sale. Seat 0 is in the lowest"
                                + " bits of the first byte. Absent in an answer to since")
        @Nullable
        String states,

        @Schema(description = "In an answer to since: the seats that changed") @Nullable
        List<RunView> changes,

        @Schema(description = "Places left in each area", requiredMode = Schema.RequiredMode.REQUIRED)
        Map<String, Long> areas) {
    @Schema(name = "SeatRun", description = "Seats that follow each other and are the same")
    record RunView(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            int from,

            @Schema(description = "The last one", requiredMode = Schema.RequiredMode.REQUIRED)
            int to,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            State state) {}

    static SeatsView of(LiveMap map, Snapshot snapshot) {
        return new SeatsView(
                map.version(snapshot.changes()), map.plan.size(), snapshot.states(), null, snapshot.areas());
    }

    static SeatsView of(LiveMap map, Changes changes) {
        var runs = new ArrayList<RunView>();
        changes.seats().forEach((seat, state) -> {
            RunView last = runs.isEmpty() ? null : runs.getLast();
            if (last != null && last.to + 1 == seat && last.state == state) {
                runs.set(runs.size() - 1, new RunView(last.from, seat, state));
            } else {
                runs.add(new RunView(seat, seat, state));
            }
        });
        return new SeatsView(map.version(changes.changes()), map.plan.size(), null, runs, changes.areas());
    }
}
