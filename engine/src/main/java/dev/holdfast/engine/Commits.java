package dev.holdfast.engine;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who wants to know what this engine has committed. */
final class Commits {
    private static final Logger log = LoggerFactory.getLogger(Commits.class);

    private volatile @Nullable Consumer<List<Level>> listener;

    void listen(Consumer<List<Level>> one) {
        listener = one;
    }

    void tell(Batch batch) {
        var current = listener;
        if (current != null) {
            try {
                current.accept(batch.changedLevels());
            } catch (RuntimeException e) { // it is committed, whatever becomes of the news
                log.error("A listener failed", e);
            }
        }
    }
}
