package dev.holdfast.server.channel;

import dev.holdfast.engine.Command;
import dev.holdfast.engine.Command.Settle;
import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.engine.Line;
import dev.holdfast.engine.StockKey;
import dev.holdfast.server.api.Body;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The bodies of this feature, from JSON to command. The records only describe them for {@code /v3/api-docs}. */
final class SettlementRequests {
    static final int SALES_MAX = 1_000;

    @Schema(name = "SoldLine")
    record LineBody(
            @Schema(example = "TSHIRT-M", requiredMode = Schema.RequiredMode.REQUIRED) @Size(min = 1, max = 100)
            String sku,

            @Schema(example = "main", defaultValue = "main") @Size(min = 1, max = 100) @Nullable
            String location,

            @Schema(example = "2", requiredMode = Schema.RequiredMode.REQUIRED) @Min(1) @Max(1_000_000_000)
            long quantity) {}

    @Schema(name = "OfflineSale")
    record SaleBody(
            @Schema(
                    description = "The till's name for this sale: told twice, it counts once. An idempotency key",
                    example = "01936f3e-7b3c-7d4e-8f5a-0123456789ab",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            @Size(min = 1, max = 255)
            String saleId,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED) @Size(min = 1, max = 100)
            List<LineBody> lines,

            @Schema(description = "By the till's clock; kept in the ledger") @Nullable
            Instant soldAt,

            @Schema(example = "receipt-0815") @Size(max = 255) @Nullable
            String reference) {}

    @Schema(name = "SettlementRequest")
    record SettlementBody(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED) @Size(min = 1, max = SALES_MAX)
            List<SaleBody> sales,

            @Schema(description = "Release what is left of the lease, after these sales", defaultValue = "false")
            @Nullable
            Boolean close) {}

    /** What was asked for: sales that are read one by one, and whether to release the rest. */
    record Settlement(List<Body> sales, boolean close) {
        static Settlement read(Body body) {
            List<Body> sales = body.parts("sales", SALES_MAX);
            Boolean close = body.optionalFlag("close");
            return body.finish(() -> new Settlement(sales, close != null && close));
        }
    }

    private SettlementRequests() {}

    /** One sale, whose id is read already. */
    static Settle sale(IdempotencyKey key, UUID lease, Body body) {
        List<Line> lines = body.list("lines", Line.LINES_MAX, SettlementRequests::line);
        Instant soldAt = body.optional("soldAt", SettlementRequests::time);
        String reference = body.optionalText("reference", Command.NOTE_LENGTH_MAX);
        return body.finish(() -> new Settle(key, lease, lines, soldAt, reference));
    }

    private static Line line(Body body) {
        return new Line(new StockKey(body.sku("sku"), body.location("location")), body.quantity("quantity"));
    }

    private static Instant time(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException("soldAt must be a time in UTC, like 2026-11-20T10:00:00Z", e);
        }
    }
}
