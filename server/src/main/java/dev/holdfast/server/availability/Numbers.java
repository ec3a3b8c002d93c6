package dev.holdfast.server.availability;

import dev.holdfast.engine.Sku;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What may still be promised of some SKUs, in the order asked.
 *
 * @param version the sum of all versions: greater if and only if something moved
 * @param asOf of the oldest one
 * @param readAtNanos of the oldest one, by this node's monotonic clock
 * @param moves how often anything in memory had moved before
 */
public record Numbers(List<Available> numbers, long version, Instant asOf, long readAtNanos, long moves) {
    /**
     * One SKU's.
     *
     * @param available over all locations; 0 for an unknown SKU
     * @param version the sum of its locations' versions
     * @param asOf all that was committed by then is in it, by the database's clock
     */
    public record Available(Sku sku, long available, long version, Instant asOf) {}

    static Numbers of(List<Sku> skus, List<Known> known, long moves, Instant now) {
        var numbers = new ArrayList<Available>(skus.size());
        long version = 0;
        Instant asOf = now;
        long readAtNanos = System.nanoTime();
        for (int i = 0; i < skus.size(); i++) {
            var one = known.get(i);
            numbers.add(new Available(skus.get(i), one.available(), one.version(), one.asOf()));
            version += one.version();
            asOf = one.asOf().isBefore(asOf) ? one.asOf() : asOf;
            readAtNanos = one.readAtNanos() - readAtNanos < 0 ? one.readAtNanos() : readAtNanos;
        }
        return new Numbers(numbers, version, asOf, readAtNanos, moves);
    }
}
