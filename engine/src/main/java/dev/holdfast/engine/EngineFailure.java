package dev.holdfast.engine;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Something broke, or there is too much to do: nothing was decided, or it is not known what was. Never a business "no". */
public abstract sealed class EngineFailure extends RuntimeException {
    private final boolean retryable;

    private EngineFailure(String message, @Nullable Throwable cause, boolean retryable) {
        super(message, cause);
        this.retryable = retryable;
    }

    /** Whether the same command with the same key may succeed a moment later. */
    public boolean retryable() {
        return retryable;
    }

    /** The lane's queue is full. Nothing was taken. */
    public static final class Overloaded extends EngineFailure {
        Overloaded(int queued) {
            super(queued + " commands wait already", null, true);
        }
    }

    /**
     * The database could not be reached or did not answer in time. The command may have been carried out: sent again with the
     * same key it gets the right answer.
     */
    public static final class Unavailable extends EngineFailure {
        Unavailable(String message, @Nullable Throwable cause) {
            super(message, cause, true);
        }
    }

    /** The database was too slow for a read, and has been told to stop. */
    public static final class TimedOut extends EngineFailure {
        TimedOut(Duration max, Throwable cause) {
            super("the database took longer than " + max.toSeconds() + " s", cause, true);
        }
    }

    /** The engine is closing and takes no new work. Nothing was taken. */
    public static final class Closed extends EngineFailure {
        Closed() {
            super("the engine is closed", null, true);
        }
    }

    /** The database refused this one command for a reason that no rule foresaw. Nothing was changed. An incident. */
    public static final class Refused extends EngineFailure {
        Refused(Throwable cause) {
            super("the database refused the command: " + cause.getMessage(), cause, false);
        }
    }
}
