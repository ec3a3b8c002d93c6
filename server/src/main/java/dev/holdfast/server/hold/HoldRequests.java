package dev.holdfast.server.hold;

import dev.holdfast.engine.Command;
import dev.holdfast.engine.Command.ExtendHold;
import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.Command.Sell;
import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.engine.Line;
import dev.holdfast.server.api.Body;
import dev.holdfast.server.hold.SourcingRequests.Lines;
import dev.holdfast.server.hold.SourcingRequests.SourcingBody;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Size;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The bodies of this feature, from JSON to command. The records only describe them for {@code /v3/api-docs}; a test holds both
 * together.
 */
final class HoldRequests {
    static final int HOLDS_MAX = 1_000;

    @Schema(name = "LineRequest")
    record LineBody(
            @Schema(example = "TSHIRT-M", requiredMode = Schema.RequiredMode.REQUIRED) @Size(min = 1, max = 100)
            String sku,

            @Schema(
                    description =
                            "If absent main; with a sourcing, in the request or configured, wherever that finds units",
                    example = "main")
            @Size(min = 1, max = 100)
            @Nullable
            String location,

            @Schema(example = "2", requiredMode = Schema.RequiredMode.REQUIRED) @Min(1) @Max(1_000_000_000)
            long quantity) {}

    @Schema(name = "HoldRequest")
    record PlaceBody(
            @Schema(
                    description = "Lines of one stock are summed before they are checked",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            @Size(min = 1, max = 100)
            List<LineBody> lines,

            @Schema(example = "600", defaultValue = "600") @Min(1) @Max(86_400) @Nullable
            Long ttlSeconds,

            @Schema(example = "web") @Size(min = 1, max = 64) @Nullable
            String channel,

            @Schema(example = "cart-4711") @Size(max = 255) @Nullable
            String reference,

            @Nullable SourcingBody sourcing,

            @Schema(description = "The id of the hold that this one replaces") @Nullable
            UUID supersedes) {}

    @Schema(name = "BatchedHoldRequest")
    record BatchedBody(
            @Schema(example = "01936f3e-7b3c-7d4e-8f5a-0123456789ab", requiredMode = Schema.RequiredMode.REQUIRED)
            @Size(min = 1, max = 255)
            String idempotencyKey,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED) @Size(min = 1, max = 100)
            List<LineBody> lines,

            @Schema(example = "600", defaultValue = "600") @Min(1) @Max(86_400) @Nullable
            Long ttlSeconds,

            @Schema(example = "web") @Size(min = 1, max = 64) @Nullable
            String channel,

            @Schema(example = "cart-4711") @Size(max = 255) @Nullable
            String reference,

            @Nullable SourcingBody sourcing,

            @Schema(description = "The id of the hold that this one replaces") @Nullable
            UUID supersedes) {}

    @Schema(name = "HoldBatchRequest")
    record BatchBody(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED) @Size(min = 1, max = HOLDS_MAX)
            List<BatchedBody> holds) {}

    @Schema(name = "PartRequest", description = "A part of a hold; without lines all that is still held")
    record PartBody(@Size(min = 1, max = 100) @Nullable List<LineBody> lines) {}

    @Schema(name = "ExtendRequest")
    record ExtendBody(
            @Schema(
                    description = "From now; a deadline never moves to an earlier time",
                    example = "600",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            @Min(1)
            @Max(86_400)
            long ttlSeconds) {}

    @Schema(name = "SaleRequest")
    record SellBody(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED) @Size(min = 1, max = 100)
            List<LineBody> lines,

            @Schema(example = "till") @Size(min = 1, max = 64) @Nullable
            String channel,

            @Schema(example = "receipt-0815") @Size(max = 255) @Nullable
            String reference,

            @Nullable SourcingBody sourcing) {}

    private static final long TTL_SECONDS_MAX = Command.TTL_MAX.toSeconds();

    private HoldRequests() {}

    static PlaceHold place(IdempotencyKey key, Body body, SourcingRequests sourcing) {
        Lines lines = sourcing.read(key, body);
        Long ttlSeconds = body.optionalNumber("ttlSeconds", 1, TTL_SECONDS_MAX);
        Duration ttl = ttlSeconds == null ? Command.TTL_DEFAULT : Duration.ofSeconds(ttlSeconds);
        String channel = body.optionalWords("channel", Command.CHANNEL_LENGTH_MAX);
        String reference = body.optionalText("reference", Command.NOTE_LENGTH_MAX);
        UUID supersedes = body.optionalId("supersedes");
        return body.finish(
                () -> new PlaceHold(key, lines.located(), ttl, channel, reference, lines.sourcing(), supersedes));
    }

    static List<Body> batch(Body body) {
        List<Body> holds = body.parts("holds", HOLDS_MAX);
        return body.finish(() -> holds);
    }

    static List<Line> part(Body body) {
        List<Line> lines = body.listIfAny("lines", Line.LINES_MAX, SourcingRequests::located);
        return body.finish(() -> lines);
    }

    static ExtendHold extend(@Nullable IdempotencyKey key, UUID id, Body body) {
        long ttlSeconds = body.number("ttlSeconds", 1, TTL_SECONDS_MAX);
        return body.finish(() -> new ExtendHold(key, id, Duration.ofSeconds(ttlSeconds)));
    }

    static Sell sell(IdempotencyKey key, Body body, SourcingRequests sourcing) {
        Lines lines = sourcing.read(key, body);
        String channel = body.optionalWords("channel", Command.CHANNEL_LENGTH_MAX);
        String reference = body.optionalText("reference", Command.NOTE_LENGTH_MAX);
        return body.finish(() -> new Sell(key, lines.located(), channel, reference, lines.sourcing()));
    }
}
