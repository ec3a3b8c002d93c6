package dev.holdfast.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Something to decide about stock. Everything that changes a number is one of these and goes through the lane.
 *
 * <p>Bounds are checked when a command is made ({@link IllegalArgumentException}), rules when it is decided.
 *
 * @param <O> the answers it can get
 */
public sealed interface Command<O extends Outcome> {
    Duration TTL_DEFAULT = Duration.ofMinutes(10);

    /** A day; nobody blocks stock for longer without an order. */
    Duration TTL_MAX = Duration.ofDays(1);

    int CHANNEL_LENGTH_MAX = 64;
    int NOTE_LENGTH_MAX = 255;

    /** The key that makes a retry safe; null where the command has the same effect however often it is given. */
    @Nullable
    IdempotencyKey key();

    /** Units it asks for without a location; null if there are none. */
    default @Nullable Sourcing sourcing() {
        return null;
    }

    /**
     * Claims units for a while: all lines or none. Lines of one stock are summed first. The hold's id is the key's.
     *
     * @param lines those with a location; may be none only if there is a sourcing
     * @param ttl whole seconds, 1 s to {@link #TTL_MAX}
     * @param sourcing those without; the hold has them behind the others, with the locations they were given
     * @param supersedes a hold whose id the caller knows, to be replaced: what it still holds counts for the new one, and is given
     *     back in the same decision. If that refuses, the old one lives on; if the old one is over already, or unknown, the new
     *     one is placed alone
     */
    record PlaceHold(
            IdempotencyKey key,
            List<Line> lines,
            Duration ttl,
            @Nullable String channel,
            @Nullable String reference,
            @Nullable Sourcing sourcing,
            @Nullable UUID supersedes)
            implements Command<Outcome.Place> {
        public PlaceHold {
            lines = located(lines, sourcing);
            requireTtl(ttl);
            Text.requireNote("channel", channel, CHANNEL_LENGTH_MAX);
            Text.requireNote("reference", reference, NOTE_LENGTH_MAX);
        }

        public PlaceHold(
                IdempotencyKey key,
                List<Line> lines,
                Duration ttl,
                @Nullable String channel,
                @Nullable String reference) {
            this(key, lines, ttl, channel, reference, null, null);
        }

        /** Whether the levels of its lines say all there is to know: nothing is to be found elsewhere, or comes from another hold. */
        public boolean plain() {
            return sourcing == null && supersedes == null;
        }

        public static PlaceHold of(IdempotencyKey key, Line... lines) {
            return new PlaceHold(key, List.of(lines), TTL_DEFAULT, null, null);
        }
    }

    /** Moves a live hold's deadline to {@code ttl} from now, never to an earlier time than it has. */
    record ExtendHold(@Nullable IdempotencyKey key, UUID holdId, Duration ttl) implements Command<Outcome.End> {
        public ExtendHold {
            requireTtl(ttl);
        }
    }

    /**
     * Turns a live hold into an allocation: held becomes allocated, and the deadline is gone. Or a part of it, any number of times: the
     * rest stays held until its deadline.
     *
     * @param key needed for a part, which is another one when it is asked for again
     * @param lines the part; none for all that is still held
     */
    record ConfirmHold(@Nullable IdempotencyKey key, UUID holdId, List<Line> lines) implements Command<Outcome.End> {
        public ConfirmHold {
            lines = part(key, lines);
        }

        public ConfirmHold(@Nullable IdempotencyKey key, UUID holdId) {
            this(key, holdId, List.of());
        }

        public static ConfirmHold of(UUID holdId) {
            return new ConfirmHold(null, holdId);
        }
    }

    /**
     * Gives a live hold's units back, all or a part of them.
     *
     * @param key as in {@link ConfirmHold}
     * @param lines as in {@link ConfirmHold}
     */
    record ReleaseHold(@Nullable IdempotencyKey key, UUID holdId, List<Line> lines) implements Command<Outcome.End> {
        public ReleaseHold {
            lines = part(key, lines);
        }

        public ReleaseHold(@Nullable IdempotencyKey key, UUID holdId) {
            this(key, holdId, List.of());
        }

        public static ReleaseHold of(UUID holdId) {
            return new ReleaseHold(null, holdId);
        }
    }

    /** Ends a hold whose deadline has passed. Sent by the sweeper and by the lane itself; harmless too early or twice. */
    record ExpireHold(UUID holdId) implements Command<Outcome.End> {
        @Override
        public @Nullable IdempotencyKey key() {
            return null;
        }
    }

    /**
     * Takes units and hands them over at once, as at a till: they must be on hand and promised to nobody.
     *
     * @param lines as in {@link PlaceHold}
     * @param sourcing as in {@link PlaceHold}
     */
    record Sell(
            IdempotencyKey key,
            List<Line> lines,
            @Nullable String channel,
            @Nullable String reference,
            @Nullable Sourcing sourcing)
            implements Command<Outcome.Sale> {
        public Sell {
            lines = located(lines, sourcing);
            Text.requireNote("channel", channel, CHANNEL_LENGTH_MAX);
            Text.requireNote("reference", reference, NOTE_LENGTH_MAX);
        }

        public Sell(IdempotencyKey key, List<Line> lines, @Nullable String channel, @Nullable String reference) {
            this(key, lines, channel, reference, null);
        }
    }

    /**
     * Tells of a sale that was made while nobody could be asked, by a till that had leased units with a hold. It has happened, so it is
     * never refused for want of units: it takes what the hold still has, live or not yet swept, then what is there, then what is
     * promised to others, which becomes {@link Level#shortfall()}. Units that the books do not know are found first.
     *
     * @param key the sale's
     * @param soldAt by the till's clock; goes with the reference into the ledger
     */
    record Settle(
            IdempotencyKey key,
            UUID holdId,
            List<Line> lines,
            @Nullable Instant soldAt,
            @Nullable String reference) implements Command<Outcome.Settlement> {
        public Settle {
            lines = Line.summed(lines);
            Text.requireNote("reference", reference, NOTE_LENGTH_MAX);
        }

        @Nullable
        String note() {
            return soldAt == null ? reference : (reference == null ? "" : reference + ", ") + "sold at " + soldAt;
        }
    }

    /** Sends allocated units of a confirmed hold away, in part or, with several commands, in parts. */
    record Ship(IdempotencyKey key, UUID holdId, List<Line> lines) implements Command<Outcome.Stock> {
        public Ship {
            lines = Line.summed(lines);
        }
    }

    /**
     * Gives allocated units of a confirmed hold back, in part or, with several commands, in parts: an order was cancelled before it was
     * shipped. They may be promised again at once.
     */
    record Deallocate(IdempotencyKey key, UUID holdId, List<Line> lines) implements Command<Outcome.Stock> {
        public Deallocate {
            lines = Line.summed(lines);
        }
    }

    /** Adds units that arrived. The first receipt of a SKU at a location makes it exist. */
    record Receive(
            IdempotencyKey key,
            StockKey stock,
            Quantity quantity,
            @Nullable String reference) implements Command<Outcome.Stock> {
        public Receive {
            Text.requireNote("reference", reference, NOTE_LENGTH_MAX);
        }
    }

    /** Adds units that a customer brought back. */
    record Return(
            IdempotencyKey key,
            StockKey stock,
            Quantity quantity,
            @Nullable String reference) implements Command<Outcome.Stock> {
        public Return {
            Text.requireNote("reference", reference, NOTE_LENGTH_MAX);
        }
    }

    /**
     * Corrects on hand by a difference, never below what is promised.
     *
     * @param delta −10^9 to 10^9, not 0
     * @param expectedVersion refuse if the stock has moved since, be it that a hold of it expired; null: whatever it is
     */
    record Adjust(
            IdempotencyKey key,
            StockKey stock,
            long delta,
            String reason,
            @Nullable Long expectedVersion) implements Command<Outcome.Stock> {
        public Adjust {
            if (delta == 0 || delta < -Quantity.MAX || delta > Quantity.MAX) {
                throw new IllegalArgumentException(
                        "delta must be " + -Quantity.MAX + " to " + Quantity.MAX + " and not 0");
            }
            Text.requireName("reason", reason, NOTE_LENGTH_MAX);
        }
    }

    /**
     * Sets on hand to what somebody counted. Reality wins: promises it cannot cover become {@link Level#shortfall()}.
     *
     * @param counted 0 to 10^9
     * @param expectedVersion refuse if the stock has moved since; null: whatever it is
     */
    record Count(
            IdempotencyKey key,
            StockKey stock,
            long counted,
            @Nullable String reason,
            @Nullable Long expectedVersion) implements Command<Outcome.Stock> {
        public Count {
            if (counted < 0 || counted > Quantity.MAX) {
                throw new IllegalArgumentException("counted must be 0 to " + Quantity.MAX);
            }
            Text.requireNote("reason", reason, NOTE_LENGTH_MAX);
        }
    }

    /**
     * Moves units that are promised to nobody to another location of the same SKU.
     *
     * @param expectedVersion refuse if {@code from} has moved since; null: whatever it is
     */
    record Transfer(
            IdempotencyKey key,
            StockKey from,
            Location to,
            Quantity quantity,
            @Nullable Long expectedVersion) implements Command<Outcome.Stock> {
        public Transfer {
            if (from.location().equals(to)) {
                throw new IllegalArgumentException("a transfer needs two locations");
            }
        }

        public StockKey target() {
            return new StockKey(from.sku(), to);
        }
    }

    /**
     * Sets how much is kept back, for whom, and how far promises may go beyond what is on hand.
     *
     * @param safetyStock 0 to 10^9
     * @param backorderLimit 0 to 10^9
     * @param buffers at most {@link Buffer#COUNT_MAX}, one a channel; null: as they are
     * @param expectedVersion refuse if the stock has moved since; null: whatever it is
     */
    record SetLimits(
            IdempotencyKey key,
            StockKey stock,
            long safetyStock,
            long backorderLimit,
            @Nullable List<Buffer> buffers,
            @Nullable Long expectedVersion)
            implements Command<Outcome.Stock> {
        public SetLimits {
            if (buffers != null) {
                buffers = List.copyOf(buffers);
                requireBuffers(buffers);
            }
            if (safetyStock < 0 || safetyStock > Quantity.MAX || backorderLimit < 0 || backorderLimit > Quantity.MAX) {
                throw new IllegalArgumentException("safetyStock and backorderLimit must be 0 to " + Quantity.MAX);
            }
        }

        public SetLimits(
                IdempotencyKey key,
                StockKey stock,
                long safetyStock,
                long backorderLimit,
                @Nullable Long expectedVersion) {
            this(key, stock, safetyStock, backorderLimit, null, expectedVersion);
        }
    }

    private static void requireBuffers(List<Buffer> buffers) {
        if (buffers.size() > Buffer.COUNT_MAX) {
            throw new IllegalArgumentException("buffers must be at most " + Buffer.COUNT_MAX);
        }
        if (buffers.stream().map(Buffer::channel).distinct().count() < buffers.size()) {
            throw new IllegalArgumentException("buffers must be one a channel");
        }
    }

    private static List<Line> located(List<Line> lines, @Nullable Sourcing sourcing) {
        return sourcing != null && lines.isEmpty() ? List.of() : Line.summed(lines);
    }

    private static List<Line> part(@Nullable IdempotencyKey key, List<Line> lines) {
        if (lines.isEmpty()) {
            return List.of();
        }
        if (key == null) {
            throw new IllegalArgumentException("a part of a hold needs an idempotency key");
        }
        return Line.summed(lines);
    }

    private static void requireTtl(Duration ttl) {
        if (ttl.toSeconds() < 1 || ttl.compareTo(TTL_MAX) > 0 || !ttl.equals(Duration.ofSeconds(ttl.toSeconds()))) {
            throw new IllegalArgumentException("ttl must be 1 to " + TTL_MAX.toSeconds() + " whole seconds");
        }
    }
}
