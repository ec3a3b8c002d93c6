package dev.holdfast.server.admission;

import dev.holdfast.server.admission.CheckIns.Shown;
import dev.holdfast.server.api.Body;
import dev.holdfast.server.order.Orders;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.Size;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The bodies of this feature. The records only describe them for {@code /v3/api-docs}; a test holds both together. */
final class TicketRequests {
    static final int HOLDER_MAX = Orders.NAME_MAX;
    static final int GATE_MAX = 64;
    static final int BATCH_MAX = 1_000;

    /** Longer than ours: what is no code is refused as one, not as too long. */
    private static final int CODE_MAX = 1_000;

    /** Nobody has come in before there were such tickets. */
    private static final Instant AT_MIN = Instant.parse("2020-01-01T00:00:00Z");

    @Schema(name = "TicketTransferRequest")
    record TransferBody(
            @Schema(
                    description = "Whose it is from now on",
                    example = "Ada Lovelace",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            @Size(min = 1, max = HOLDER_MAX)
            String holder) {}

    @Schema(name = "CheckInRequest")
    record CheckInBody(
            @Schema(description = "As the QR code says it", requiredMode = Schema.RequiredMode.REQUIRED)
            @Size(min = 1, max = CODE_MAX)
            String code,

            @Schema(example = "north-2", requiredMode = Schema.RequiredMode.REQUIRED) @Size(min = 1, max = GATE_MAX)
            String gate) {}

    @Schema(name = "OfflineCheckInRequest")
    record OfflineCheckInBody(
            @Schema(description = "As the QR code says it", requiredMode = Schema.RequiredMode.REQUIRED)
            @Size(min = 1, max = CODE_MAX)
            String code,

            @Schema(example = "north-2", requiredMode = Schema.RequiredMode.REQUIRED) @Size(min = 1, max = GATE_MAX)
            String gate,

            @Schema(
                    description = "When its holder came in, by the gate's clock",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            Instant at) {}

    @Schema(name = "CheckInBatchRequest")
    record BatchBody(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED) @Size(min = 1, max = BATCH_MAX)
            List<OfflineCheckInBody> checkIns) {}

    private TicketRequests() {}

    static String transfer(Body body) {
        String holder = body.text("holder", HOLDER_MAX);
        return body.finish(() -> holder);
    }

    static Shown checkIn(Body body, Instant now) {
        String code = body.text("code", CODE_MAX);
        String gate = body.text("gate", GATE_MAX);
        return body.finish(() -> new Shown(code, gate, now));
    }

    static List<Body> batch(Body body) {
        List<Body> parts = body.parts("checkIns", BATCH_MAX);
        return body.finish(() -> parts);
    }

    /** @param latest what no clock of a gate may be ahead of */
    static Shown offlineCheckIn(Body body, Instant latest) {
        String code = body.text("code", CODE_MAX);
        String gate = body.text("gate", GATE_MAX);
        Instant at = at(body, latest);
        return body.finish(() -> new Shown(code, gate, at));
    }

    private static Instant at(Body body, Instant latest) {
        String text = body.text("at", 64);
        Instant at = parsed(text);
        if (at == null || at.isBefore(AT_MIN) || at.isAfter(latest)) {
            body.wrong("at", "must be a time such as 2026-11-20T19:30:00Z, and not in the future");
            return latest;
        }
        return at.truncatedTo(ChronoUnit.MICROS); // as the database keeps it
    }

    private static @Nullable Instant parsed(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            return null;
        }
    }
}
