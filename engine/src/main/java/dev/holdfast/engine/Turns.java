package dev.holdfast.engine;

import java.util.HashSet;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets a lane's workers take turns: one reads and decides its batch while the other writes and commits the one before. Whoever has
 * the turn takes the next requests, so batches lock their rows in order of arrival. A batch that has to be run again does so out of
 * turn: who has it may be waiting for requests.
 *
 * <p>What a batch that is not committed yet brings into being cannot be seen by the next one: a command that refers to it waits.
 */
final class Turns {
    private final ReentrantLock turn = new ReentrantLock();

    /** By its class: of an interface, javac has wait and notify called in a way that Lincheck 3.7 overlooks. */
    private final HashSet<Batch> committing = new HashSet<>();

    /** Waits for the turn. */
    void begin() {
        turn.lock();
    }

    /** Gives the turn away before the commit; to be followed by {@link #landed}. */
    void pass(Batch batch) {
        if (batch.createsWhatOthersMayName()) {
            synchronized (committing) {
                committing.add(batch);
            }
        }
        end();
    }

    /** The batch is committed, or it failed. */
    void landed(Batch batch) {
        synchronized (committing) {
            if (committing.remove(batch)) {
                committing.notifyAll();
            }
        }
    }

    /** Gives the turn away, if this thread has it. */
    void end() {
        if (turn.isHeldByCurrentThread()) {
            turn.unlock();
        }
    }

    /** Waits until nothing that the batch names is on its way into the database. */
    void awaitNamed(Batch batch) {
        synchronized (committing) {
            try {
                while (committing.stream().anyMatch(batch::namesWhatIsCreatedBy)) {
                    committing.wait(); // bounded by the commit's own network timeout
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException("nobody interrupts a worker", e);
            }
        }
    }
}
