package dev.holdfast.server.venue;

import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.server.api.Answer;
import dev.holdfast.server.api.Body;
import dev.holdfast.server.api.Caller;
import dev.holdfast.server.api.Contract;
import dev.holdfast.server.api.Contract.KeyUse;
import dev.holdfast.server.api.Digest;
import dev.holdfast.server.api.Keys;
import dev.holdfast.server.api.Query;
import dev.holdfast.server.api.Versions;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.validation.constraints.Size;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;

import static dev.holdfast.server.api.ErrorCode.IDEMPOTENCY_KEY_REUSED;
import static dev.holdfast.server.api.ErrorCode.IF_MATCH_REQUIRED;
import static dev.holdfast.server.api.ErrorCode.UNKNOWN_VENUE;
import static dev.holdfast.server.api.ErrorCode.VERSION_CHANGED;

/** Venues over HTTP. */
@Controller
@RequestMapping(path = "/v1/venues", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Venues", description = "Where people sit or stand")
class VenueApi {
    private static final int NAME_MAX = 200;
    private static final int LIMIT_MAX = 200;
    private static final int LIMIT_DEFAULT = 50;

    @Schema(name = "VenueRequest")
    record VenueBody(
            @Schema(example = "Town hall", requiredMode = Schema.RequiredMode.REQUIRED) @Size(min = 1, max = NAME_MAX)
            String name) {
        static VenueBody read(HttpServletRequest request) {
            Body body = Body.read(request);
            String name = body.text("name", NAME_MAX);
            return body.finish(() -> new VenueBody(name));
        }
    }

    @Schema(name = "VenuePage")
    record PageView(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            List<VenueView> data,

            @Schema(
                    types = {"string", "null"},
                    description = "For the next page; null on the last")
            @Nullable
            String nextCursor) {}

    private final VenueWrites writes;
    private final VenueStore store;

    VenueApi(VenueWrites writes, VenueStore store) {
        this.writes = writes;
        this.store = store;
    }

    @PostMapping
    @Operation(
            operationId = "createVenue",
            summary = "Create a venue",
            description = "Without a map, with the id of its key.")
    @Contract(
            status = 201,
            answer = VenueView.class,
            body = VenueBody.class,
            key = KeyUse.OPTIONAL,
            takesCaller = true,
            hasEtag = true,
            problems = {UNKNOWN_VENUE, IDEMPOTENCY_KEY_REUSED})
    Answer create(HttpServletRequest request) {
        Versions.refuseIfMatch(request);
        IdempotencyKey key = Keys.optional(request);
        var caller = Caller.of(request);
        VenueBody body = VenueBody.read(request);
        UUID id = key == null ? IdempotencyKey.randomUuidV7() : key.id();
        return switch (writes.create(id, key == null ? null : Digest.of(body), body.name(), caller)) {
            case Edit.Saved saved ->
                tagged(Answer.created(VenueView.of(saved.venue())), saved.venue())
                        .header("Location", "/v1/venues/" + id)
                        .replayed(saved.isReplay());
            case Edit.Refused refused -> Answer.refused(refused.problem());
            case Edit.Deleted _ -> throw new IllegalStateException("a venue was created");
        };
    }

    @GetMapping
    @Operation(operationId = "listVenues", summary = "List venues", description = "The newest first.")
    @Parameter(
            in = ParameterIn.QUERY,
            name = "limit",
            schema = @Schema(type = "integer", minimum = "1", maximum = "200", defaultValue = "50"))
    @Parameter(
            in = ParameterIn.QUERY,
            name = "cursor",
            description = "nextCursor of the page before",
            schema = @Schema(type = "string"))
    @Contract(answer = PageView.class, hasEtag = true)
    Answer list(HttpServletRequest request) {
        var query = Query.of(request);
        int limit = query.number("limit", 1, LIMIT_MAX, LIMIT_DEFAULT);
        String cursor = query.text("cursor");
        var found = query.finish(() -> store.page(limit, cursor));
        var page = new PageView(found.rows().stream().map(VenueView::of).toList(), found.nextCursor());
        return Versions.tagged(request, Digest.etag(page), page);
    }

    @GetMapping("/{id}")
    @Operation(operationId = "getVenue", summary = "Look at a venue")
    @Contract(answer = VenueView.class, hasEtag = true, problems = UNKNOWN_VENUE)
    Answer get(@PathVariable String id, HttpServletRequest request) {
        UUID venueId = Query.id(id);
        return Query.of(request)
                .finish(() -> store.find(venueId))
                .map(VenueView::of)
                .map(venue -> Versions.tagged(request, Versions.etag(venue.version()), venue))
                .orElseGet(() -> Answer.refused(VenueWrites.unknown(venueId)));
    }

    @PutMapping("/{id}")
    @Operation(operationId = "renameVenue", summary = "Write a venue anew", description = "Its map stays as it is.")
    @Contract(
            answer = VenueView.class,
            body = VenueBody.class,
            hasEtag = true,
            takesIfMatch = true,
            takesCaller = true,
            problems = {UNKNOWN_VENUE, VERSION_CHANGED, IF_MATCH_REQUIRED})
    Answer rename(@PathVariable String id, HttpServletRequest request) {
        UUID venueId = Query.id(id);
        Long ifMatch = Versions.requiredIfMatch(request);
        var caller = Caller.of(request);
        return answer(writes.rename(venueId, ifMatch, VenueBody.read(request).name(), caller));
    }

    @DeleteMapping("/{id}")
    @Operation(
            operationId = "deleteVenue",
            summary = "Delete a venue",
            description = "What was sold on its maps stays as it is.")
    @Contract(
            status = 204,
            takesIfMatch = true,
            takesCaller = true,
            problems = {UNKNOWN_VENUE, VERSION_CHANGED, IF_MATCH_REQUIRED})
    Answer delete(@PathVariable String id, HttpServletRequest request) {
        UUID venueId = Query.id(id);
        Body.requireNone(request);
        Long ifMatch = Versions.requiredIfMatch(request);
        return answer(writes.delete(venueId, ifMatch, Caller.of(request)));
    }

    private static Answer answer(Edit edit) {
        return switch (edit) {
            case Edit.Saved saved -> tagged(Answer.ok(VenueView.of(saved.venue())), saved.venue());
            case Edit.Deleted _ -> Answer.noContent();
            case Edit.Refused refused -> Answer.refused(refused.problem());
        };
    }

    private static Answer tagged(Answer answer, Venue venue) {
        return answer.header(Versions.ETAG, Versions.etag(venue.version()));
    }
}
