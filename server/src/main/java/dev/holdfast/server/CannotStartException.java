package dev.holdfast.server;

/** The server cannot start with what it is given: no database, one that refuses it, no Redis for a write path that needs it. */
final class CannotStartException extends RuntimeException {
    private final String advice;

    CannotStartException(String message, String advice, Throwable cause) {
        super(message, cause);
        this.advice = advice;
    }

    CannotStartException(String message, String advice) {
        super(message);
        this.advice = advice;
    }

    String advice() {
        return advice;
    }
}
