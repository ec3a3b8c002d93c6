package dev.holdfast.engine;

import java.util.Comparator;

/** Names one stock level: a SKU at a location. */
public record StockKey(Sku sku, Location location) implements Comparable<StockKey> {
    private static final Comparator<StockKey> ORDER =
            Comparator.comparing((StockKey key) -> key.sku.value()).thenComparing(key -> key.location.value());

    /** The SKU at {@link Location#MAIN}. */
    public static StockKey of(String sku) {
        return new StockKey(new Sku(sku), Location.MAIN);
    }

    public static StockKey of(String sku, String location) {
        return new StockKey(new Sku(sku), new Location(location));
    }

    @Override
    public int compareTo(StockKey other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return sku + "@" + location;
    }
}
