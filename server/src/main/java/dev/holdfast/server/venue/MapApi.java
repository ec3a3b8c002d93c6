package dev.holdfast.server.venue;

import dev.holdfast.server.api.Answer;
import dev.holdfast.server.api.Caller;
import dev.holdfast.server.api.Contract;
import dev.holdfast.server.api.LargeBodies;
import dev.holdfast.server.api.Problem;
import dev.holdfast.server.api.Query;
import dev.holdfast.server.api.RepeatedJson;
import dev.holdfast.server.api.Versions;
import dev.holdfast.server.venue.Draft.Imported;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;

import static dev.holdfast.server.api.ErrorCode.INVALID_MAP;
import static dev.holdfast.server.api.ErrorCode.NOT_ACCEPTABLE;
import static dev.holdfast.server.api.ErrorCode.OVERLOADED;
import static dev.holdfast.server.api.ErrorCode.UNKNOWN_MAP;
import static dev.holdfast.server.api.ErrorCode.UNKNOWN_VENUE;
import static dev.holdfast.server.api.ErrorCode.VERSION_CHANGED;

/** Maps in and out, as JSON and as CSV. */
@Controller
@RequestMapping("/v1/venues/{id}/map")
@Tag(name = "Venues")
class MapApi {
    private static final String CSV = "text/csv";
    private static final List<String> TYPES = List.of(MediaType.APPLICATION_JSON_VALUE, CSV);

    @Schema(name = "VenueMapReport", description = "The map that is there now, and what had better be otherwise in it")
    record ReportView(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            long version,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            int seats,

            @Schema(description = "Places in areas", requiredMode = Schema.RequiredMode.REQUIRED)
            int standing,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            int sections,

            @Schema(description = "At most 1,000", requiredMode = Schema.RequiredMode.REQUIRED)
            List<MapReport.Finding> warnings) {
        static ReportView of(Venue.Plan plan, List<MapReport.Finding> warnings) {
            return new ReportView(plan.version(), plan.seats(), plan.standing(), plan.sections(), warnings);
        }
    }

    private final VenueWrites writes;
    private final VenueStore store;
    private final Venues venues;
    private final LargeBodies bodies;

    MapApi(VenueWrites writes, VenueStore store, Venues venues, LargeBodies bodies) {
        this.writes = writes;
        this.store = store;
        this.venues = venues;
        this.bodies = bodies;
    }

    @PutMapping(produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(
            operationId = "replaceVenueMap",
            summary = "Write a venue's map",
            description =
                    "All of it, at most 200,000 seats in 16 MiB; or, if it has errors, nothing: up to 1,000 of them are"
                            + " named, each with its line or path. The same map again is no other version.")
    @Contract(
            answer = ReportView.class,
            body = VenueMap.class,
            hasCsv = true,
            hasEtag = true,
            takesIfMatch = true,
            takesCaller = true,
            problems = {INVALID_MAP, UNKNOWN_VENUE, VERSION_CHANGED, OVERLOADED})
    Answer replace(@PathVariable String id, HttpServletRequest request) throws InterruptedException {
        UUID venueId = Query.id(id);
        Long ifMatch = Versions.ifMatch(request);
        var caller = Caller.of(request);
        return bodies.read(request, TYPES, (type, body) -> {
            Imported imported = type.equals(CSV) ? MapCsvReader.read(body) : MapJson.read(body);
            return switch (writes.replaceMap(venueId, ifMatch, imported.map(), caller)) {
                case Edit.Saved saved -> {
                    var plan = Objects.requireNonNull(saved.venue().map());
                    yield Answer.ok(ReportView.of(plan, imported.warnings()))
                            .header(Versions.ETAG, Versions.etag(plan.version()));
                }
                case Edit.Refused refused -> Answer.refused(refused.problem());
                case Edit.Deleted _ -> throw new IllegalStateException("a map was written");
            };
        });
    }

    @GetMapping(produces = {MediaType.APPLICATION_JSON_VALUE, CSV})
    @Operation(
            operationId = "getVenueMap",
            summary = "Look at a venue's map",
            description = "As JSON or CSV, whichever the header Accept prefers; sent back it is the same map.")
    @Parameter(
            in = ParameterIn.QUERY,
            name = "version",
            description = "Any that ever was; the newest if absent",
            schema = @Schema(type = "integer", format = "int64"))
    @Contract(
            answer = VenueMap.class,
            hasCsv = true,
            hasEtag = true,
            problems = {UNKNOWN_VENUE, UNKNOWN_MAP, NOT_ACCEPTABLE})
    Answer get(@PathVariable String id, HttpServletRequest request) {
        UUID venueId = Query.id(id);
        var query = Query.of(request);
        Long wanted = query.version("version");
        Venue venue = query.finish(() -> store.find(venueId)).orElse(null);
        if (venue == null) {
            return Answer.refused(VenueWrites.unknown(venueId));
        }
        long version = wanted == null ? venue.mapVersion() : wanted;
        if (version < 1 || version > venue.mapVersion()) {
            return Answer.refused(unknown(venue, version));
        }
        String etag = Versions.etag(version);
        Answer answer = Versions.isKnown(request, etag) ? Answer.notModified() : map(venueId, version, request);
        return answer.header(Versions.ETAG, etag)
                .header("Cache-Control", "no-cache")
                .header("Vary", "Accept, Accept-Encoding");
    }

    private Answer map(UUID venue, long version, HttpServletRequest request) {
        if (prefersCsv(request)) {
            return Answer.csv(MapCsv.write(venues.map(venue, version).orElseThrow()));
        }
        byte[] compressed = store.map(venue, version).orElseThrow();
        return RepeatedJson.takesGzip(request.getHeader("Accept-Encoding"))
                ? Answer.json(compressed).header("Content-Encoding", "gzip")
                : Answer.json(Gzip.decompress(compressed));
    }

    private static Problem unknown(Venue venue, long version) {
        return Problem.of(
                UNKNOWN_MAP,
                venue.map() == null
                        ? "The venue has no map"
                        : "The venue has no map of version " + version + "; the newest is " + venue.mapVersion());
    }

    private static boolean prefersCsv(HttpServletRequest request) {
        List<MediaType> accepted = MediaType.parseMediaTypes(Collections.list(request.getHeaders("Accept")));
        return quality(accepted, MediaType.parseMediaType(CSV)) > quality(accepted, MediaType.APPLICATION_JSON);
    }

    /** What the narrowest range says that the type is in (RFC 9110, section 12.5.1). */
    private static double quality(List<MediaType> accepted, MediaType type) {
        return accepted.stream()
                .filter(range -> range.includes(type))
                .min(Comparator.comparing(MediaType::isWildcardType).thenComparing(MediaType::isWildcardSubtype))
                .map(MediaType::getQualityValue)
                .orElse(0.0);
    }
}
