package dev.holdfast.server.cache;

import java.util.Collection;
import java.util.Map;
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

    /** Keys that are read together at most. */
    int atOnceMax();

    /** From the database, without those that do not exist. */
    Map<K, V> read(Collection<K> keys);

    /**
     * What the value takes in memory, with all that is made of it and kept with it.
     *
     * @param json as it is written
     */
    int memoryBytes(V value, byte[] json);

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
