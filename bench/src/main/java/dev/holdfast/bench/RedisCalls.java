package dev.holdfast.bench;

/** How many commands Redis has run so far, counted by Redis itself: those of others on the same server are among them. */
interface RedisCalls extends AutoCloseable {
    /** No Redis: no calls. */
    RedisCalls NONE = () -> 0;

    long total() throws Exception;

    @Override
    default void close() {
        // nothing to close
    }
}
