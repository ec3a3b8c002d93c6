package dev.holdfast.server.catalog;

import dev.holdfast.engine.Sku;
import dev.holdfast.server.api.Cursor;
import dev.holdfast.server.catalog.ProductSearch.Filter;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Which page of which list. */
record PageKey(Filter filter, int limit, @Nullable String cursor) {
    /** As a query: {@code limit=50&lifecycle=ACTIVE}. */
    String toQuery() {
        var query = new StringBuilder("limit=").append(limit);
        append(query, "q", filter.words());
        append(
                query,
                "lifecycle",
                filter.lifecycle() == null ? null : filter.lifecycle().name());
        append(query, "sku", filter.sku() == null ? null : filter.sku().value());
        append(query, "cursor", cursor);
        return query.toString();
    }

    private static void append(StringBuilder query, String name, @Nullable String value) {
        if (value != null) {
            query.append('&').append(name).append('=').append(URLEncoder.encode(value, StandardCharsets.UTF_8));
        }
    }

    /** @throws IllegalArgumentException if it asks for no page */
    static PageKey of(String query) {
        Map<String, String> values = new TreeMap<>();
        for (String part : query.split("&", -1)) {
            int equals = part.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("wanted a query such as limit=50&lifecycle=ACTIVE");
            }
            values.put(
                    part.substring(0, equals), URLDecoder.decode(part.substring(equals + 1), StandardCharsets.UTF_8));
        }
        String limit = values.remove("limit");
        String lifecycle = values.remove("lifecycle");
        String sku = values.remove("sku");
        var filter = new Filter(
                values.remove("q"),
                lifecycle == null ? null : Lifecycle.valueOf(lifecycle),
                sku == null ? null : new Sku(sku));
        var key = new PageKey(
                filter, limit == null ? ProductReads.LIMIT_DEFAULT : Integer.parseInt(limit), values.remove("cursor"));
        if (!values.isEmpty()) {
            throw new IllegalArgumentException("unknown: " + values.keySet());
        }
        key.checkCursor();
        return key;
    }

    /** @throws IllegalArgumentException if the cursor is none of this list */
    void checkCursor() {
        if (cursor != null) {
            Cursor.decode(cursor, filter.toString());
        }
    }
}
