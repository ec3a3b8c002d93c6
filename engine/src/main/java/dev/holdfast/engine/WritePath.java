package dev.holdfast.engine;

/**
 * How commands reach the database. All have the same rules, tables, ledger and outcomes, and none can oversell; they differ in
 * what they cost under which traffic ({@code docs/reference/write-paths.md}).
 *
 * <p>With Redis in front there are two more, in {@code dev.holdfast.engine.redis}.
 */
public enum WritePath {
    /**
     * Everything that waits is decided in one transaction, in order of arrival. One batch is read and decided while the one before
     * it is being committed.
     */
    LANE(Reading.LOCKING, 8, true),

    /** One conditional statement places a hold; what it cannot place, and every other command, goes the way of {@link #PESSIMISTIC}. */
    ATOMIC(Reading.LOCKING, 8, false),

    /** A transaction for each request: read without locks, decide, write if the versions are still the same; else again. */
    OPTIMISTIC(Reading.UNLOCKED, 64, false),

    /** A transaction for each request: lock the stocks, decide, write. */
    PESSIMISTIC(Reading.LOCKING, 8, false);

    enum Reading {
        LOCKING,
        UNLOCKED
    }

    final Reading reading;

    /**
     * How often a transaction that met another one is run again before the caller is asked to come back. Who locks meets others only
     * by accident. Without locks, of 16 writers of one row one wins a round: with the pauses of {@link Worker}, 64 rounds are about
     * half a second, after which 1 of 10,000 has not won.
     */
    final int conflictsMax;

    /** Whether requests that wait share a transaction. */
    final boolean coalescing;

    WritePath(Reading reading, int conflictsMax, boolean coalescing) {
        this.reading = reading;
        this.conflictsMax = conflictsMax;
        this.coalescing = coalescing;
    }
}
