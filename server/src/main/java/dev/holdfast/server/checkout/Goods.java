package dev.holdfast.server.checkout;

import dev.holdfast.engine.Line;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What somebody wants to buy. */
sealed interface Goods {
    /** These, at the catalogue's prices. A stock once. */
    record Lines(List<Line> lines, @Nullable String channel) implements Goods {}

    /**
     * What is in a cart, at the prices that it shows.
     *
     * @param version that the buyer has seen; null: whatever it is
     */
    record OfCart(UUID id, @Nullable Long version) implements Goods {}

    /** What a hold has that somebody placed before, at the prices of now: the goods, and the rules of the sale that are held with them. */
    record OfHold(UUID id) implements Goods {}
}
