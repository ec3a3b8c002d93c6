package dev.holdfast.server.cart;

import dev.holdfast.engine.Command;
import dev.holdfast.engine.Line;
import dev.holdfast.engine.Location;
import dev.holdfast.engine.Quantity;
import dev.holdfast.engine.Sku;
import dev.holdfast.engine.StockKey;
import dev.holdfast.server.api.Body;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Size;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The bodies of this feature. The records only describe them for {@code /v3/api-docs}; a test holds both together. */
final class CartRequests {
    @Schema(name = "CartRequest")
    record CreateBody(
            @Schema(example = "web") @Size(min = 1, max = 64) @Nullable
            String channel) {}

    @Schema(name = "CartQuantityRequest")
    record QuantityBody(
            @Schema(example = "2", requiredMode = Schema.RequiredMode.REQUIRED) @Min(1) @Max(1_000_000_000)
            long quantity,

            @Schema(example = "main", defaultValue = "main") @Size(min = 1, max = 100) @Nullable
            String location) {}

    @Schema(name = "CartLineRequest")
    record LineBody(
            @Schema(example = "TSHIRT-M", requiredMode = Schema.RequiredMode.REQUIRED) @Size(min = 1, max = 100)
            String sku,

            @Schema(example = "main", defaultValue = "main") @Size(min = 1, max = 100) @Nullable
            String location,

            @Schema(example = "2", requiredMode = Schema.RequiredMode.REQUIRED) @Min(1) @Max(1_000_000_000)
            long quantity) {}

    @Schema(name = "CartLinesRequest")
    record LinesBody(
            @Schema(description = "A line once; may be empty", requiredMode = Schema.RequiredMode.REQUIRED)
            @Size(max = Line.LINES_MAX)
            List<LineBody> lines) {}

    private CartRequests() {}

    static @Nullable String channel(HttpServletRequest request) {
        Body body = Body.readIfAny(request);
        String channel = body.optionalWords("channel", Command.CHANNEL_LENGTH_MAX);
        body.finish(() -> body);
        return channel;
    }

    static Edit line(Sku sku, HttpServletRequest request) {
        Body body = Body.read(request);
        Quantity quantity = body.quantity("quantity");
        Location location = body.location("location");
        return body.finish(() -> Edit.set(new Line(new StockKey(sku, location), quantity)));
    }

    static Edit lines(HttpServletRequest request) {
        Body body = Body.read(request);
        List<Line> lines = body.optionalObjects(
                "lines",
                Line.LINES_MAX,
                line -> new Line(new StockKey(line.sku("sku"), line.location("location")), line.quantity("quantity")));
        if (lines == null) {
            body.wrong("lines", "is required");
            lines = List.of();
        }
        Set<StockKey> stocks = new HashSet<>();
        for (int i = 0; i < lines.size(); i++) {
            if (!stocks.add(lines.get(i).stock())) {
                body.wrong("lines[" + i + "]", "must not be there twice");
            }
        }
        List<Line> all = lines;
        return body.finish(() -> Edit.replace(all));
    }
}
