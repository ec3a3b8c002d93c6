package dev.holdfast.engine;

/**
 * Where stock lies.
 *
 * @param value 1 to 100 characters, no white space at either end, no control characters
 */
public record Location(String value) {
    public static final int LENGTH_MAX = 100;

    /** The location of a request that names none. */
    public static final Location MAIN = new Location("main");

    public Location {
        Text.requireName("location", value, LENGTH_MAX);
    }

    @Override
    public String toString() {
        return value;
    }
}
