package dev.holdfast.server.cache;

import org.jspecify.annotations.Nullable;

/** Where a cache has its values from. */
public interface Source<K, V> {
    /** The key, for Redis and for people. */
    String name(K key);

    /**
     * The key that has this name.
     *
     * @throws IllegalArgumentException if none has
     */
    K key(String name);

    /** From the database; null if there is no such thing. */
    @Nullable
    V read(K key);

    /** The value as JSON. */
    byte[] write(V value);

    /**
     * What {@link #write} has written, which others may have changed since.
     *
     * @throws RuntimeException if it was not written there
     */
    V parse(byte[] json);

    /**
     * Makes all nodes forget it.
     *
     * @param key null: all there are
     */
    void forgetEverywhere(@Nullable K key);
}
