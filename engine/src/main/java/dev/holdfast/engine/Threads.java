package dev.holdfast.engine;

/** What {@link Thread} leaves to everybody. */
final class Threads {
    private Threads() {}

    /** Waits for its end, whatever interrupts; an interrupt is told to the caller afterwards. */
    static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
