package dev.holdfast.local;

import org.jspecify.annotations.Nullable;

/** Something to do when the JVM ends in good order, unless it was done before. */
final class AtExit {
    private @Nullable Thread hook;

    /** Again: nothing happens. */
    synchronized void run(String name, Runnable action) {
        if (hook == null) {
            hook = new Thread(action, name);
            Runtime.getRuntime().addShutdownHook(hook);
        }
    }

    synchronized void forget() {
        if (hook == null || Thread.currentThread().equals(hook)) {
            return;
        }
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM is ending; the hook finds nothing left to do.
        }
    }
}
