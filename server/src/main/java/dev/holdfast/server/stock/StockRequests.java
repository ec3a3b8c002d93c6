package dev.holdfast.server.stock;

import dev.holdfast.engine.Buffer;
import dev.holdfast.engine.Command;
import dev.holdfast.engine.Command.Adjust;
import dev.holdfast.engine.Command.Count;
import dev.holdfast.engine.Command.Receive;
import dev.holdfast.engine.Command.SetLimits;
import dev.holdfast.engine.Command.Transfer;
import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.engine.Location;
import dev.holdfast.engine.Quantity;
import dev.holdfast.engine.Sku;
import dev.holdfast.engine.StockKey;
import dev.holdfast.server.api.Body;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The bodies of this feature, from JSON to command. The records only describe them for {@code /v3/api-docs}; a test holds both
 * together.
 */
final class StockRequests {
    private static final String EXPECTED_VERSION = "Refuse if the stock has moved since; the same as If-Match";

    @Schema(name = "ReceiptRequest")
    record ReceiptBody(
            @Schema(example = "TSHIRT-M", requiredMode = Schema.RequiredMode.REQUIRED) @Size(min = 1, max = 100)
            String sku,

            @Schema(example = "main", defaultValue = "main") @Size(min = 1, max = 100) @Nullable
            String location,

            @Schema(example = "100", requiredMode = Schema.RequiredMode.REQUIRED) @Min(1) @Max(1_000_000_000)
            long quantity,

            @Schema(example = "PO-4711") @Size(max = 255) @Nullable
            String reference) {}

    @Schema(name = "AdjustmentRequest")
    record AdjustmentBody(
            @Schema(example = "TSHIRT-M", requiredMode = Schema.RequiredMode.REQUIRED) @Size(min = 1, max = 100)
            String sku,

            @Schema(example = "main", defaultValue = "main") @Size(min = 1, max = 100) @Nullable
            String location,

            @Schema(description = "Not 0", example = "-2", requiredMode = Schema.RequiredMode.REQUIRED)
            @Min(-1_000_000_000)
            @Max(1_000_000_000)
            long delta,

            @Schema(example = "broken", requiredMode = Schema.RequiredMode.REQUIRED) @Size(min = 1, max = 255)
            String reason,

            @Schema(description = EXPECTED_VERSION, example = "7") @Min(0) @Nullable
            Long expectedVersion) {}

    @Schema(name = "CountRequest")
    record CountBody(
            @Schema(example = "TSHIRT-M", requiredMode = Schema.RequiredMode.REQUIRED) @Size(min = 1, max = 100)
            String sku,

            @Schema(example = "main", defaultValue = "main") @Size(min = 1, max = 100) @Nullable
            String location,

            @Schema(example = "97", requiredMode = Schema.RequiredMode.REQUIRED) @Min(0) @Max(1_000_000_000)
            long counted,

            @Schema(example = "yearly count") @Size(max = 255) @Nullable
            String reason,

            @Schema(description = EXPECTED_VERSION, example = "7") @Min(0) @Nullable
            Long expectedVersion) {}

    @Schema(name = "TransferRequest")
    record TransferBody(
            @Schema(example = "TSHIRT-M", requiredMode = Schema.RequiredMode.REQUIRED) @Size(min = 1, max = 100)
            String sku,

            @Schema(example = "main", requiredMode = Schema.RequiredMode.REQUIRED) @Size(min = 1, max = 100)
            String from,

            @Schema(example = "outlet", requiredMode = Schema.RequiredMode.REQUIRED) @Size(min = 1, max = 100)
            String to,

            @Schema(example = "10", requiredMode = Schema.RequiredMode.REQUIRED) @Min(1) @Max(1_000_000_000)
            long quantity,

            @Schema(description = EXPECTED_VERSION + ". It is the version at from", example = "7") @Min(0) @Nullable
            Long expectedVersion) {}

    @Schema(name = "LimitsRequest")
    record LimitsBody(
            @Schema(example = "main", defaultValue = "main") @Size(min = 1, max = 100) @Nullable
            String location,

            @Schema(
                    description = "Units kept back from new promises",
                    example = "5",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            @Min(0)
            @Max(1_000_000_000)
            long safetyStock,

            @Schema(
                    description = "Units that may be promised beyond what is on hand",
                    example = "0",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            @Min(0)
            @Max(1_000_000_000)
            long backorderLimit,

            @Schema(
                    description =
                            "Units kept for channels from those of a lower priority, one a channel; if absent as they are")
            @Size(max = Buffer.COUNT_MAX)
            @Nullable
            List<BufferBody> buffers) {}

    @Schema(name = "Buffer", description = "Units of a stock that are kept for a channel")
    record BufferBody(
            @Schema(example = "till", requiredMode = Schema.RequiredMode.REQUIRED) @Size(min = 1, max = 64)
            String channel,

            @Schema(example = "2", requiredMode = Schema.RequiredMode.REQUIRED) @Min(0) @Max(1_000_000_000)
            long units,

            @Schema(
                    description = "Channels of a lower one leave these units alone; a channel without a buffer has 0",
                    example = "10",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            @Min(0)
            @Max(Buffer.PRIORITY_MAX)
            int priority) {
        static BufferBody of(Buffer buffer) {
            return new BufferBody(buffer.channel(), buffer.units(), buffer.priority());
        }
    }

    private StockRequests() {}

    static Receive receive(IdempotencyKey key, Body body) {
        StockKey stock = stock(body);
        Quantity quantity = body.quantity("quantity");
        String reference = body.optionalText("reference", Command.NOTE_LENGTH_MAX);
        return body.finish(() -> new Receive(key, stock, quantity, reference));
    }

    /** @param ifMatch the version in the header; null: none */
    static Adjust adjust(IdempotencyKey key, @Nullable Long ifMatch, Body body) {
        StockKey stock = stock(body);
        long delta = body.number("delta", -Quantity.MAX, Quantity.MAX);
        if (delta == 0) {
            body.wrong("delta", "must not be 0");
        }
        String reason = body.text("reason", Command.NOTE_LENGTH_MAX);
        Long expectedVersion = expectedVersion(ifMatch, body);
        return body.finish(() -> new Adjust(key, stock, delta, reason, expectedVersion));
    }

    static Count count(IdempotencyKey key, @Nullable Long ifMatch, Body body) {
        StockKey stock = stock(body);
        long counted = body.number("counted", 0, Quantity.MAX);
        String reason = body.optionalText("reason", Command.NOTE_LENGTH_MAX);
        Long expectedVersion = expectedVersion(ifMatch, body);
        return body.finish(() -> new Count(key, stock, counted, reason, expectedVersion));
    }

    static Transfer transfer(IdempotencyKey key, @Nullable Long ifMatch, Body body) {
        Sku sku = body.sku("sku");
        Location from = body.requiredLocation("from");
        Location to = body.requiredLocation("to");
        Quantity quantity = body.quantity("quantity");
        Long expectedVersion = expectedVersion(ifMatch, body);
        return body.finish(() -> new Transfer(key, new StockKey(sku, from), to, quantity, expectedVersion));
    }

    static SetLimits limits(IdempotencyKey key, @Nullable Long ifMatch, Sku sku, Body body) {
        Location location = body.location("location");
        long safetyStock = body.number("safetyStock", 0, Quantity.MAX);
        long backorderLimit = body.number("backorderLimit", 0, Quantity.MAX);
        List<BufferBody> buffers = body.optionalObjects("buffers", Buffer.COUNT_MAX, StockRequests::buffer);
        return body.finish(() -> new SetLimits(
                key,
                new StockKey(sku, location),
                safetyStock,
                backorderLimit,
                buffers == null
                        ? null
                        : buffers.stream().map(StockRequests::buffer).toList(),
                ifMatch));
    }

    private static BufferBody buffer(Body body) {
        return new BufferBody(
                body.text("channel", Command.CHANNEL_LENGTH_MAX), body.number("units", 0, Quantity.MAX), (int)
                        body.number("priority", 0, Buffer.PRIORITY_MAX));
    }

    private static Buffer buffer(BufferBody body) {
        return new Buffer(body.channel, body.units, body.priority);
    }

    private static @Nullable Long expectedVersion(@Nullable Long ifMatch, Body body) {
        Long inBody = body.optionalNumber("expectedVersion", 0, Long.MAX_VALUE);
        if (ifMatch != null && inBody != null && !ifMatch.equals(inBody)) {
            body.wrong("expectedVersion", "must be the same as If-Match");
        }
        return ifMatch == null ? inBody : ifMatch;
    }

    private static StockKey stock(Body body) {
        return new StockKey(body.sku("sku"), body.location("location"));
    }
}
