package dev.holdfast.bench;

import dev.holdfast.engine.Line;
import java.util.List;
import java.util.UUID;

/** A write path of one line a hold, outside of the engine. */
record PathContender(WritePath path) implements Contender {
    @Override
    public boolean place(UUID id, List<Line> lines) throws Exception {
        return path.place(id, lines.getFirst());
    }

    @Override
    public long retries() {
        return 0; // the row lock makes them wait instead
    }

    @Override
    public void close() {
        path.close();
    }
}
