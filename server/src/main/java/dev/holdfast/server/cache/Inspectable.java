package dev.holdfast.server.cache;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A cache, for whoever asks whether it is to blame. */
public interface Inspectable {
    String name();

    /** Its bounds, and how much it keeps. */
    Map<String, Object> summary();

    /**
     * What it says of one key, since when and for how long, and what the database says.
     *
     * @throws IllegalArgumentException if there can be no such key
     */
    Map<String, Object> explain(String key);

    /**
     * Forgets.
     *
     * @param key null: all
     * @throws IllegalArgumentException if there can be no such key
     */
    void clear(@Nullable String key);
}
