package dev.holdfast.server;

/** The server cannot start: its database is not there, or refuses it. */
final class DatabaseAwayException extends RuntimeException {
    private final String advice;

    DatabaseAwayException(String message, String advice, Throwable cause) {
        super(message, cause);
        this.advice = advice;
    }

    DatabaseAwayException(String message, String advice) {
        super(message);
        this.advice = advice;
    }

    String advice() {
        return advice;
    }
}
