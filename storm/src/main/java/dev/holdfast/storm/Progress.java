package dev.holdfast.storm;

import java.io.PrintStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A line about what goes on: rewritten in place on a terminal, a new one every two seconds elsewhere. */
final class Progress implements AutoCloseable {

    private static final long TERMINAL_MILLIS = 200;
    private static final long LINES_MILLIS = 2_000;

    private final PrintStream err;
    private final boolean terminal;
    private final CountDownLatch done = new CountDownLatch(1);
    private final Thread thread;

    Progress(PrintStream err, boolean terminal, Supplier<String> line) {
        this.err = err;
        this.terminal = terminal;
        this.thread = Thread.ofPlatform().daemon().name("progress").start(() -> run(line));
    }

    private void run(Supplier<String> line) {
        try {
            while (!done.await(terminal ? TERMINAL_MILLIS : LINES_MILLIS, TimeUnit.MILLISECONDS)) {
                if (terminal) {
                    err.print("\r\u001b[2K" + line.get());
                    err.flush();
                } else {
                    err.println(line.get());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        done.countDown();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (terminal) {
            err.print("\r\u001b[2K");
            err.flush();
        }
    }
}
