package dev.holdfast.engine;

import java.time.Duration;
import java.util.HashSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Lets a lane's workers take turns: one reads and decides its batch while the other writes and commits the one before. Whoever has
 * the turn takes the next requests, so batches are decided in order of arrival. A batch that has to be run again does so out of
 * turn: who has it may be waiting for requests.
 *
 * <p>What a batch that is not committed yet changes cannot be seen in the database by the next one: a command that refers to the
 * same hold or key waits, and a large batch follows it ({@link #underway}).
 */
final class Turns {
    private final ReentrantLock turn = new ReentrantLock();

    /** By its class: of an interface, javac has wait and notify called in a way that Lincheck 3.7 overlooks. */
    private final HashSet<Batch> committing = new HashSet<>();

    /** Of those committing the one that was decided last and in turn. */
    private @Nullable Batch last;

    /** Waits for the turn. */
    void begin() {
        turn.lock();
    }

    /** Gives the turn away before the commit; to be followed by {@link #landed}. */
    void pass(Batch batch) {
        synchronized (committing) {
            committing.add(batch);
            if (turn.isHeldByCurrentThread()) {
                last = batch;
            }
        }
        end();
    }

    /** The batch is committed, or it failed. */
    void landed(Batch batch, boolean committed) {
        synchronized (committing) {
            if (committed) {
                batch.setCommitted();
            }
            if (batch.equals(last)) {
                last = null;
            }
            committing.remove(batch);
            committing.notifyAll();
        }
    }

    /** Gives the turn away, if this thread has it. */
    void end() {
        if (turn.isHeldByCurrentThread()) {
            turn.unlock();
        }
    }

    /**
     * The batch that was decided just before, if it is being committed; for who has the turn. The next one can be decided on what it
     * leaves behind, and must then hear its fate from {@link #awaitLanded}.
     */
    @Nullable
    Batch underway() {
        if (!turn.isHeldByCurrentThread()) {
            return null;
        }
        synchronized (committing) {
            return last;
        }
    }

    /** Waits until nothing that the batch names is on its way into the database. */
    void awaitNamed(Batch batch) {
        synchronized (committing) {
            while (committing.stream().anyMatch(batch::dependsOn)) {
                await();
            }
        }
    }

    /** Waits until the batch has landed; true if it is committed. */
    boolean awaitLanded(Batch batch) {
        synchronized (committing) {
            while (committing.contains(batch)) {
                await();
            }
            return batch.isCommitted();
        }
    }

    /** As {@link #awaitLanded(Batch)}, for so long; false if it is still under way. */
    boolean awaitLanded(Batch batch, Duration max) {
        synchronized (committing) {
            long deadlineNanos = System.nanoTime() + max.toNanos();
            while (committing.contains(batch)) {
                long remainingNanos = deadlineNanos - System.nanoTime();
                if (remainingNanos <= 0) {
                    return false;
                }
                try {
                    TimeUnit.NANOSECONDS.timedWait(committing, remainingNanos);
                } catch (InterruptedException e) {
                    throw new IllegalStateException("nobody interrupts a worker", e);
                }
            }
            return batch.isCommitted();
        }
    }

    private void await() {
        try {
            committing.wait(); // bounded by the commit's own network timeout
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts a worker", e);
        }
    }
}
