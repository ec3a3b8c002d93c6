package dev.holdfast.engine;

/**
 * A number of whole units that somebody asks for.
 *
 * @param units {@link #MIN} to {@link #MAX}
 */
public record Quantity(long units) {
    public static final long MIN = 1;

    /** 10^9: a hold of 100 such lines still sums to 10^11, far from the end of a long. */
    public static final long MAX = 1_000_000_000;

    public static final Quantity ONE = new Quantity(1);

    public Quantity {
        if (units < MIN || units > MAX) {
            throw new IllegalArgumentException("quantity must be " + MIN + " to " + MAX);
        }
    }

    public static Quantity of(long units) {
        return units == 1 ? ONE : new Quantity(units);
    }
}
