package dev.holdfast.server.catalog;

import dev.holdfast.server.catalog.Content.SkuContent;
import jakarta.persistence.CascadeType;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.OneToMany;
import jakarta.persistence.OrderBy;
import jakarta.persistence.Version;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;
import org.jspecify.annotations.Nullable;

/** Something people can find, with the SKUs it is sold as. Its version grows with every change, also of a SKU. */
@Entity
class Product {
    @Id
    private UUID id;

    @Version
    private @Nullable Long version; // null until it is stored, so that save() of a new one inserts

    @Enumerated(EnumType.STRING)
    private Lifecycle lifecycle;

    private String name;
    private String description;

    @JdbcTypeCode(SqlTypes.JSON)
    private Map<String, String> attributes;

    @JdbcTypeCode(SqlTypes.JSON)
    private List<String> images;

    private @Nullable Long requestHash;

    @SuppressWarnings("UnusedVariable") // read by the database: what search looks in is generated from it
    private String skuText;

    private Instant createdAt;
    private Instant updatedAt;

    @OneToMany(mappedBy = "product", cascade = CascadeType.ALL, orphanRemoval = true)
    @OrderBy("position")
    private List<ProductSku> skus = new ArrayList<>();

    @SuppressWarnings("NullAway.Init") // Hibernate's
    protected Product() {}

    /** @param requestHash of the request that creates it; null if that has no key */
    Product(UUID id, @Nullable Long requestHash, Lifecycle lifecycle, Content content, Instant now) {
        this.id = id;
        this.requestHash = requestHash;
        this.lifecycle = lifecycle;
        this.name = content.name();
        this.description = content.description();
        this.attributes = content.attributes();
        this.images = content.images();
        this.skuText = skuText(content);
        this.createdAt = now;
        this.updatedAt = now;
        writeSkus(content.skus());
    }

    /**
     * What a write changed.
     *
     * @param before all fields as they were
     * @param after all fields as they are
     * @param fields those that changed, both times there; empty: it was this before, and its version stays
     */
    record Change(Map<String, @Nullable Object> before, Map<String, @Nullable Object> after, Set<String> fields) {
        static Change of(Map<String, @Nullable Object> before, Map<String, @Nullable Object> after) {
            Set<String> fields = new LinkedHashSet<>(after.keySet());
            fields.retainAll(before.keySet()); // what a SKU had that came or went is said by "skus"
            fields.removeIf(field -> Objects.equals(before.get(field), after.get(field)));
            return new Change(before, after, fields);
        }
    }

    /** Makes it this. */
    Change write(Lifecycle newLifecycle, Content content, Instant now) {
        var change = Change.of(fields(), fields(newLifecycle, content));
        if (!change.fields.isEmpty()) {
            lifecycle = newLifecycle;
            name = content.name();
            description = content.description();
            attributes = content.attributes();
            images = content.images();
            skuText = skuText(content);
            updatedAt = now; // makes the row dirty, so that the version grows also where only a SKU changed
            writeSkus(content.skus());
        }
        return change;
    }

    /** Every field by its path with what it says now. */
    Map<String, @Nullable Object> fields() {
        return fields(lifecycle, content());
    }

    boolean wasCreatedBy(long hash) {
        return requestHash != null && requestHash == hash;
    }

    UUID id() {
        return id;
    }

    /** 0 is the first. */
    long version() {
        return version == null ? 0 : version;
    }

    Lifecycle lifecycle() {
        return lifecycle;
    }

    Instant createdAt() {
        return createdAt;
    }

    Instant updatedAt() {
        return updatedAt;
    }

    Content content() {
        return new Content(
                name,
                description,
                attributes,
                images,
                skus.stream().map(ProductSku::content).toList());
    }

    private void writeSkus(List<SkuContent> contents) {
        Map<String, ProductSku> before = skus.stream().collect(Collectors.toMap(ProductSku::sku, Function.identity()));
        List<ProductSku> after = new ArrayList<>(contents.size());
        for (int i = 0; i < contents.size(); i++) {
            SkuContent content = contents.get(i);
            ProductSku sku = before.get(content.sku());
            if (sku == null) {
                sku = new ProductSku(this, i, content);
            } else {
                sku.write(i, content);
            }
            after.add(sku);
        }
        skus.clear();
        skus.addAll(after);
    }

    private static Map<String, @Nullable Object> fields(Lifecycle lifecycle, Content content) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("lifecycle", lifecycle);
        fields.put("name", content.name());
        fields.put("description", content.description());
        fields.put("attributes", content.attributes());
        fields.put("images", content.images());
        fields.put("skus", content.skus().stream().map(SkuContent::sku).toList());
        for (SkuContent sku : content.skus()) {
            String path = "skus[" + sku.sku() + "].";
            fields.put(path + "name", sku.name());
            fields.put(path + "price", sku.price());
            fields.put(path + "gtin", sku.gtin());
            fields.put(path + "attributes", sku.attributes());
        }
        return fields;
    }

    private static String skuText(Content content) {
        return content.skus().stream()
                .flatMap(sku -> Stream.of(sku.sku(), sku.name(), sku.gtin()))
                .filter(Objects::nonNull)
                .collect(Collectors.joining(" "));
    }
}
