package dev.holdfast.engine;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a command: decided in one database transaction and returned after its commit. Refusals are outcomes too; they
 * changed nothing and are not remembered, so a later try with the same key is decided anew.
 *
 * <p>{@code replayed}: the key was used before with the same request, and this is the first answer again.
 */
public sealed interface Outcome {
    /** Answers to {@link Command.PlaceHold}. */
    sealed interface Place extends Outcome permits Placed, Insufficient, UnknownSku, Ended, KeyReused {}

    /** Answers to extend, confirm, release and expire. */
    sealed interface End extends Outcome permits Changed, Ended, NotHeld, NotDue, UnknownHold, KeyReused {}

    /** Answers to {@link Command.Sell}. */
    sealed interface Sale extends Outcome permits Sold, Insufficient, UnknownSku, KeyReused {}

    /** Answers to {@link Command.Settle}. */
    sealed interface Settlement extends Outcome permits Settled, UnknownSku, UnknownHold, KeyReused {}

    /** Answers to everything else that moves stock. */
    sealed interface Stock extends Outcome
            permits Moved,
                    Insufficient,
                    PromisedStock,
                    VersionChanged,
                    OverLimit,
                    NotAllocated,
                    UnknownSku,
                    UnknownHold,
                    KeyReused {}

    record Placed(Hold hold, boolean replayed) implements Place {}

    /**
     * The hold after the command; the same again if the command had already had its effect.
     *
     * @param at the time of the decision; of the first one, if this is its answer again
     */
    record Changed(Hold hold, Instant at, boolean replayed) implements End {}

    /** Taken and gone. {@code id} is the key's. */
    record Sold(
            UUID id,
            List<Line> lines,
            @Nullable String channel,
            @Nullable String reference,
            Instant at,
            boolean replayed)
            implements Sale {}

    /** Taken and gone, as it was. {@code id} is the key's. */
    record Settled(UUID id, List<SettledLine> lines, Instant at, boolean replayed) implements Settlement {
        /** As its one or two movements of each stock tell. */
        static Settled of(Command.Settle command, List<Movement> movements, Instant at, boolean replayed) {
            return new Settled(
                    command.key().id(),
                    command.lines().stream()
                            .map(line -> SettledLine.of(
                                    line,
                                    movements.stream()
                                            .filter(movement -> movement.stock().equals(line.stock()))
                                            .toList()))
                            .toList(),
                    at,
                    replayed);
        }
    }

    /**
     * Where the units of a settled sale came from.
     *
     * @param units all of them
     * @param leased those that the hold had
     * @param found those that the books did not have on hand
     * @param shortfall by so many units promises to others are covered no more
     */
    record SettledLine(StockKey stock, long units, long leased, long found, long shortfall) {
        private static SettledLine of(Line line, List<Movement> movements) {
            long held = 0;
            long found = 0;
            long shortfall = 0;
            for (Movement movement : movements) {
                held += movement.heldDelta();
                found += Math.max(0, movement.onHandDelta());
                shortfall += movement.shortfallDelta();
            }
            return new SettledLine(line.stock(), line.units(), -held, found, Math.max(0, shortfall));
        }
    }

    /** The movements, one for each stock touched. */
    record Moved(List<Movement> movements, boolean replayed) implements Stock {}

    /** Too few units; every short line at once. */
    record Insufficient(List<Shortage> shortages) implements Place, Sale, Stock {}

    /**
     * One short line.
     *
     * @param requested the sum of the command's lines of this stock
     * @param available what the command could have had
     * @param heldByOthers units in live holds: some of them may come back
     * @param nextReleaseAt the earliest deadline among those holds; null if there is none, or none is known. An estimate: it
     *     may be that of a hold that was confirmed or released a moment ago
     */
    record Shortage(
            StockKey stock,
            long requested,
            long available,
            long heldByOthers,
            @Nullable Instant nextReleaseAt) {}

    /** No receipt has ever made these exist. */
    record UnknownSku(List<StockKey> stocks) implements Place, Sale, Settlement, Stock {}

    record UnknownHold(UUID id) implements End, Settlement, Stock {}

    /** The hold came to another end before: EXPIRED, RELEASED or CONFIRMED. One that is to be superseded was confirmed. */
    record Ended(Hold hold) implements Place, End {}

    /** The hold has fewer of these units still held than the part that was asked for; {@code held} are those it has. */
    record NotHeld(Hold hold, List<Line> held) implements End {}

    /** The hold's deadline has not come; only {@link Command.ExpireHold} gets this. */
    record NotDue(Hold hold) implements End {}

    /** On hand would fall below what is promised. */
    record PromisedStock(Level level) implements Stock {}

    /** The stock has moved since the version the caller saw. */
    record VersionChanged(Level level) implements Stock {}

    /** On hand would exceed {@link Level#UNITS_MAX}. */
    record OverLimit(Level level) implements Stock {}

    /** The hold has fewer of these units confirmed and not shipped than the command asks for; {@code left} are those it has. */
    record NotAllocated(Hold hold, List<Line> left) implements Stock {}

    /** The key belongs to another request. */
    record KeyReused(IdempotencyKey key) implements Place, End, Sale, Settlement, Stock {}

    /** The same answer, told as the first. */
    static Outcome asFirst(Outcome outcome) {
        return switch (outcome) {
            case Placed o -> new Placed(o.hold(), false);
            case Changed o -> new Changed(o.hold(), o.at(), false);
            case Sold o -> new Sold(o.id(), o.lines(), o.channel(), o.reference(), o.at(), false);
            case Settled o -> new Settled(o.id(), o.lines(), o.at(), false);
            case Moved o -> new Moved(o.movements(), false);
            default -> outcome;
        };
    }

    /** Whether it is the first answer again. */
    static boolean isReplayed(Outcome outcome) {
        return switch (outcome) {
            case Placed o -> o.replayed();
            case Changed o -> o.replayed();
            case Sold o -> o.replayed();
            case Settled o -> o.replayed();
            case Moved o -> o.replayed();
            default -> false;
        };
    }
}
