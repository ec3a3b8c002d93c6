package dev.holdfast.storm;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Runs a command in mid-storm, such as one that kills the server and starts it again. Nobody is warned. */
final class Outages {

    private static final long LOOK_EVERY_MILLIS = 5;

    private final String command;
    private final List<Long> after;
    private final LongSupplier progress;
    private final CountDownLatch over = new CountDownLatch(1);
    private final Check.Findings findings = new Check.Findings();
    private final Thread thread;
    private int count; // of its thread, until that has ended

    /** @param after how much progress has to be made before each of them */
    Outages(String command, List<Long> after, LongSupplier progress) {
        this.command = command;
        this.after = after;
        this.progress = progress;
        this.thread = Thread.ofPlatform().daemon().name("outages").start(this::run);
    }

    /** No more of them; waits for the end of one that has begun. */
    Check end() throws InterruptedException {
        over.countDown();
        thread.join();
        if (count < after.size()) {
            findings.add("%d of %d took place: the storm was over before".formatted(count, after.size()));
        }
        return findings.named("it was cut off in mid-storm", "%d times".formatted(count));
    }

    private void run() {
        try {
            for (long wanted : after) {
                while (progress.getAsLong() < wanted) {
                    if (over.await(LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS)) {
                        return;
                    }
                }
                runCommand();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void runCommand() throws InterruptedException {
        try {
            var process = new ProcessBuilder("sh", "-c", command)
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().close();
            var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            int exitCode = process.waitFor();
            if (exitCode == 0) {
                count++;
            } else {
                findings.add("the command ended with %d: %s".formatted(exitCode, said));
            }
        } catch (IOException e) {
            findings.add("the command failed: " + e.getMessage());
        }
    }
}
