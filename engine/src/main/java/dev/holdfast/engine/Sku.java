package dev.holdfast.engine;

/**
 * What is counted.
 *
 * @param value 1 to 100 characters, no white space at either end, no control characters
 */
public record Sku(String value) {
    public static final int LENGTH_MAX = 100;

    public Sku {
        Text.requireName("sku", value, LENGTH_MAX);
    }

    @Override
    public String toString() {
        return value;
    }
}
