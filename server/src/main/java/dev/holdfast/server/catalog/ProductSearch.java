package dev.holdfast.server.catalog;

import dev.holdfast.engine.Sku;
import dev.holdfast.server.api.Cursor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Finds which products are on a page: best match first where something is looked for, else newest first. */
@Component
class ProductSearch {
    /** @param words null: whatever they say */
    record Filter(
            @Nullable String words,
            @Nullable Lifecycle lifecycle,
            @Nullable Sku sku) {}

    /** @param nextCursor null on the last page */
    record Found(List<UUID> ids, @Nullable String nextCursor) {}

    private static final String BY_WORDS = "document @@ websearch_to_tsquery('simple', :words)";

    /** A quotation, or a word with a minus before it. */
    private static final Pattern EXACT = Pattern.compile("\"|(^|\\s)-");

    private final JdbcClient database;
    private final boolean hasTrigrams;

    ProductSearch(JdbcClient database, CatalogueSchema schema) {
        this.database = database;
        this.hasTrigrams = schema.hasTrigrams();
    }

    /** @throws IllegalArgumentException if the cursor is none of this list */
    Found find(Filter filter, int limit, @Nullable String cursor) {
        var query = database.sql(sql(filter, cursor != null)).param("limit", limit + 1);
        if (filter.words != null) {
            query = query.param("words", filter.words.toLowerCase(Locale.ROOT));
        }
        if (filter.lifecycle != null) {
            query = query.param("lifecycle", filter.lifecycle.name());
        }
        if (filter.sku != null) {
            query = query.param("sku", filter.sku.value());
        }
        if (cursor != null) {
            var last = Cursor.decode(cursor, filter.toString());
            query = query.param("rank", Float.intBitsToFloat((int) last.position()))
                    .param("id", last.id());
        }
        List<Cursor> rows = new ArrayList<>(
                query.query((row, _) -> new Cursor(Float.floatToIntBits(row.getFloat(2)), row.getObject(1, UUID.class)))
                        .list());
        boolean more = rows.size() > limit;
        if (more) {
            rows.removeLast();
        }
        return new Found(
                rows.stream().map(Cursor::id).toList(), more ? rows.getLast().encode(filter.toString()) : null);
    }

    private String sql(Filter filter, boolean isBehindAnother) {
        var sql = new StringBuilder("SELECT id, rank FROM (SELECT p.id, " + rank(filter) + " AS rank FROM product p");
        List<String> conditions = new ArrayList<>();
        if (filter.words != null) {
            conditions.add(takesSimilar(filter.words) ? "(" + BY_WORDS + " OR :words <% search_text)" : BY_WORDS);
        }
        if (filter.lifecycle != null) {
            conditions.add("lifecycle = :lifecycle");
        }
        if (filter.sku != null) {
            conditions.add("id = (SELECT product_id FROM product_sku WHERE sku = :sku)");
        }
        if (isBehindAnother && filter.words == null) {
            conditions.add("id < :id"); // within, so that the primary key is read from there
        }
        if (!conditions.isEmpty()) {
            sql.append(" WHERE ").append(String.join(" AND ", conditions));
        }
        sql.append(") found");
        if (isBehindAnother) {
            sql.append(" WHERE (rank, id) < (:rank::real, :id)");
        }
        return sql.append(" ORDER BY ")
                .append(filter.words == null ? "id DESC" : "rank DESC, id DESC")
                .append(" LIMIT :limit")
                .toString();
    }

    /** A word counts by where it stands; a similar one counts less than the word itself. */
    private String rank(Filter filter) {
        if (filter.words == null) {
            return "0::real";
        }
        String byWords = "ts_rank(document, websearch_to_tsquery('simple', :words))";
        return takesSimilar(filter.words)
                ? "(" + byWords + " + word_similarity(:words, search_text) / 10)::real"
                : byWords;
    }

    /** Who quotes words or excludes one means exactly these. */
    private boolean takesSimilar(String words) {
        return hasTrigrams && !EXACT.matcher(words).find();
    }
}
