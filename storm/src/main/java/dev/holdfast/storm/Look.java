package dev.holdfast.storm;

import java.util.Optional;

/** What asking for something by its id led to. */
sealed interface Look<T> {

    record Found<T>(T it) implements Look<T> {}

    record Missing<T>() implements Look<T> {}

    record Unreadable<T>(String why) implements Look<T> {}

    default Optional<T> found() {
        return this instanceof Found<T>(var it) ? Optional.of(it) : Optional.empty();
    }
}
