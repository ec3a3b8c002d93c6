package dev.holdfast.engine;

import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.Command.Sell;
import dev.holdfast.engine.GateMetrics.Why;
import dev.holdfast.engine.Outcome.Insufficient;
import dev.holdfast.engine.Outcome.Shortage;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands before the queue and refuses holds and sales of stocks that are sold out. It only ever says "no", and what it says is as
 * true as if the database had decided: it is what the database would have answered at a moment after the command came.
 *
 * <p>When a batch has refused somebody and leaves nothing of a stock, the stock is marked with its version. A command all of whose
 * stocks are marked waits for the next look at the database: one read, by primary key and without locks, of the versions of all stocks
 * asked for, of the clock and of the keys, on behalf of everybody who waits. Whoever was refused at that version is so still if
 *
 * <ul>
 *   <li>the version is the same: whatever brings units back is a movement, on whatever node, and a version never comes again;
 *   <li>no hold that has units of it has come to its deadline, by the same clock that the deadline was made with;
 *   <li>the key is new: whatever was placed, sold or moved with it gets its first answer from the queue.
 * </ul>
 *
 * Anything else goes on to the queue, and so does everybody when the database does not answer at once. Nothing rests on time that
 * passes here, nor on a message from another node: a paused process, a slow network or a lost answer make the gate open, never wrong
 * (docs/decisions, "gate without Redis").
 *
 * <p>One thread and one connection, in use while there are markers and somebody asks.
 */
final class Gate implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Gate.class);

    /** 500 looks a second at most, of 0.1 ms each: a twentieth of a core. Who waits, waits for 1 ms on average. */
    private static final long PACE_NANOS = 2_000_000;

    /** A database silent for so long is not waited for here but in the queue. */
    private static final int PATIENCE_MILLIS = 250;

    /** After such a silence the gate stays open for a while. */
    private static final long REST_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Then the connection is given back. */
    private static final long IDLE_SECONDS = 10;

    private static final int STOCKS_MAX = 10_000;

    private sealed interface Message {}

    /** Commands that wait for a look. Told apart by identity. */
    private static final class Ask implements Message {
        final List<? extends Command<?>> commands;

        /** A refusal for each command; empty to let them pass. */
        final CompletableFuture<List<Outcome>> answer = new CompletableFuture<>();

        Ask(List<? extends Command<?>> commands) {
            this.commands = commands;
        }

        void pass() {
            answer.complete(List.of());
        }
    }

    /**
     * What the database said when it had nothing of a stock.
     *
     * @param nextReleaseAt no hold of the stock ends by itself before; null if there is no hold
     */
    private record SoldOut(
            StockKey stock,
            long id,
            long version,
            long held,
            @Nullable Instant nextReleaseAt) implements Message {
        boolean isDue(Instant now) {
            return nextReleaseAt != null && !now.isBefore(nextReleaseAt);
        }
    }

    /** Only wakes. */
    private record End() implements Message {}

    /**
     * What a look has seen.
     *
     * @param used those of the keys asked for that holds or other commands have
     */
    record Look(Map<Long, Long> versions, Instant now, Set<UUID> used) {}

    private final DataSource dataSource;
    private final LaneMetrics laneMetrics;
    private final GateMetrics metrics;
    private final BlockingQueue<Message> messages;
    private final @Nullable Thread thread;

    /** Changed by the thread alone. */
    private final Map<StockKey, SoldOut> markers = new ConcurrentHashMap<>();

    /** Whether who asks will be answered. */
    private volatile boolean open;

    private volatile boolean closing;

    // The thread's own:
    private @Nullable Store store;
    /** Those marked, and not asked for for longest first. */
    private final LinkedHashSet<StockKey> marked = new LinkedHashSet<>();

    private long lookedNanos = System.nanoTime();
    private long restUntilNanos = lookedNanos;

    Gate(DataSource dataSource, StockEngine.Options options, LaneMetrics laneMetrics, MeterRegistry meters) {
        this.dataSource = dataSource;
        this.laneMetrics = laneMetrics;
        metrics = new GateMetrics(meters, markers);
        messages = new LinkedBlockingQueue<>(options.queueMax());
        thread = options.gate() ? Thread.ofPlatform().name("holdfast-gate").start(this::run) : null;
    }

    boolean isRunBy(Thread other) {
        return other.equals(thread);
    }

    /**
     * Asks whether all of these are refused: cheap while nothing is sold out.
     *
     * @return null if they are not for the gate; else, soon, a refusal for each, or an empty list if the queue has to be asked
     */
    @Nullable
    CompletableFuture<List<Outcome>> ask(List<? extends Command<?>> commands) {
        if (!open || markers.isEmpty() || commands.isEmpty() || !areMarked(commands)) {
            return null;
        }
        var ask = new Ask(commands);
        // The gate is closed to askers before it is emptied, and we look after we came in: nobody is left behind.
        if (!messages.offer(ask) || (!open && messages.remove(ask))) {
            metrics.passed(Why.UNCONFIRMED);
            return null;
        }
        return ask.answer;
    }

    private boolean areMarked(List<? extends Command<?>> commands) {
        boolean some = false;
        for (Command<?> command : commands) {
            var lines = lines(command);
            boolean all = !lines.isEmpty();
            for (Line line : lines) {
                boolean marked = markers.containsKey(line.stock());
                some |= marked;
                all &= marked;
            }
            if (!all) {
                if (some) {
                    metrics.passed(Why.LINE_UNMARKED);
                }
                return false;
            }
        }
        return true;
    }

    /** Of commands that want units at once, of stocks that they name, and have none of them yet; none of others. */
    private static List<Line> lines(Command<?> command) {
        if (command instanceof PlaceHold place) {
            return place.plain() ? place.lines() : List.of();
        }
        return command instanceof Sell sell && sell.sourcing() == null ? sell.lines() : List.of();
    }

    /** Learns from a committed batch what is sold out. By workers. */
    void learn(Batch batch, List<Outcome> outcomes) {
        if (thread == null) {
            return;
        }
        var stocks = new HashSet<StockKey>();
        for (Outcome outcome : outcomes) {
            if (outcome instanceof Insufficient no) {
                no.shortages().forEach(shortage -> stocks.add(shortage.stock()));
            }
        }
        for (StockKey stock : stocks) {
            var level = batch.level(stock);
            // With buffers what one channel is refused another may have.
            if (level != null && level.available() == 0 && level.buffers().isEmpty() && batch.knowsReleases(stock)) {
                learn(new SoldOut(stock, batch.id(stock), level.version(), level.held(), batch.nextReleaseAt(stock)));
            }
        }
    }

    private void learn(SoldOut soldOut) {
        var marker = markers.get(soldOut.stock);
        if (marker == null || !marker.equals(soldOut)) {
            messages.offer(soldOut); // if there is no room, the next batch tells again
        }
    }

    private void run() {
        var asks = new ArrayList<Ask>();
        while (!closing) {
            receive(asks);
            try {
                turn(asks);
            } catch (SQLException | RuntimeException | Error e) { // a pool may throw what it likes
                log.warn("The gate stays open for a moment: {}", e.toString());
                disconnect();
                restUntilNanos = System.nanoTime() + REST_NANOS;
            }
            passUnanswered(asks);
        }
        disconnect();
        take(asks, messages.poll());
        passUnanswered(asks);
    }

    /** Waits for something to do and takes all there is. */
    private void receive(List<Ask> asks) {
        try {
            var first = messages.poll(IDLE_SECONDS, TimeUnit.SECONDS);
            if (first == null) {
                disconnect();
                first = messages.take();
            }
            LockSupport.parkNanos(lookedNanos + PACE_NANOS - System.nanoTime());
            take(asks, first);
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts the gate", e);
        }
    }

    private void take(List<Ask> asks, @Nullable Message first) {
        for (var message = first; message != null; message = messages.poll()) {
            switch (message) {
                case Ask ask -> asks.add(ask);
                case SoldOut soldOut -> mark(soldOut);
                case End _ -> {} // closing is seen
            }
        }
    }

    /** Unless it comes late, and the stock has moved since. */
    private void mark(SoldOut soldOut) {
        markers.merge(soldOut.stock, soldOut, (old, other) -> other.version >= old.version ? other : old);
        marked.addLast(soldOut.stock);
        if (marked.size() > STOCKS_MAX) {
            markers.remove(marked.removeFirst());
        }
    }

    private void turn(List<Ask> asks) throws SQLException {
        if (store == null) {
            passUnanswered(asks); // they came before the last connection was lost, and the next may take its time
            if (markers.isEmpty() || System.nanoTime() - restUntilNanos < 0) {
                forgetAll(); // the next batch tells again
                return;
            }
            store = Store.on(dataSource.getConnection(), PATIENCE_MILLIS);
            open = true;
        }
        if (!asks.isEmpty()) {
            answer(asks, store);
        }
    }

    private void answer(List<Ask> asks, Store store) throws SQLException {
        var named = new HashSet<StockKey>();
        var keys = new ArrayList<UUID>();
        for (Ask ask : asks) {
            for (Command<?> command : ask.commands) {
                lines(command).forEach(line -> named.add(line.stock()));
                keys.add(keyOf(command));
            }
        }
        named.retainAll(markers.keySet());
        lookedNanos = System.nanoTime();
        var look = store.look(
                named.stream()
                        .mapToLong(stock -> Objects.requireNonNull(markers.get(stock)).id)
                        .toArray(),
                keys);
        metrics.looked(System.nanoTime() - lookedNanos);
        asks.forEach(ask -> answer(ask, look));
        for (StockKey stock : named) {
            marked.addLast(stock);
            if (whyNot(stock, look) != null) {
                markers.remove(stock);
                marked.remove(stock);
            }
        }
    }

    private static UUID keyOf(Command<?> command) {
        return Objects.requireNonNull(command.key(), "holds and sales have one").id();
    }

    private void answer(Ask ask, Look look) {
        var refusals = new ArrayList<Outcome>(ask.commands.size());
        for (Command<?> command : ask.commands) {
            var why = whyNot(command, look);
            if (why != null) {
                metrics.passed(why);
                ask.pass();
                return;
            }
            refusals.add(refusal(command));
        }
        for (int i = 0; i < refusals.size(); i++) {
            metrics.refused();
            laneMetrics.answered(ask.commands.get(i), refusals.get(i));
        }
        ask.answer.complete(refusals);
    }

    /** Why a stock is not known to be sold out; null if it is. */
    private @Nullable Why whyNot(StockKey stock, Look look) {
        var soldOut = markers.get(stock);
        var version = soldOut == null ? null : look.versions.get(soldOut.id);
        if (soldOut == null || version == null || version != soldOut.version) {
            return Why.MOVED;
        }
        return soldOut.isDue(look.now) ? Why.DUE : null;
    }

    private @Nullable Why whyNot(Command<?> command, Look look) {
        for (Line line : lines(command)) {
            var why = whyNot(line.stock(), look);
            if (why != null) {
                return why;
            }
        }
        return look.used.contains(keyOf(command)) ? Why.KNOWN_KEY : null;
    }

    private Insufficient refusal(Command<?> command) {
        var shortages = new ArrayList<Shortage>();
        for (Line line : lines(command)) {
            var soldOut = Objects.requireNonNull(markers.get(line.stock()));
            shortages.add(new Shortage(line.stock(), line.units(), 0, soldOut.held, soldOut.nextReleaseAt));
        }
        return new Insufficient(shortages);
    }

    /** Forgets everything: behind the next connection may be a database that was restored. */
    private void disconnect() {
        open = false;
        forgetAll();
        if (store != null) {
            store.close();
            store = null;
        }
    }

    private void forgetAll() {
        markers.clear();
        marked.clear();
    }

    private void passUnanswered(List<Ask> asks) {
        for (Ask ask : asks) {
            if (!ask.answer.isDone()) {
                metrics.passed(Why.UNCONFIRMED);
                ask.pass();
            }
        }
        asks.clear();
    }

    /** Lets everybody in, then nobody waits any more. To be closed before the queue. */
    @Override
    public void close() {
        if (thread == null) {
            return;
        }
        closing = true;
        messages.offer(new End()); // no room: then it is not waiting
        Threads.join(thread);
    }
}
