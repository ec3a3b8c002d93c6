package dev.holdfast.bench;

import dev.holdfast.engine.Line;
import java.util.List;
import java.util.UUID;

/** One way to place holds, opened for one run. Used by many threads at once. */
interface Contender extends AutoCloseable {
    /** Places one hold of all lines or of none; true if it was taken. An exception: no answer. */
    boolean place(UUID id, List<Line> lines) throws Exception;

    /** Attempts since it was opened that had to be made again: conflicts, lost races, batches run twice. */
    long retries();

    /** Round trips to Redis since it was opened. */
    default long redisCalls() {
        return 0;
    }

    @Override
    void close();
}
