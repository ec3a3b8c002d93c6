package dev.holdfast.engine;

import java.util.LinkedHashMap;
import java.util.Map;

/** A map of the most recently used. */
final class Recent<K, V> extends LinkedHashMap<K, V> {
    private final int sizeMax;

    Recent(int sizeMax) {
        super(16, 0.75f, true);
        this.sizeMax = sizeMax;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > sizeMax;
    }
}
