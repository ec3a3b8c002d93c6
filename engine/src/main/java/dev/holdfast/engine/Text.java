package dev.holdfast.engine;

import org.jspecify.annotations.Nullable;

/** Bounds on text that comes from outside; PostgreSQL refuses a NUL character, so it must not get that far. */
final class Text {
    private Text() {}

    static void requireName(String field, String value, int lengthMax) {
        if (value.isEmpty() || value.length() > lengthMax) {
            throw new IllegalArgumentException(field + " must have 1 to " + lengthMax + " characters");
        }
        if (Character.isWhitespace(value.charAt(0)) || Character.isWhitespace(value.charAt(value.length() - 1))) {
            throw new IllegalArgumentException(field + " must not begin or end with white space");
        }
        requirePrintable(field, value);
    }

    static void requireNote(String field, @Nullable String value, int lengthMax) {
        if (value == null) {
            return;
        }
        if (value.length() > lengthMax) {
            throw new IllegalArgumentException(field + " must have at most " + lengthMax + " characters");
        }
        requirePrintable(field, value);
    }

    /** An unpaired surrogate has no UTF-8 form and would be refused, or worse replaced, on its way to the database. */
    private static void requirePrintable(String field, String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (Character.isISOControl(c)) {
                throw new IllegalArgumentException(field + " must not contain control characters");
            }
            if (Character.isSurrogate(c)) {
                boolean paired = Character.isHighSurrogate(c)
                        && i + 1 < value.length()
                        && Character.isLowSurrogate(value.charAt(i + 1));
                if (!paired) {
                    throw new IllegalArgumentException(field + " must be valid Unicode");
                }
                i++;
            }
        }
    }
}
