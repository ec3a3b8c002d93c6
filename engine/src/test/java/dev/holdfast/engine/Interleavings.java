package dev.holdfast.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jetbrains.lincheck.Lincheck;
import org.jspecify.annotations.Nullable;

/**
 * Runs a few threads again and again, each time in another order of their steps that Lincheck chooses: deterministic, and a deadlock
 * is a failure. It assumes that every thread sees every write, so what only a missing volatile breaks is for real threads to find.
 */
final class Interleavings {
    private Interleavings() {}

    interface Step {
        void run() throws InterruptedException;
    }

    /** Each try makes its own threads with {@link #together}; what one of them throws fails it. */
    static void check(int tries, Step scenario) {
        Lincheck.runConcurrentTest(tries, () -> {
            try {
                scenario.run();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
    }

    /** Runs all at once, each on a thread of its own, waits for them, and throws what one of them threw. */
    static void together(Step... steps) throws InterruptedException {
        var thrown = new AtomicReference<@Nullable Throwable>();
        List<Thread> threads = new ArrayList<>();
        for (Step step : steps) {
            threads.add(new Thread(() -> {
                try {
                    step.run();
                } catch (Throwable e) {
                    thrown.set(e);
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        if (thrown.get() != null) {
            throw new AssertionError(thrown.get());
        }
    }

    /** Not AssertJ's: Lincheck would try the orders of its steps too. */
    static void require(boolean fine, String otherwise) {
        if (!fine) {
            throw new AssertionError(otherwise);
        }
    }
}
