package dev.holdfast.engine.lease;

import org.jspecify.annotations.Nullable;

/** There is no lease to work under, or no longer. */
public abstract sealed class LeaseFailure extends RuntimeException {
    private LeaseFailure(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** The lease is over: it ran out, or somebody else took it. What this transaction has written must not be committed. */
    public static final class Lost extends LeaseFailure {
        Lost(Lease lease) {
            super("lease " + lease.name() + " with token " + lease.token() + " is over", null);
        }
    }

    /** Somebody else held the lease for as long as the caller would wait. The work was not begun. */
    public static final class Taken extends LeaseFailure {
        Taken(String name) {
            super("lease " + name + " is held by somebody else", null);
        }
    }

    /** The database could not be asked. The work was not begun. */
    public static final class Unavailable extends LeaseFailure {
        Unavailable(String name, Throwable cause) {
            super("lease " + name + " cannot be asked for: " + cause.getMessage(), cause);
        }
    }
}
