package dev.holdfast.engine;

import java.util.List;

/**
 * Something that must always be true of the books.
 *
 * @param violations what breaks it, at most {@link #VIOLATIONS_MAX}; empty when it holds
 */
public record Invariant(String name, List<String> violations) {
    public static final int VIOLATIONS_MAX = 100;

    public boolean ok() {
        return violations.isEmpty();
    }
}
