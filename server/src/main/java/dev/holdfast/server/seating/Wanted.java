package dev.holdfast.server.seating;

import org.jspecify.annotations.Nullable;

/**
 * What somebody wants who does not name seats.
 *
 * @param count 1 to {@link #COUNT_MAX} seats
 * @param category all seats are of it; null: of any, and not necessarily all of the same
 * @param accessible at least one is a place for a wheelchair, and the others are beside it, companions' seats first: so {@link
 *     Adjacency#NONE} is as {@link Adjacency#PREFERRED}. False: none is such a place or a companion's seat, unless the category has no other
 *     free seats at all
 */
public record Wanted(int count, @Nullable String category, Adjacency adjacency, boolean accessible) {
    /** A larger party is a matter for people, and the search's tables grow with it. */
    public static final int COUNT_MAX = 50;

    /** How near each other they are. At a table everybody sits side by side with everybody. */
    public enum Adjacency {
        /** All side by side. */
        REQUIRED,

        /** All side by side if that is possible anywhere; else in as few groups as possible, those in as few consecutive rows as possible. */
        PREFERRED,

        /** The best seats, wherever they are. */
        NONE
    }

    /**
     * Checks itself.
     *
     * @throws IllegalArgumentException if {@code count} is out of bounds
     */
    public Wanted {
        if (count < 1 || count > COUNT_MAX) {
            throw new IllegalArgumentException("count must be 1 to " + COUNT_MAX + ", not " + count);
        }
    }
}
