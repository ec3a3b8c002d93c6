package dev.holdfast.server.audit;

import dev.holdfast.server.api.Answer;
import dev.holdfast.server.api.Caller;
import dev.holdfast.server.api.Contract;
import dev.holdfast.server.api.Json;
import dev.holdfast.server.api.Query;
import dev.holdfast.server.sql.NewestFirst;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;

/** Who changed what, and why. */
@Controller
@RequestMapping(path = "/v1/audit", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Audit", description = "Who changed what, and why")
class AuditApi {
    private static final int LIMIT_MAX = 200;
    private static final int LIMIT_DEFAULT = 50;

    /** Longer than the longest: of a stock. */
    private static final int SUBJECT_MAX = 255;

    /** The engine writes its own, in its own transactions. */
    private static final String ALL = "SELECT * FROM (TABLE audit_entry UNION ALL TABLE stock_audit) entry";

    @Schema(name = "AuditEntry", description = "One change of one thing")
    record EntryView(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            UUID id,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            Instant at,

            @Schema(example = "anonymous", requiredMode = Schema.RequiredMode.REQUIRED)
            String actor,

            @Schema(example = "replace", requiredMode = Schema.RequiredMode.REQUIRED)
            String action,

            @Schema(
                    description =
                            "What kind of thing, and which: product/<id>, location/<code>, venue/<id>, order/<id>, ticket/<id>, cart/<id>,"
                                    + " checkout/<id>, hold/<id>, stock/<sku>@<location>",
                    example = "location/main",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            String subject,

            @Schema(
                    types = {"object", "null"},
                    description = "The fields that changed, as they were; null where it is new")
            @Nullable
            Map<String, Object> before,

            @Schema(
                    types = {"object", "null"},
                    description = "The fields that changed, as they became; null where it is gone")
            @Nullable
            Map<String, Object> after,

            @Schema(
                    types = {"string", "null"},
                    description = "As given in Holdfast-Reason")
            @Nullable
            String reason,

            @Schema(types = {"string", "null"}) @Nullable String traceId) {
        static EntryView of(ResultSet row, int number) throws SQLException {
            return new EntryView(
                    row.getObject("id", UUID.class),
                    row.getObject("at", OffsetDateTime.class).toInstant(),
                    row.getString("actor"),
                    row.getString("action"),
                    row.getString("subject"),
                    fields(row.getString("before")),
                    fields(row.getString("after")),
                    row.getString("reason"),
                    row.getString("trace_id"));
        }

        @SuppressWarnings("unchecked") // it was written from a map of fields
        private static @Nullable Map<String, Object> fields(@Nullable String json) {
            return json == null ? null : Json.read(json.getBytes(StandardCharsets.UTF_8), Map.class);
        }
    }

    @Schema(name = "AuditPage")
    record PageView(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            List<EntryView> data,

            @Schema(
                    types = {"string", "null"},
                    description = "For the next page; null on the last")
            @Nullable
            String nextCursor) {}

    private final JdbcClient database;

    AuditApi(JdbcClient database) {
        this.database = database;
    }

    @GetMapping
    @Operation(
            operationId = "listAudit",
            summary = "Find changes",
            description =
                    "The newest first. Holds, sales, carts and the beginnings of checkouts only of callers who say who they are; all movements of stock are in its ledger.")
    @Parameter(
            in = ParameterIn.QUERY,
            name = "actor",
            description = "As given in Holdfast-Actor",
            schema = @Schema(type = "string", maxLength = 255))
    @Parameter(
            in = ParameterIn.QUERY,
            name = "subject",
            description = "One thing: location/main",
            schema = @Schema(type = "string", maxLength = SUBJECT_MAX))
    @Parameter(
            in = ParameterIn.QUERY,
            name = "from",
            description = "Since then",
            schema = @Schema(type = "string", format = "date-time"))
    @Parameter(
            in = ParameterIn.QUERY,
            name = "to",
            description = "Before then",
            schema = @Schema(type = "string", format = "date-time"))
    @Parameter(
            in = ParameterIn.QUERY,
            name = "limit",
            schema = @Schema(type = "integer", minimum = "1", maximum = "200", defaultValue = "50"))
    @Parameter(
            in = ParameterIn.QUERY,
            name = "cursor",
            description = "nextCursor of the page before",
            schema = @Schema(type = "string"))
    @Contract(answer = PageView.class)
    Answer list(HttpServletRequest request) {
        var query = Query.of(request);
        var entries = new NewestFirst(ALL, "at", "id")
                .where("actor = ?", query.words("actor", Caller.LENGTH_MAX))
                .where("subject = ?", query.words("subject", SUBJECT_MAX))
                .between(query.time("from"), query.time("to"));
        int limit = query.number("limit", 1, LIMIT_MAX, LIMIT_DEFAULT);
        String cursor = query.text("cursor");
        var page =
                query.finish(() -> entries.page(database, limit, cursor, EntryView::of, EntryView::at, EntryView::id));
        return Answer.ok(new PageView(page.rows(), page.nextCursor())).header("Cache-Control", "no-store");
    }
}
