package dev.holdfast.engine.lease;

import java.time.Duration;

/**
 * Something faster than the database that may know that a lease is held, so that those who wait for it need not ask the
 * database again and again. It never says who may begin.
 *
 * <p>It may forget everything or be wrong at any time. To have forgotten costs a question to the database; to say "held" wrongly
 * makes others wait, for no longer than the time to live they ask for. Methods return within about 100 ms and throw nothing.
 */
public interface LeaseHint {
    /** Knows nothing. */
    LeaseHint NONE = new LeaseHint() {
        @Override
        public boolean seemsHeld(String name) {
            return false;
        }

        @Override
        public void held(String name, long token, Duration ttl) {
            // nobody to tell
        }

        @Override
        public void released(String name, long token) {
            // nobody to tell
        }
    };

    /** Whether somebody seems to hold it; false in doubt. */
    boolean seemsHeld(String name);

    /** It is held for this long from now, unless a greater token is known. */
    void held(String name, long token, Duration ttl);

    /** It is free, unless another token is known. */
    void released(String name, long token);
}
