package dev.holdfast.server.sql;

import dev.holdfast.engine.EngineFailure;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * Looks again and again for something to do, on a thread of its own, until it is closed. A database that is away is waited for; whatever
 * else goes wrong is an ERROR in the log, and the next look comes all the same.
 */
public final class Poll implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Poll.class);

    private final ScheduledExecutorService looks;

    /**
     * Starts looking.
     *
     * @param name of the thread, and of what is looked for
     * @param interval from the end of one look to the begin of the next
     */
    public Poll(String name, Duration interval, Runnable look) {
        looks = Executors.newSingleThreadScheduledExecutor(
                task -> Thread.ofPlatform().daemon().name("holdfast-" + name).unstarted(task));
        var _ = looks.scheduleWithFixedDelay(
                () -> look(name, look), interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static void look(String name, Runnable look) {
        try {
            look.run();
        } catch (DataAccessException | TransactionException | EngineFailure e) {
            LOG.debug("no look at {} now", name, e); // the engine says loudly what is wrong
        } catch (RuntimeException e) {
            LOG.error("A look at {} failed; the next one comes", name, e);
        }
    }

    /** What it is at is left as it is after a crash. */
    @Override
    public void close() {
        looks.shutdownNow();
    }
}
