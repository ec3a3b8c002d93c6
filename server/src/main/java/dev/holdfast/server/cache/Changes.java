package dev.holdfast.server.cache;

import dev.holdfast.server.redis.RedisLink;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was changed, on all nodes. The database numbers the changes of something without a gap, in the order of their commits: who
 * changes it adds one to a counter in its transaction. Who made a change tells all nodes its number and its keys through Redis,
 * after the commit. Each node also reads the counter now and then ({@link #counted}), and so finds out that a message is missing,
 * whatever the reason: Redis is away, the node was, or the teller died. It then takes everything for changed.
 *
 * <p>Messages may be lost, late, doubled, in any order, or lies: they make a node forget what it would read again, and nothing else.
 */
public final class Changes {
    private static final Logger LOG = LoggerFactory.getLogger(Changes.class);

    /** As a key: all of them. */
    public static final String EVERYTHING = "*";

    /** Numbers that were told before those that precede them; more are as good as a missing message. */
    static final int AHEAD_MAX = 1_000;

    /** Whoever keeps what may change. Called on the thread of whoever tells: do not block. */
    public interface Listener {
        /** What was read before this change was known is old where it says one of these keys. */
        void changed(long number, Collection<String> keys);

        /** What was read before this change was known is old. */
        void changed(long number);

        /** This node made the change, and is about to tell the others. */
        default void made(long number, Collection<String> keys) {
            // nothing to do that others would not do too
        }
    }

    private final byte[] channel;
    private final @Nullable RedisLink redis;
    private final Counter told;
    private final Counter missed;
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private final TreeSet<Long> ahead = new TreeSet<>();

    /** All changes up to here were told. */
    private long complete;

    private long countedBefore;
    private volatile long known;

    /**
     * None yet.
     *
     * @param channel of Redis; one for each counter
     * @param counted what the counter says now: of changes before that, this node has kept nothing
     */
    public Changes(String channel, @Nullable RedisLink redis, long counted, MeterRegistry meters) {
        this.channel = channel.getBytes(StandardCharsets.UTF_8);
        this.redis = redis;
        complete = counted;
        countedBefore = counted;
        known = counted;
        told = counter(meters, "told", "Changes that came as a message or from this node");
        missed = counter(meters, "missed", "Times that everything was forgotten because a message did not come");
        if (redis != null) {
            redis.subscribe(channel, this::received);
        }
    }

    private static Counter counter(MeterRegistry meters, String how, String description) {
        return Counter.builder("holdfast.cache.changes")
                .description(description)
                .tag("how", how)
                .register(meters);
    }

    public void listen(Listener listener) {
        listeners.add(listener);
    }

    /** The last change that is certain to be committed: what is read from the database from now on includes it. */
    public long known() {
        return known;
    }

    /** After the commit of a change by this node: here at once, on the others as soon as the message comes. */
    public void announce(long number, Collection<String> keys) {
        know(number);
        tell(number, keys);
        listeners.forEach(listener -> listener.made(number, keys));
        if (redis != null) {
            byte[] message = (number + "\n" + String.join("\n", keys)).getBytes(StandardCharsets.UTF_8);
            redis.send(commands -> commands.publish(channel, message));
        }
    }

    private void received(byte[] message) {
        String[] lines = new String(message, StandardCharsets.UTF_8).split("\n", -1);
        try {
            tell(Long.parseLong(lines[0]), Arrays.asList(lines).subList(1, lines.length));
        } catch (NumberFormatException e) {
            LOG.debug("not a message of ours", e);
        }
    }

    private void tell(long number, Collection<String> keys) {
        told.increment();
        for (Listener listener : listeners) {
            if (keys.contains(EVERYTHING)) {
                listener.changed(number);
            } else {
                listener.changed(number, keys);
            }
        }
        synchronized (this) {
            if (number > complete && ahead.size() < AHEAD_MAX) {
                ahead.add(number);
            }
            catchUp();
        }
    }

    private void catchUp() {
        while (!ahead.isEmpty() && ahead.first() <= complete + 1) {
            complete = Math.max(complete, ahead.removeFirst());
        }
    }

    /**
     * What the counter in the database says. What was counted already at the last look and still was not told will not be: a message
     * takes milliseconds, and this is called a few times a second.
     */
    public void counted(long number) {
        know(number);
        boolean isMissing;
        synchronized (this) {
            isMissing = complete < Math.min(countedBefore, number);
            countedBefore = number;
            if (isMissing) {
                complete = number;
                catchUp();
            }
        }
        if (isMissing) {
            missed.increment();
            listeners.forEach(listener -> listener.changed(number));
        }
    }

    private synchronized void know(long number) {
        known = Math.max(known, number);
    }
}
