package dev.holdfast.server.catalog;

import dev.holdfast.engine.Sku;
import dev.holdfast.server.api.Digest;
import dev.holdfast.server.api.Json;
import dev.holdfast.server.availability.Availability;
import dev.holdfast.server.availability.Numbers;
import dev.holdfast.server.cache.Source;
import dev.holdfast.server.catalog.ProductReads.PageView;
import dev.holdfast.server.catalog.ProductSearch.Found;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A page of products as JSON with a hole for each number of availability, which is not cached with it. To fill them is a copy, and as
 * long as no number changes that copy is answered again.
 */
final class ListPage {
    /** What is before a hole, and what is in it: no text of a product can look so, because its quotes are escaped. */
    private static final byte[] HOLE = "\"available\":0".getBytes(StandardCharsets.US_ASCII);

    private static final byte[] AS_OF = ",\"asOf\":\"".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END = "\"}".getBytes(StandardCharsets.US_ASCII);

    /** Pages by what they were asked by. */
    record FromDatabase(ProductSearch search, Products products, EditCounter edits)
            implements Source<PageKey, ListPage> {
        @Override
        public String name(PageKey key) {
            return key.toQuery();
        }

        @Override
        public PageKey key(String name) {
            return PageKey.of(name);
        }

        /** Two statements, however many products and SKUs. */
        @Override
        public ListPage read(PageKey key) {
            Found found = search.find(key.filter(), key.limit(), key.cursor());
            Map<UUID, Product> byId =
                    products.withSkus(found.ids()).stream().collect(Collectors.toMap(Product::id, Function.identity()));
            var page = new PageView(
                    found.ids().stream()
                            .map(byId::get)
                            .filter(Objects::nonNull)
                            .map(ListedProduct::of)
                            .toList(),
                    found.nextCursor());
            return parse(Json.write(page));
        }

        @Override
        public byte[] write(ListPage page) {
            return page.json;
        }

        @Override
        public ListPage parse(byte[] json) {
            List<Sku> skus = new ArrayList<>();
            Json.read(json)
                    .required("data")
                    .values()
                    .forEach(product -> product.required("skus")
                            .values()
                            .forEach(sku -> skus.add(new Sku(sku.required("sku").asString()))));
            return new ListPage(json, skus);
        }

        /** Any change makes all nodes forget all pages: a product may be new on each of them. */
        @Override
        public void forgetEverywhere(@Nullable PageKey key) {
            edits.forget(List.of());
        }
    }

    /**
     * With numbers in the holes.
     *
     * @param etag weak, because the time in it is not part of what it says
     */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    record Filled(byte[] json, String etag, Numbers numbers) {}

    private final byte[] json;
    private final List<Sku> skus;
    private final int[] holes;
    private final String digest;
    private volatile @Nullable Filled filled;

    private ListPage(byte[] json, List<Sku> skus) {
        this.json = json;
        this.skus = skus;
        this.holes = holes(json, skus.size());
        this.digest = Long.toHexString(Digest.of(json));
    }

    private static int[] holes(byte[] json, int count) {
        int[] holes = new int[count];
        int found = 0;
        for (int i = 0; i + HOLE.length < json.length; i++) {
            if (json[i] == '"' && Arrays.equals(json, i, i + HOLE.length, HOLE, 0, HOLE.length)) {
                if (found == count) {
                    throw new IllegalArgumentException("more holes than SKUs");
                }
                holes[found++] = i + HOLE.length - 1;
            }
        }
        if (found < count || json[json.length - 1] != '}') {
            throw new IllegalArgumentException("not a page");
        }
        return holes;
    }

    Filled fill(Availability availability) {
        Filled before = filled;
        if (before != null && availability.isStillSo(before.numbers)) {
            return before;
        }
        Numbers numbers = availability.of(skus);
        var out = new ByteArrayOutputStream(json.length + 8 * holes.length + 64);
        int written = 0;
        long hash = 0;
        for (int i = 0; i < holes.length; i++) {
            out.write(json, written, holes[i] - written);
            written = holes[i] + 1;
            long available = numbers.numbers().get(i).available();
            out.writeBytes(Long.toString(available).getBytes(StandardCharsets.US_ASCII));
            hash = 31 * hash + available;
        }
        out.write(json, written, json.length - 1 - written);
        out.writeBytes(AS_OF);
        out.writeBytes(numbers.asOf().toString().getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(END);
        String etag = "W/\"" + digest + "-" + Long.toHexString(hash) + "\"";
        var now = new Filled(out.toByteArray(), etag, numbers);
        filled = now;
        return now;
    }
}
