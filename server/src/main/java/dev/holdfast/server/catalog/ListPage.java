package dev.holdfast.server.catalog;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.holdfast.engine.Sku;
import dev.holdfast.server.api.Digest;
import dev.holdfast.server.api.Json;
import dev.holdfast.server.api.RepeatedJson;
import dev.holdfast.server.availability.Availability;
import dev.holdfast.server.availability.Numbers;
import dev.holdfast.server.cache.ReadCache;
import dev.holdfast.server.cache.Source;
import dev.holdfast.server.catalog.ProductSearch.Found;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/**
 * Which products are on a page. What they say and what is available of them is put together from the memory of both, which is a copy;
 * as long as nothing changes that copy is answered again.
 */
final class ListPage {
    private static final byte[] BEGIN = ascii("{\"data\":[");
    private static final byte[] NEXT = ascii("],\"nextCursor\":");
    private static final byte[] AS_OF = ascii(",\"asOf\":\"");
    private static final byte[] END = ascii("\"}");

    /** Beside the products, at most. */
    private static final int ENVELOPE_BYTES = 512;

    /** A number with its SKU and time. */
    private static final int NUMBER_BYTES = 64;

    /** An id, and what points at it. */
    private static final int ID_BYTES = 32;

    /** Pages by what they were asked by. */
    record FromDatabase(ProductSearch search, EditCounter edits) implements Source<PageKey, ListPage> {
        @Override
        public String name(PageKey key) {
            return key.toQuery();
        }

        @Override
        public PageKey key(String name) {
            return PageKey.of(name);
        }

        /** Each is a statement of its own. */
        @Override
        public int atOnceMax() {
            return 1;
        }

        @Override
        public Map<PageKey, ListPage> read(Collection<PageKey> keys) {
            Map<PageKey, ListPage> pages = new HashMap<>();
            for (PageKey key : keys) {
                pages.put(key, new ListPage(search.find(key.filter(), key.limit(), key.cursor())));
            }
            return pages;
        }

        @Override
        public int memoryBytes(ListPage page, byte[] json) {
            return json.length + page.found.ids().size() * ID_BYTES;
        }

        @Override
        public byte[] write(ListPage page) {
            return Json.write(page.found);
        }

        @Override
        public ListPage parse(byte[] json) {
            return new ListPage(Json.read(json, Found.class));
        }

        /** Any change makes all nodes forget all pages: a product may be new on each of them. */
        @Override
        public void forgetEverywhere(@Nullable PageKey key) {
            edits.forget(List.of());
        }
    }

    /**
     * What it is put together from, and kept in.
     *
     * @param filled pages as they were put together last, for as long as the pages are kept
     */
    record Parts(
            ReadCache<UUID, ProductJson> products,
            Availability availability,
            Clock clock,
            Cache<ListPage, Filled> filled) {
        /** @param size of the pages that are kept put together */
        static Parts of(ReadCache<UUID, ProductJson> products, Availability availability, Clock clock, DataSize size) {
            return new Parts(
                    products,
                    availability,
                    clock,
                    Caffeine.newBuilder()
                            .weakKeys()
                            .maximumWeight(size.toBytes())
                            .<ListPage, Filled>weigher((_, filled) -> filled.memoryBytes())
                            .build());
        }
    }

    /**
     * Its products as they are in memory, in the page's order, without those that are gone meanwhile.
     *
     * @param skus of all of them, in order
     * @param readAt when the oldest was read
     * @param forgotten of their cache, before they were taken from there
     */
    private record Content(List<ListedJson> products, List<Sku> skus, Instant readAt, long forgotten) {
        static Content of(List<UUID> ids, Parts parts) {
            long forgotten = parts.products.forgotten();
            var byId = parts.products.get(ids);
            var products = new ArrayList<ListedJson>(ids.size());
            var skus = new ArrayList<Sku>();
            Instant readAt = parts.clock.instant();
            for (UUID id : ids) {
                var cached = byId.get(id);
                var product = cached == null ? null : cached.value();
                if (cached != null && product != null) {
                    products.add(product.listed());
                    skus.addAll(product.listed().skus());
                    readAt = cached.readAt().isBefore(readAt) ? cached.readAt() : readAt;
                }
            }
            return new Content(products, skus, readAt, forgotten);
        }

        boolean isStillSo(Parts parts) {
            return forgotten == parts.products.forgotten()
                    && parts.clock.instant().isBefore(readAt.plus(parts.products.ttl()));
        }
    }

    /**
     * Put together.
     *
     * @param etag weak, because the time in it is not part of what it says, nor whether it is compressed
     */
    record Filled(RepeatedJson json, String etag, Content content, Numbers numbers) {
        /** With what is compressed, an eighth. */
        private int memoryBytes() {
            return json.sizeBytes() / 8 * 9 + content.skus.size() * NUMBER_BYTES;
        }

        /** When its oldest product was read. */
        Instant readAt() {
            return content.readAt;
        }
    }

    private final Found found;

    private ListPage(Found found) {
        this.found = found;
    }

    Filled fill(Parts parts) {
        Filled before = parts.filled.getIfPresent(this);
        Content content = before != null && before.content.isStillSo(parts) ? before.content : null;
        if (before != null && content != null && parts.availability.isStillSo(before.numbers)) {
            return before;
        }
        if (content == null) {
            content = Content.of(found.ids(), parts);
        }
        Numbers numbers = parts.availability.of(content.skus);
        var now = new Filled(new RepeatedJson(json(content, numbers)), etag(content, numbers), content, numbers);
        parts.filled.put(this, now);
        return now;
    }

    private byte[] json(Content content, Numbers numbers) {
        int size = ENVELOPE_BYTES + 10 * content.skus.size();
        for (var product : content.products) {
            size += product.json().length;
        }
        var out = new ByteArrayOutputStream(size);
        out.writeBytes(BEGIN);
        int number = 0;
        for (int i = 0; i < content.products.size(); i++) {
            if (i > 0) {
                out.write(',');
            }
            var product = content.products.get(i);
            int written = 0;
            for (int hole : product.holes()) {
                out.write(product.json(), written, hole - written);
                out.writeBytes(
                        ascii(Long.toString(numbers.numbers().get(number++).available())));
                written = hole + 1;
            }
            out.write(product.json(), written, product.json().length - written);
        }
        out.writeBytes(NEXT);
        out.writeBytes(found.nextCursor() == null ? ascii("null") : Json.write(found.nextCursor()));
        out.writeBytes(AS_OF);
        out.writeBytes(ascii(numbers.asOf().toString()));
        out.writeBytes(END);
        return out.toByteArray();
    }

    private static String etag(Content content, Numbers numbers) {
        var all = ByteBuffer.allocate(Long.BYTES * (content.products.size() + content.skus.size()));
        content.products.forEach(product -> all.putLong(product.digest()));
        numbers.numbers().forEach(number -> all.putLong(number.available()));
        return "W/\"" + Long.toHexString(Digest.of(all.array())) + "\"";
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
