package dev.holdfast.server.venue;

import dev.holdfast.server.api.Problem;

/** What became of a change. */
sealed interface Edit {
    /**
     * It is as it was wanted.
     *
     * @param isReplay whether it was before, by the same request
     */
    record Saved(Venue venue, boolean isReplay) implements Edit {}

    record Deleted() implements Edit {}

    record Refused(Problem problem) implements Edit {}
}
