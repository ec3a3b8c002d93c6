package dev.holdfast.engine;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who wants to know what this engine has committed. */
final class Commits {
    private static final Logger log = LoggerFactory.getLogger(Commits.class);

    private final List<Consumer<List<Level>>> listeners = new CopyOnWriteArrayList<>();

    void listen(Consumer<List<Level>> one) {
        listeners.add(one);
    }

    void tell(Batch batch) {
        if (listeners.isEmpty()) {
            return;
        }
        var changed = batch.changedLevels();
        for (var listener : listeners) {
            try {
                listener.accept(changed);
            } catch (RuntimeException e) { // it is committed, whatever becomes of the news
                log.error("A listener failed", e);
            }
        }
    }
}
