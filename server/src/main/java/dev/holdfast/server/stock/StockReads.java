package dev.holdfast.server.stock;

import dev.holdfast.engine.Level;
import dev.holdfast.engine.Location;
import dev.holdfast.engine.MovementPage;
import dev.holdfast.engine.Sku;
import dev.holdfast.engine.StockEngine;
import dev.holdfast.engine.StockKey;
import dev.holdfast.server.api.Answer;
import dev.holdfast.server.api.Contract;
import dev.holdfast.server.api.Prefer;
import dev.holdfast.server.api.Problem;
import dev.holdfast.server.api.Query;
import dev.holdfast.server.api.Refusals;
import dev.holdfast.server.api.Versions;
import dev.holdfast.server.availability.Availability;
import dev.holdfast.server.availability.Numbers;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.ArraySchema;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;

import static dev.holdfast.server.api.ErrorCode.OVERLOADED;
import static dev.holdfast.server.api.ErrorCode.UNKNOWN_SKU;

/** Levels, availability, and the ledger. */
@Controller
@RequestMapping(path = "/v1", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Stock")
class StockReads {
    private static final int SKUS_MAX = 100;
    private static final int LIMIT_DEFAULT = 50;

    /** Below the 30 s after which proxies give up. */
    private static final Duration WAIT_MAX = Duration.ofSeconds(25);

    @Schema(name = "Stock")
    record StockView(
            @Schema(example = "TSHIRT-M", requiredMode = Schema.RequiredMode.REQUIRED)
            String sku,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            List<LevelView> levels,

            @Schema(
                    description = "What may still be promised, over all locations",
                    example = "98",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            long available) {}

    @Schema(name = "Availability")
    record AvailabilityView(
            @Schema(example = "TSHIRT-M", requiredMode = Schema.RequiredMode.REQUIRED)
            String sku,

            @Schema(
                    description = "0 also for an unknown SKU",
                    example = "98",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            long available,

            @Schema(
                    description = "The sum of the versions of its locations: greater if and only if something moved",
                    example = "7",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            long version,

            @Schema(description = "It was so then, or later", requiredMode = Schema.RequiredMode.REQUIRED)
            Instant asOf) {
        static AvailabilityView of(Numbers.Available number) {
            return new AvailabilityView(number.sku().value(), number.available(), number.version(), number.asOf());
        }
    }

    @Schema(name = "MovementPage")
    record MovementsView(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            List<MovementView> data,

            @Schema(
                    types = {"string", "null"},
                    description = "For the next page; null on the last")
            @Nullable
            String nextCursor) {}

    private final StockEngine engine;
    private final Availability availability;

    StockReads(StockEngine engine, Availability availability) {
        this.engine = engine;
        this.availability = availability;
    }

    @GetMapping("/stock/{sku}")
    @Operation(
            operationId = "getStock",
            summary = "Look at a SKU",
            description = "The ETag is the version of the level if there is one, else all versions joined by dots."
                    + " With If-None-Match: 304 while nothing has moved.")
    @Contract(answer = StockView.class, hasEtag = true, problems = UNKNOWN_SKU)
    Answer stock(@PathVariable String sku, HttpServletRequest request) {
        var query = Query.of(request);
        var wanted = query.sku(sku);
        List<Level> levels = query.finish(() -> engine.levels(wanted));
        if (levels.isEmpty()) {
            return Answer.refused(Refusals.unknown(List.of(new StockKey(wanted, Location.MAIN))));
        }
        String etag = Versions.etag(levels);
        Answer answer = Versions.isKnown(request, etag)
                ? Answer.notModified()
                : Answer.ok(new StockView(
                        sku,
                        levels.stream().map(LevelView::of).toList(),
                        levels.stream().mapToLong(Level::available).sum()));
        return answer.header(Versions.ETAG, etag).header("Cache-Control", "no-cache");
    }

    @GetMapping("/stock/{sku}/movements")
    @Operation(operationId = "listMovements", summary = "Read the ledger of a SKU", description = "Newest first.")
    @Parameter(
            in = ParameterIn.QUERY,
            name = "location",
            description = "One location only",
            schema = @Schema(type = "string", maxLength = 100))
    @Parameter(
            in = ParameterIn.QUERY,
            name = "limit",
            schema = @Schema(type = "integer", minimum = "1", maximum = "500", defaultValue = "50"))
    @Parameter(
            in = ParameterIn.QUERY,
            name = "cursor",
            description = "nextCursor of the page before",
            schema = @Schema(type = "string"))
    @Contract(answer = MovementsView.class, problems = UNKNOWN_SKU)
    Answer movements(@PathVariable String sku, HttpServletRequest request) {
        var query = Query.of(request);
        Sku wanted = query.sku(sku);
        Location location = query.location("location");
        int limit = query.number("limit", 1, MovementPage.LIMIT_MAX, LIMIT_DEFAULT);
        String cursor = query.text("cursor");
        MovementPage page = query.finish(() -> page(wanted, location, limit, cursor));
        if (page.movements().isEmpty() && cursor == null) {
            return Answer.refused(
                    Refusals.unknown(List.of(new StockKey(wanted, location == null ? Location.MAIN : location))));
        }
        return Answer.ok(new MovementsView(
                        page.movements().stream().map(MovementView::of).toList(), page.nextCursor()))
                .header("Cache-Control", "no-cache");
    }

    @GetMapping("/availability")
    @Operation(
            operationId = "getAvailability",
            summary = "What may still be promised of some SKUs",
            description =
                    "From memory, over all locations, in the order asked, and as of when that was. The ETag is the sum of"
                            + " the versions. With since, the sum that was seen last: waits until there is a greater one, 25 s at"
                            + " most (or Prefer: wait=5), then 304.")
    @Parameter(
            in = ParameterIn.QUERY,
            name = "sku",
            required = true,
            description = "1 to 100 of them",
            array = @ArraySchema(schema = @Schema(type = "string", maxLength = 100), minItems = 1, maxItems = SKUS_MAX))
    @Parameter(
            in = ParameterIn.QUERY,
            name = "since",
            description = "The sum of versions that was seen last, as in the ETag",
            schema = @Schema(type = "integer", format = "int64", minimum = "0"))
    @Contract(answer = AvailabilityView.class, isList = true, hasEtag = true, problems = OVERLOADED)
    Answer availability(HttpServletRequest request) throws InterruptedException {
        var query = Query.of(request);
        List<Sku> asked = query.skus("sku", SKUS_MAX).stream().distinct().toList();
        Long since = query.version("since");
        List<Sku> skus = query.finish(() -> asked);
        Numbers numbers =
                since == null ? availability.of(skus) : availability.after(since, skus, Prefer.wait(request, WAIT_MAX));
        String etag = Versions.etag(numbers.version());
        boolean isKnown = since == null ? Versions.isKnown(request, etag) : numbers.version() <= since;
        Answer answer = isKnown
                ? Answer.notModified()
                : Answer.ok(numbers.numbers().stream().map(AvailabilityView::of).toList());
        return answer.header(Versions.ETAG, etag).header("Cache-Control", "no-cache");
    }

    private MovementPage page(Sku sku, @Nullable Location location, int limit, @Nullable String cursor) {
        try {
            return engine.movements(sku, location, limit, cursor);
        } catch (IllegalArgumentException e) {
            throw Problem.invalid("cursor", "must be the nextCursor of another page")
                    .asException();
        }
    }
}
