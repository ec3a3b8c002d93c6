package dev.holdfast.server.venue;

import dev.holdfast.server.api.Body;

/** The values of a map, however they are written. */
final class MapValues {
    static final String COORDINATE = "must be a number from -1000000 to 1000000";
    static final String CAPACITY = "must be a whole number from 1 to 1000000";

    private static final int LENGTH_MAX = 40;

    /** A kilometre in millimetres. */
    private static final double COORDINATE_MAX = 1_000_000;

    private static final int CAPACITY_MAX = 1_000_000;

    private MapValues() {}

    /**
     * The name of a section or row, a category, or what is written on a seat.
     *
     * @throws IllegalArgumentException unless it has 1 to 40 printable characters, and white space only between others
     */
    static String name(String text) {
        if (!isPrintable(text) || !text.equals(text.strip())) {
            throw new IllegalArgumentException(
                    "must have 1 to 40 printable characters, the first and the last no space");
        }
        return text;
    }

    /**
     * What buyers see and the API takes.
     *
     * @throws IllegalArgumentException unless it has 1 to 40 printable characters and no white space
     */
    static String label(String text) {
        if (!isPrintable(text) || text.codePoints().anyMatch(MapValues::isSpace)) {
            throw new IllegalArgumentException("must have 1 to 40 printable characters and no white space");
        }
        return text;
    }

    /** Of a seat that has none: may be none either, if it gets too long. */
    static String defaultLabel(String section, String row, String number) {
        var label = new StringBuilder();
        (section + "-" + row + "-" + number).codePoints().forEach(c -> label.appendCodePoint(isSpace(c) ? '_' : c));
        return label.toString();
    }

    static boolean isCoordinate(double value) {
        return Math.abs(value) <= COORDINATE_MAX;
    }

    static boolean isCapacity(double value) {
        return value >= 1 && value <= CAPACITY_MAX;
    }

    private static boolean isPrintable(String text) {
        return !text.isEmpty() && text.length() <= LENGTH_MAX && Body.isPrintable(text);
    }

    private static boolean isSpace(int codePoint) {
        return Character.isWhitespace(codePoint) || Character.isSpaceChar(codePoint);
    }
}
