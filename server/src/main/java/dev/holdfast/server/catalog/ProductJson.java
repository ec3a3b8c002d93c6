package dev.holdfast.server.catalog;

import dev.holdfast.server.api.Json;
import dev.holdfast.server.cache.Source;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A product as it is answered: by itself, and in a list.
 *
 * @param version for the entity tag
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
record ProductJson(long version, byte[] json, ListedJson listed) {
    static ProductJson of(ProductView product) {
        return of(product, Json.write(product));
    }

    private static ProductJson of(ProductView product, byte[] json) {
        return new ProductJson(product.version(), json, ListedJson.of(ListedProduct.of(product)));
    }

    /** Products by their id. */
    record FromDatabase(Products products, EditCounter edits) implements Source<UUID, ProductJson> {
        @Override
        public String name(UUID id) {
            return id.toString();
        }

        @Override
        public UUID key(String name) {
            return UUID.fromString(name);
        }

        /** A page of the longest list. */
        @Override
        public int atOnceMax() {
            return ProductReads.LIMIT_MAX;
        }

        @Override
        public Map<UUID, ProductJson> read(Collection<UUID> ids) {
            return products.withSkus(ids).stream()
                    .collect(Collectors.toMap(Product::id, product -> of(ProductView.of(product))));
        }

        /** Twice as bytes, and its SKUs' names. */
        @Override
        public int memoryBytes(ProductJson product, byte[] json) {
            return 3 * json.length;
        }

        @Override
        public byte[] write(ProductJson product) {
            return product.json;
        }

        @Override
        public ProductJson parse(byte[] json) {
            return of(Json.read(json, ProductView.class), json);
        }

        @Override
        public void forgetEverywhere(@Nullable UUID id) {
            edits.forget(id == null ? List.of() : List.of(id));
        }
    }
}
