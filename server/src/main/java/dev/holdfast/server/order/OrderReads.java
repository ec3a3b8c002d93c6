package dev.holdfast.server.order;

import dev.holdfast.engine.Command;
import dev.holdfast.server.api.Answer;
import dev.holdfast.server.api.Contract;
import dev.holdfast.server.api.Json;
import dev.holdfast.server.api.Query;
import dev.holdfast.server.api.Versions;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;

import static dev.holdfast.server.api.ErrorCode.UNKNOWN_ORDER;

/** Orders to look at. Each of these calls is one statement. */
@Controller
@RequestMapping(path = "/v1/orders", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "Orders")
class OrderReads {
    private static final int LIMIT_MAX = 200;
    private static final int LIMIT_DEFAULT = 50;

    @Schema(name = "OrderPage")
    record PageView(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            List<OrderView> data,

            @Schema(
                    types = {"string", "null"},
                    description = "For the next page; null on the last")
            @Nullable
            String nextCursor) {}

    @Schema(name = "OrderEvent", description = "Something that happened to an order")
    record EventView(
            @Schema(description = "1 for the first, then gapless", requiredMode = Schema.RequiredMode.REQUIRED)
            long number,

            @Schema(
                    description = "What was done, in part or to all of it",
                    example = "SHIPPED",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            String type,

            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            Instant at,

            @Schema(description = "As given in Holdfast-Actor", requiredMode = Schema.RequiredMode.REQUIRED)
            String actor,

            @Schema(
                    types = {"string", "null"},
                    description = "As given in Holdfast-Reason")
            @Nullable
            String reason,

            @Schema(types = {"string", "null"}) @Nullable String traceId,

            @Schema(
                    description = "The state that came of it, and what the type needs",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            Map<String, Object> data) {
        @SuppressWarnings("unchecked") // it was written from a map
        static EventView of(ResultSet row, int number) throws SQLException {
            return new EventView(
                    row.getLong("number"),
                    row.getString("type"),
                    row.getObject("at", OffsetDateTime.class).toInstant(),
                    row.getString("actor"),
                    row.getString("reason"),
                    row.getString("trace_id"),
                    Json.read(row.getString("data").getBytes(StandardCharsets.UTF_8), Map.class));
        }
    }

    @Schema(name = "OrderEventPage")
    record EventPageView(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED)
            List<EventView> data,

            @Schema(
                    types = {"string", "null"},
                    description = "For the next page; null on the last")
            @Nullable
            String nextCursor) {}

    private final OrderStore store;
    private final JdbcClient database;

    OrderReads(OrderStore store, JdbcClient database) {
        this.store = store;
        this.database = database;
    }

    @GetMapping("/{id}")
    @Operation(operationId = "getOrder", summary = "Look at an order", description = "The ETag is its version.")
    @Contract(answer = OrderView.class, hasEtag = true, problems = UNKNOWN_ORDER)
    Answer order(@PathVariable String id, HttpServletRequest request) {
        UUID orderId = Query.id(id);
        return Query.of(request)
                .finish(() -> store.find(orderId))
                .map(order -> Versions.tagged(request, Versions.etag(order.version()), OrderView.of(order)))
                .orElseGet(() -> Answer.refused(OrderWrites.unknown(orderId)));
    }

    @GetMapping
    @Operation(
            operationId = "listOrders",
            summary = "Find orders",
            description = "The newest first, that is, by placedAt.")
    @Parameter(
            in = ParameterIn.QUERY,
            name = "state",
            schema =
                    @Schema(
                            type = "string",
                            allowableValues = {
                                "PLACED",
                                "PAID",
                                "PACKED",
                                "SHIPPED",
                                "DELIVERED",
                                "CANCELLED",
                                "REFUND_PENDING",
                                "REFUNDED",
                                "RETURNED"
                            }))
    @Parameter(in = ParameterIn.QUERY, name = "buyer", schema = @Schema(type = "string", maxLength = Orders.NAME_MAX))
    @Parameter(
            in = ParameterIn.QUERY,
            name = "sku",
            description = "With a line of it",
            schema = @Schema(type = "string", maxLength = 100))
    @Parameter(
            in = ParameterIn.QUERY,
            name = "channel",
            schema = @Schema(type = "string", maxLength = Command.CHANNEL_LENGTH_MAX))
    @Parameter(
            in = ParameterIn.QUERY,
            name = "from",
            description = "Placed since then",
            schema = @Schema(type = "string", format = "date-time"))
    @Parameter(
            in = ParameterIn.QUERY,
            name = "to",
            description = "Placed before then",
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
        var state = query.choice("state", OrderState.class);
        var sku = query.optionalSku("sku");
        var orders = new NewestFirst(OrderStore.SELECT, "placed_at", "id")
                .where("state = ?", state == null ? null : state.name())
                .where("buyer = ?", query.words("buyer", Orders.NAME_MAX))
                .where("skus @> ARRAY[?::text]", sku == null ? null : sku.value())
                .where("channel = ?", query.words("channel", Command.CHANNEL_LENGTH_MAX))
                .between(query.time("from"), query.time("to"));
        int limit = query.number("limit", 1, LIMIT_MAX, LIMIT_DEFAULT);
        String cursor = query.text("cursor");
        var page =
                query.finish(() -> orders.page(database, limit, cursor, OrderStore::order, Order::placedAt, Order::id));
        return Answer.ok(new PageView(page.rows().stream().map(OrderView::of).toList(), page.nextCursor()))
                .header("Cache-Control", "no-store");
    }

    @GetMapping("/{id}/events")
    @Operation(
            operationId = "listOrderEvents",
            summary = "Look at what happened to an order",
            description = "In the order in which it happened.")
    @Parameter(
            in = ParameterIn.QUERY,
            name = "limit",
            schema = @Schema(type = "integer", minimum = "1", maximum = "200", defaultValue = "50"))
    @Parameter(
            in = ParameterIn.QUERY,
            name = "cursor",
            description = "The number of the event that was shown last",
            schema = @Schema(type = "string"))
    @Contract(answer = EventPageView.class, problems = UNKNOWN_ORDER)
    Answer events(@PathVariable String id, HttpServletRequest request) {
        UUID orderId = Query.id(id);
        var query = Query.of(request);
        int limit = query.number("limit", 1, LIMIT_MAX, LIMIT_DEFAULT);
        Long last = query.version("cursor");
        List<EventView> events =
                new ArrayList<>(query.finish(() -> events(orderId, last == null ? 0 : last, limit + 1)));
        if (events.isEmpty() && store.find(orderId).isEmpty()) {
            return Answer.refused(OrderWrites.unknown(orderId));
        }
        boolean more = events.size() > limit;
        if (more) {
            events.removeLast();
        }
        var page =
                new EventPageView(events, more ? Long.toString(events.getLast().number()) : null);
        return Answer.ok(page).header("Cache-Control", "no-store");
    }

    private List<EventView> events(UUID orderId, long after, int limit) {
        return database.sql("""
                        SELECT number, type, at, actor, reason, trace_id, data FROM order_event
                        WHERE order_id = :id AND number > :after ORDER BY number LIMIT :limit""")
                .param("id", orderId)
                .param("after", after)
                .param("limit", limit)
                .query(EventView::of)
                .list();
    }
}
