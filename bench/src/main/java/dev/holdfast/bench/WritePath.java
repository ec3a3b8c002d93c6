package dev.holdfast.bench;

import dev.holdfast.engine.Line;
import java.util.UUID;

/** One way to place a hold of one line, with all bookkeeping: level, hold, ledger, deadline, durable commit. */
interface WritePath extends AutoCloseable {
    /** How it is called in the report. */
    String title();

    /** Places one hold; true if it was taken. */
    boolean place(UUID id, Line line) throws Exception;

    @Override
    void close();
}
