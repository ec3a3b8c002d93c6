package dev.holdfast.server.catalog;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The answer to a change of a product. */
sealed interface Edit {
    /**
     * It is as it was written.
     *
     * @param created whether it is new
     */
    record Saved(ProductView product, boolean created) implements Edit {}

    /** The first answer to a key again: what it created, as it is now. */
    record Replayed(ProductView product) implements Edit {}

    record Deleted() implements Edit {}

    /** Nothing was changed. */
    sealed interface Refused extends Edit permits Unknown, Stale, SkuTaken, Illegal, KeyReused {}

    record Unknown() implements Refused {}

    /**
     * Somebody else wrote meanwhile.
     *
     * @param changed what changed since the version the caller knows; empty if that never was
     */
    record Stale(long version, List<Changed> changed) implements Refused {}

    /**
     * A field that changed.
     *
     * @param current what the field says now; null also where it is gone
     */
    record Changed(String field, @Nullable Object current) {}

    /**
     * SKUs belong to other products.
     *
     * @param owners SKU → the product it belongs to
     */
    record SkuTaken(Map<String, UUID> owners) implements Refused {}

    record Illegal(Lifecycle from, String to) implements Refused {}

    /** The key belongs to another request. */
    record KeyReused() implements Refused {}
}
