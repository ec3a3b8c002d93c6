package dev.holdfast.storm;

/** The run could not be made: nothing was proven, neither way. The message says what to do. */
final class Aborted extends Exception {
    Aborted(String message) {
        super(message);
    }
}
