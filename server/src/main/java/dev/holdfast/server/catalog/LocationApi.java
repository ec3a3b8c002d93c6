package dev.holdfast.server.catalog;

import dev.holdfast.engine.Location;
import dev.holdfast.server.api.Answer;
import dev.holdfast.server.api.Body;
import dev.holdfast.server.api.Caller;
import dev.holdfast.server.api.Contract;
import dev.holdfast.server.api.Digest;
import dev.holdfast.server.api.ErrorCode;
import dev.holdfast.server.api.Problem;
import dev.holdfast.server.api.Query;
import dev.holdfast.server.api.Versions;
import dev.holdfast.server.audit.Audit;
import dev.holdfast.server.catalog.StockLocation.About;
import dev.holdfast.server.catalog.StockLocation.Kind;
import dev.holdfast.server.catalog.StockLocation.Position;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Size;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.data.domain.Limit;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Controller;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;

import static dev.holdfast.server.api.ErrorCode.IF_MATCH_REQUIRED;
import static dev.holdfast.server.api.ErrorCode.UNKNOWN_LOCATION;
import static dev.holdfast.server.api.ErrorCode.VERSION_CHANGED;

/** Locations: what is known of the places where units lie. */
@Controller
@RequestMapping(path = "/v1/locations", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Catalogue")
class LocationApi {
    private static final int LIMIT_MAX = 500;
    private static final int LIMIT_DEFAULT = 50;
    private static final int NAME_MAX = 200;
    private static final int PRIORITY_MAX = 1_000_000;

    /** Each try but the last lost against a commit of somebody else. */
    private static final int TRIES = 5;

    @Schema(name = "LocationRequest")
    record LocationBody(
            @Schema(example = "Main warehouse", requiredMode = Schema.RequiredMode.REQUIRED)
            @Size(min = 1, max = NAME_MAX)
            String name,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            Kind kind,

            @Schema(
                    description = "The smaller, the sooner",
                    example = "10",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            @Min(0)
            @Max(PRIORITY_MAX)
            int priority,

            @Schema(description = "Degrees, WGS 84; both or none") @Min(-90) @Max(90) @Nullable
            Double latitude,

            @Min(-180) @Max(180) @Nullable Double longitude) {}

    @Schema(name = "LocationPage")
    record PageView(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            List<LocationView> data,

            @Schema(
                    types = {"string", "null"},
                    description = "For the next page; null on the last")
            @Nullable
            String nextCursor) {}

    private final StockLocations locations;
    private final TransactionTemplate transaction;
    private final ForSale forSale;
    private final Audit audit;
    private final Clock clock;

    LocationApi(StockLocations locations, TransactionTemplate transaction, ForSale forSale, Audit audit, Clock clock) {
        this.locations = locations;
        this.transaction = transaction;
        this.forSale = forSale;
        this.audit = audit;
        this.clock = clock;
    }

    @GetMapping
    @Operation(operationId = "listLocations", summary = "List locations", description = "In the order of their codes.")
    @Parameter(
            in = ParameterIn.QUERY,
            name = "limit",
            schema = @Schema(type = "integer", minimum = "1", maximum = "500", defaultValue = "50"))
    @Parameter(
            in = ParameterIn.QUERY,
            name = "cursor",
            description = "nextCursor of the page before",
            schema = @Schema(type = "string"))
    @Contract(answer = PageView.class, hasEtag = true)
    Answer list(HttpServletRequest request) {
        var query = Query.of(request);
        int limit = query.number("limit", 1, LIMIT_MAX, LIMIT_DEFAULT);
        Location last = query.location("cursor"); // the code shown last: an order that every client may know
        List<StockLocation> found = new ArrayList<>(query.finish(() ->
                locations.findByCodeGreaterThanOrderByCode(last == null ? "" : last.value(), Limit.of(limit + 1))));
        boolean more = found.size() > limit;
        if (more) {
            found.removeLast();
        }
        var page = new PageView(
                found.stream().map(LocationView::of).toList(),
                more ? found.getLast().code() : null);
        return Versions.tagged(request, Digest.etag(page), page);
    }

    @GetMapping("/{code}")
    @Operation(operationId = "getLocation", summary = "Look at a location")
    @Contract(answer = LocationView.class, hasEtag = true, problems = UNKNOWN_LOCATION)
    Answer location(@PathVariable String code, HttpServletRequest request) {
        var query = Query.of(request);
        Location wanted = query.locationOf(code);
        return query.finish(() -> locations.findById(wanted.value()))
                .map(LocationView::of)
                .map(location -> Versions.tagged(request, Versions.etag(location.version()), location))
                .orElseGet(() -> Answer.refused(unknown(wanted)));
    }

    @PutMapping("/{code}")
    @Operation(
            operationId = "putLocation",
            summary = "Write a location",
            description = "A new one without If-Match: 201. One that is there needs it.")
    @Contract(
            answer = LocationView.class,
            body = LocationBody.class,
            hasEtag = true,
            takesIfMatch = true,
            takesCaller = true,
            problems = {UNKNOWN_LOCATION, VERSION_CHANGED, IF_MATCH_REQUIRED})
    Answer put(@PathVariable String code, HttpServletRequest request) {
        var query = Query.of(request);
        Location wanted = query.locationOf(code);
        boolean isConditional = Versions.isConditional(request);
        var caller = Caller.of(request);
        About about = query.finish(() -> about(Body.read(request)));
        return write(() -> {
            StockLocation location = locations.findById(wanted.value()).orElse(null);
            if (location == null) {
                return isConditional
                        ? Answer.refused(unknown(wanted))
                        : created(new StockLocation(wanted, about), caller);
            }
            if (!location.isAt(Versions.requiredIfMatch(request))) {
                return Answer.refused(stale(location));
            }
            Map<String, Object> before = location.about().fields();
            location.write(about);
            LocationView view = LocationView.of(locations.saveAndFlush(location));
            changed("update", wanted, before, about.fields(), caller);
            return tagged(Answer.ok(view), view);
        });
    }

    @DeleteMapping("/{code}")
    @Operation(
            operationId = "deleteLocation",
            summary = "Delete a location",
            description = "What is known of it. Units that lie there stay.")
    @Contract(
            status = 204,
            takesIfMatch = true,
            takesCaller = true,
            problems = {UNKNOWN_LOCATION, VERSION_CHANGED, IF_MATCH_REQUIRED})
    Answer delete(@PathVariable String code, HttpServletRequest request) {
        Body.requireNone(request);
        var query = Query.of(request);
        Location named = query.locationOf(code);
        Location wanted = query.finish(() -> named);
        Long ifMatch = Versions.requiredIfMatch(request);
        var caller = Caller.of(request);
        return write(() -> {
            StockLocation location = locations.findById(wanted.value()).orElse(null);
            if (location == null) {
                return Answer.refused(unknown(wanted));
            }
            if (!location.isAt(ifMatch)) {
                return Answer.refused(stale(location));
            }
            locations.delete(location);
            locations.flush();
            changed("delete", wanted, location.about().fields(), Map.of(), caller);
            return Answer.noContent();
        });
    }

    /** Who writes at the same time as somebody else is decided again, on what that one left behind. */
    private Answer write(Supplier<Answer> useCase) {
        for (int i = 1; ; i++) {
            try {
                Answer answer = Objects.requireNonNull(transaction.execute(_ -> useCase.get()));
                forSale.refresh();
                return answer;
            } catch (ConcurrencyFailureException | DataIntegrityViolationException e) {
                if (i == TRIES) {
                    throw e;
                }
            }
        }
    }

    private Answer created(StockLocation location, Caller caller) {
        LocationView view = LocationView.of(locations.saveAndFlush(location));
        changed(
                "create",
                new Location(location.code()),
                Map.of(),
                location.about().fields(),
                caller);
        return tagged(Answer.created(view), view);
    }

    private void changed(
            String action, Location location, Map<String, Object> before, Map<String, Object> after, Caller caller) {
        audit.record(caller, clock.instant(), List.of(new Audit.Change(action, "location/" + location, before, after)));
        forSale.countChange();
    }

    private static Answer tagged(Answer answer, LocationView location) {
        return answer.header(Versions.ETAG, Versions.etag(location.version()));
    }

    private static About about(Body body) {
        String name = body.text("name", NAME_MAX);
        Kind kind = body.choice("kind", Kind.class);
        int priority = Math.toIntExact(body.number("priority", 0, PRIORITY_MAX));
        Double latitude = body.optionalDecimal("latitude", -90, 90);
        Double longitude = body.optionalDecimal("longitude", -180, 180);
        return body.finish(() -> {
            if ((latitude == null) != (longitude == null)) {
                throw new IllegalArgumentException("latitude and longitude must be there together");
            }
            Position position = latitude == null || longitude == null ? null : new Position(latitude, longitude);
            return new About(name, kind, priority, position);
        });
    }

    private static Problem stale(StockLocation location) {
        return Problem.of(
                        ErrorCode.VERSION_CHANGED,
                        location.code() + " is at version " + location.version()
                                + " now; look at it again and decide again")
                .with("currentVersion", location.version())
                .with("location", LocationView.of(location))
                .withHeader(Versions.ETAG, Versions.etag(location.version()));
    }

    private static Problem unknown(Location location) {
        return Problem.of(UNKNOWN_LOCATION, "Nothing is known of the location " + location);
    }
}
