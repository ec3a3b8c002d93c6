package dev.holdfast.engine;

import java.util.UUID;

/**
 * The ids of keys that holds and sales of one stock were placed with, up to one of its versions. As 64-bit hashes in open addressing: it
 * never forgets one, and takes another for known once in about 10^14 questions.
 */
final class UsedKeys {
    /** A table of 2^19 hashes, which is at most half full: 4 MB. */
    static final int SIZE_MAX = 200_000;

    private static final int TABLE_MIN = 16;

    private long version;
    private long[] table = new long[TABLE_MIN];
    private int size;
    private boolean full;

    /** The last version whose keys are all here. */
    long version() {
        return version;
    }

    int size() {
        return size;
    }

    /** More than can be remembered: not to be asked any more. */
    boolean isFull() {
        return full;
    }

    void completeTo(long reached) {
        version = reached;
    }

    void add(UUID id) {
        if (full || !insert(hash(id))) {
            return;
        }
        size++;
        if (size > SIZE_MAX) {
            full = true;
            size = 0;
            table = new long[TABLE_MIN];
        } else if (2 * size > table.length) {
            var old = table;
            table = new long[2 * old.length];
            for (long hash : old) {
                if (hash != 0) {
                    insert(hash);
                }
            }
        }
    }

    boolean contains(UUID id) {
        long hash = hash(id);
        int at = slot(hash);
        while (table[at] != 0 && table[at] != hash) {
            at = next(at);
        }
        return table[at] == hash;
    }

    private boolean insert(long hash) {
        int at = slot(hash);
        while (table[at] != 0) {
            if (table[at] == hash) {
                return false;
            }
            at = next(at);
        }
        table[at] = hash;
        return true;
    }

    private int slot(long hash) {
        return (int) hash & (table.length - 1);
    }

    private int next(int slot) {
        return (slot + 1) & (table.length - 1);
    }

    /** Never 0, which is an empty slot. The finalizer of MurmurHash3, so that ids of one millisecond spread. */
    private static long hash(UUID id) {
        long hash = (id.getMostSignificantBits() * 0x9E3779B97F4A7C15L) ^ id.getLeastSignificantBits();
        hash = (hash ^ (hash >>> 33)) * 0xFF51AFD7ED558CCDL;
        hash = (hash ^ (hash >>> 33)) * 0xC4CEB9FE1A85EC53L;
        hash ^= hash >>> 33;
        return hash == 0 ? 1 : hash;
    }
}
