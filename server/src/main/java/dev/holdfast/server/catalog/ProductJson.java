package dev.holdfast.server.catalog;

import dev.holdfast.server.api.Json;
import dev.holdfast.server.cache.Source;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A product as it is answered.
 *
 * @param version for the entity tag
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
record ProductJson(long version, byte[] json) {
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

        @Override
        public @Nullable ProductJson read(UUID id) {
            return products.withSkus(id)
                    .map(ProductView::of)
                    .map(product -> new ProductJson(product.version(), Json.write(product)))
                    .orElse(null);
        }

        @Override
        public byte[] write(ProductJson product) {
            return product.json;
        }

        @Override
        public ProductJson parse(byte[] json) {
            return new ProductJson(Json.read(json).required("version").longValue(), json);
        }

        @Override
        public void forgetEverywhere(@Nullable UUID id) {
            edits.forget(id == null ? List.of() : List.of(id));
        }
    }
}
