package dev.holdfast.server.order;

import dev.holdfast.engine.Line;
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

/**
 * The bodies of this feature, from JSON to parts. The records only describe them for {@code /v3/api-docs}; a test holds both together.
 */
final class OrderRequests {
    @Schema(name = "OrderPartRequest")
    record PartBody(
            @Schema(example = "TSHIRT-M", requiredMode = Schema.RequiredMode.REQUIRED) @Size(min = 1, max = 100)
            String sku,

            @Schema(example = "main", defaultValue = "main") @Size(min = 1, max = 100) @Nullable
            String location,

            @Schema(example = "1", requiredMode = Schema.RequiredMode.REQUIRED) @Min(1) @Max(1_000_000_000)
            long quantity) {}

    @Schema(name = "OrderPartsRequest")
    record PartsBody(
            @Schema(description = "A line once; if absent, all units that it can be done to")
            @Size(min = 1, max = Line.LINES_MAX)
            @Nullable
            List<PartBody> lines) {}

    @Schema(name = "OrderReturnPartRequest")
    record ReturnPartBody(
            @Schema(example = "TSHIRT-M", requiredMode = Schema.RequiredMode.REQUIRED) @Size(min = 1, max = 100)
            String sku,

            @Schema(example = "main", defaultValue = "main") @Size(min = 1, max = 100) @Nullable
            String location,

            @Schema(example = "1", requiredMode = Schema.RequiredMode.REQUIRED) @Min(1) @Max(1_000_000_000)
            long quantity,

            @Schema(description = "Whether they can be sold again; else they are written off", defaultValue = "true")
            @Nullable
            Boolean restock) {}

    @Schema(name = "OrderReturnRequest")
    record ReturnBody(
            @Schema(description = "A line once; if absent, all units that are on the way or with the buyer")
            @Size(min = 1, max = Line.LINES_MAX)
            @Nullable
            List<ReturnPartBody> lines) {}

    private OrderRequests() {}

    /** None: all units that it can be done to. */
    static List<Part> parts(Act act, HttpServletRequest request) {
        Body body = Body.readIfAny(request);
        List<Part> parts = body.listIfAny("lines", Line.LINES_MAX, part -> part(act, part));
        Set<Object> stocks = new HashSet<>();
        for (int i = 0; i < parts.size(); i++) {
            if (!stocks.add(parts.get(i).stock())) {
                body.wrong("lines[" + i + "]", "must not be there twice");
            }
        }
        return body.finish(() -> parts);
    }

    private static Part part(Act act, Body body) {
        String sku = body.sku("sku").value();
        String location = body.location("location").value();
        long quantity = body.quantity("quantity").units();
        boolean restock = act != Act.RETURN || !Boolean.FALSE.equals(body.optionalFlag("restock"));
        return new Part(sku, location, quantity, restock);
    }
}
