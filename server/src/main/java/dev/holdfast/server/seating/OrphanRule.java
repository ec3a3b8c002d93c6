package dev.holdfast.server.seating;

/** What becomes of choices that would leave an orphan, as {@link Orphans} defines it. */
public enum OrphanRule {
    /** An avoidable one is never left; rather nothing is chosen. */
    REFUSE,

    /** An avoidable one is left only where nothing else can be chosen for the wish. */
    AVOID,

    /** Orphans do not matter. */
    IGNORE
}
