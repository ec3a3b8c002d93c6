package dev.holdfast.engine;

import dev.holdfast.engine.Command.Adjust;
import dev.holdfast.engine.Command.ConfirmHold;
import dev.holdfast.engine.Command.Count;
import dev.holdfast.engine.Command.Deallocate;
import dev.holdfast.engine.Command.ExpireHold;
import dev.holdfast.engine.Command.ExtendHold;
import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.Command.Receive;
import dev.holdfast.engine.Command.ReleaseHold;
import dev.holdfast.engine.Command.Return;
import dev.holdfast.engine.Command.Sell;
import dev.holdfast.engine.Command.SetLimits;
import dev.holdfast.engine.Command.Settle;
import dev.holdfast.engine.Command.Ship;
import dev.holdfast.engine.Command.Transfer;
import dev.holdfast.engine.Decision.Change;
import dev.holdfast.engine.Decision.Entry;
import dev.holdfast.engine.Decision.HoldRow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

import static java.util.Objects.requireNonNull;

/**
 * What the commands of one transaction name, the state they see, and what they have changed so far. {@code Store} fills it and
 * writes it back; {@code Decider} reads it. Later commands see what earlier ones did.
 */
final class Batch implements Decider.View {
    /** Stocks the commands name; those of the holds they refer to are found by the database. */
    final Set<StockKey> stocks = new HashSet<>();

    /** Stocks to create if they are unknown: where receipts and transfers go. */
    final Set<StockKey> creatable = new HashSet<>();

    /** Ids that may be taken already: by a hold or by another command's key. */
    final Set<UUID> keys = new HashSet<>();

    /** Holds that commands refer to by id. */
    final Set<UUID> holdIds = new HashSet<>();

    final Map<StockKey, Long> stockIds = new HashMap<>();
    final Map<Long, StockKey> stocksById = new HashMap<>();

    /** Where the rows of what was loaded lie, for the update. */
    final Map<StockKey, String> levelAddresses = new HashMap<>();

    final Map<UUID, String> holdAddresses = new HashMap<>();

    /** Stocks created for this batch; those that no command moved are removed again. */
    final Set<StockKey> created = new HashSet<>();

    /** In the order in which they were read: without a predecessor that of their ids. */
    private final Map<StockKey, Level> levels = new LinkedHashMap<>();

    private boolean sources;
    private @Nullable Batch predecessor;
    private boolean follows;
    private boolean committed;

    private final Map<UUID, HoldRow> holds = new HashMap<>();
    private final Map<UUID, Entry> entries = new HashMap<>();
    private final Map<StockKey, Instant> loadedReleases = new HashMap<>();
    private final Map<StockKey, Instant> nextReleases = new HashMap<>();

    final List<Movement> movements = new ArrayList<>();

    /** The levels that changed, as they were loaded. */
    final Map<StockKey, Level> levelsBefore = new HashMap<>();

    final Map<UUID, HoldRow> placedHolds = new LinkedHashMap<>();
    final Map<UUID, HoldRow> holdsBefore = new HashMap<>();
    final Map<UUID, HoldRow> changedHolds = new LinkedHashMap<>();
    final Map<UUID, HoldRow> newDeadlines = new LinkedHashMap<>();
    final List<Entry> newEntries = new ArrayList<>();
    final List<AuditEntry> auditEntries = new ArrayList<>();

    /** Takes note of what a command needs to be loaded. */
    void name(Command<?> command) {
        var key = command.key();
        if (key != null) {
            keys.add(key.id());
        }
        switch (command) {
            case PlaceHold c -> {
                name(c.lines(), c.sourcing());
                if (c.supersedes() != null) {
                    holdIds.add(c.supersedes());
                }
            }
            case Sell c -> name(c.lines(), c.sourcing());
            case Ship c -> name(c.holdId(), c.lines());
            case Deallocate c -> name(c.holdId(), c.lines());
            case Settle c -> name(c.holdId(), c.lines());
            case ExtendHold c -> holdIds.add(c.holdId());
            case ConfirmHold c -> holdIds.add(c.holdId());
            case ReleaseHold c -> holdIds.add(c.holdId());
            case ExpireHold c -> holdIds.add(c.holdId());
            case Receive c -> {
                stocks.add(c.stock());
                creatable.add(c.stock());
            }
            case Return c -> stocks.add(c.stock());
            case Adjust c -> stocks.add(c.stock());
            case Count c -> stocks.add(c.stock());
            case Transfer c -> {
                stocks.add(c.from());
                stocks.add(c.target());
                creatable.add(c.target());
            }
            case SetLimits c -> stocks.add(c.stock());
        }
    }

    private void name(UUID holdId, List<Line> lines) {
        holdIds.add(holdId);
        lines.forEach(line -> stocks.add(line.stock()));
    }

    private void name(List<Line> lines, @Nullable Sourcing sourcing) {
        lines.forEach(line -> stocks.add(line.stock()));
        if (sourcing != null) {
            sources = true;
            sourcing.stocks().forEach(stocks::add);
        }
    }

    /** Whether a "no" here may stand on several stocks at once, which must all have been short at one moment. */
    boolean sources() {
        return sources;
    }

    void identify(StockKey stock, long id) {
        stockIds.put(stock, id);
        stocksById.put(id, stock);
    }

    long id(StockKey stock) {
        return requireNonNull(stockIds.get(stock));
    }

    void load(Level level) {
        levels.put(level.stock(), level);
    }

    /** To be decided on the levels that another batch leaves behind, before it has committed them. */
    void follow(Batch before) {
        predecessor = before;
        follows = true;
        stocks.forEach(this::loadFromPredecessor);
    }

    @Nullable
    Batch predecessor() {
        return predecessor;
    }

    /** Whether it had a predecessor, and so locks nothing before that one has landed. */
    boolean follows() {
        return follows;
    }

    /**
     * Whether a refusal for this stock stands on a level of the predecessor's that no version will check. Where several stocks have
     * to be short at one moment, on any level of the predecessor's: others were read before that one is true.
     */
    boolean isUnchecked(StockKey stock) {
        return predecessor != null
                && predecessor.levelsBefore.containsKey(stock)
                && (sources || !levelsBefore.containsKey(stock));
    }

    /** Once it has landed: a chain of batches, each with the one before it, would never end. */
    void forgetPredecessor() {
        predecessor = null;
    }

    /** By {@link Turns} alone, which has the lock for it. */
    void setCommitted() {
        committed = true;
    }

    boolean isCommitted() {
        return committed;
    }

    /** False if the predecessor does not change this stock. */
    boolean loadFromPredecessor(StockKey stock) {
        if (predecessor == null || !predecessor.levelsBefore.containsKey(stock)) {
            return false;
        }
        load(requireNonNull(predecessor.levels.get(stock)));
        return true;
    }

    /** Where the rows lie that the predecessor has written. */
    void takeAddresses(Batch predecessor) {
        for (StockKey stock : levelsBefore.keySet()) {
            if (predecessor.levelsBefore.containsKey(stock)) {
                levelAddresses.put(stock, requireNonNull(predecessor.levelAddresses.get(stock)));
            }
        }
    }

    void load(HoldRow hold) {
        holds.put(hold.hold().id(), hold);
    }

    void load(Entry entry) {
        entries.put(entry.id(), entry);
    }

    void load(StockKey stock, Instant nextReleaseAt) {
        loadedReleases.put(stock, nextReleaseAt);
        nextReleases.merge(stock, nextReleaseAt, Batch::earlier);
    }

    /** Whether the deadlines of holds that were there before this batch count in {@link #nextReleaseAt}. */
    boolean knowsOlderReleases(StockKey stock) {
        return loadedReleases.containsKey(stock);
    }

    /** Whether no live hold that has units of the stock after this batch ends by itself before {@link #nextReleaseAt}. */
    boolean knowsReleases(StockKey stock) {
        var level = levels.get(stock);
        return level != null && (level.held() == 0 || knowsOlderReleases(stock));
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }

    /** @param actor who is to be kept with what it changes; null if nobody is */
    void apply(Decision decision, @Nullable Actor actor) {
        for (Change change : decision.changes()) {
            var stock = change.after().stock();
            var before = requireNonNull(levels.put(stock, change.after()));
            levelsBefore.putIfAbsent(stock, before);
            movements.add(change.movement());
            if (actor != null) {
                auditEntries.add(AuditEntry.of(actor, change.movement(), before, change.after()));
            }
        }
        if (decision.superseded() != null) {
            apply(decision.superseded(), Movement.Kind.RELEASE, actor);
        }
        if (decision.hold() != null) {
            apply(
                    decision.hold(),
                    decision.changes().isEmpty()
                            ? null
                            : decision.changes().getFirst().movement().kind(),
                    actor);
        }
        if (decision.entry() != null) {
            entries.put(decision.entry().id(), decision.entry());
            newEntries.add(decision.entry());
        }
    }

    /** @param how null: its deadline was put off, which moves nothing */
    private void apply(HoldRow row, Movement.@Nullable Kind how, @Nullable Actor actor) {
        var hold = row.hold();
        var before = holds.put(hold.id(), row);
        if (actor != null) {
            var action = how == null ? "extend" : AuditEntry.action(how);
            auditEntries.add(AuditEntry.of(actor, action, before == null ? null : before.hold(), hold));
        }
        if (before == null || placedHolds.containsKey(hold.id())) {
            placedHolds.put(hold.id(), row);
        } else {
            holdsBefore.putIfAbsent(hold.id(), before);
            changedHolds.put(hold.id(), row);
        }
        if (hold.state() == Hold.State.ACTIVE) {
            if (before == null || !before.hold().expiresAt().equals(hold.expiresAt())) {
                newDeadlines.put(hold.id(), row); // its stocks and its deadline, which a part does not change
            }
            hold.lines().forEach(line -> nextReleases.merge(line.stock(), hold.expiresAt(), Batch::earlier));
        } else {
            newDeadlines.remove(hold.id());
        }
    }

    /** Stocks whose levels have to be written, in the order of their ids. */
    List<StockKey> changedStocks() {
        var changed = levels.keySet().stream().filter(levelsBefore::containsKey);
        return (predecessor == null ? changed : changed.sorted(Comparator.comparingLong(this::id))).toList();
    }

    /** The level as it was before this batch. */
    Level loaded(StockKey stock) {
        var before = levelsBefore.get(stock);
        return before != null ? before : requireNonNull(levels.get(stock));
    }

    StockKey stock(long id) {
        return requireNonNull(stocksById.get(id));
    }

    /** Calls back for every stock that is known to exist now. */
    void forEachIdentified(BiConsumer<StockKey, Long> known) {
        stockIds.forEach((stock, id) -> {
            var level = levels.get(stock);
            if (level != null && level.version() > 0) {
                known.accept(stock, id);
            }
        });
    }

    /** Forgets every decision but not what was loaded, so that all can be decided again with more known. */
    void reset() {
        levels.putAll(levelsBefore);
        levelsBefore.clear();
        movements.clear();
        placedHolds.keySet().forEach(holds::remove);
        placedHolds.clear();
        holds.putAll(holdsBefore);
        holdsBefore.clear();
        changedHolds.clear();
        newDeadlines.clear();
        newEntries.forEach(entry -> entries.remove(entry.id()));
        newEntries.clear();
        auditEntries.clear();
        nextReleases.clear();
        nextReleases.putAll(loadedReleases);
    }

    /** Ids of stocks that were created for a command which was then refused. */
    long[] unusedStocks() {
        return created.stream()
                .filter(stock -> !levelsBefore.containsKey(stock))
                .mapToLong(this::id)
                .toArray();
    }

    /** Whether a command here refers to a hold, a key or a new stock that the other batch writes. */
    boolean dependsOn(Batch other) {
        return holdIds.stream().anyMatch(id -> other.placedHolds.containsKey(id) || other.changedHolds.containsKey(id))
                || keys.stream().anyMatch(other.keys::contains)
                || other.created.stream().anyMatch(stocks::contains);
    }

    List<Level> changedLevels() {
        return levelsBefore.keySet().stream()
                .map(stock -> requireNonNull(levels.get(stock)))
                .toList();
    }

    /** Adds by how much each stock has more or less to promise than before. */
    void addAvailableDeltas(Map<StockKey, Long> deltas) {
        levelsBefore.forEach((stock, before) -> {
            var after = requireNonNull(levels.get(stock));
            long delta = after.uncommitted() - after.safetyStock() - before.uncommitted() + before.safetyStock();
            deltas.merge(stock, delta, Long::sum);
        });
    }

    /** Adds the stocks that keep units for some channels. */
    void addBuffered(Set<StockKey> buffered) {
        levels.values().stream()
                .filter(level -> !level.buffers().isEmpty())
                .forEach(level -> buffered.add(level.stock()));
    }

    boolean changed() {
        return !movements.isEmpty() || !changedHolds.isEmpty() || !newEntries.isEmpty();
    }

    @Override
    public @Nullable Level level(StockKey stock) {
        return levels.get(stock);
    }

    @Override
    public @Nullable HoldRow hold(UUID id) {
        return holds.get(id);
    }

    @Override
    public @Nullable Entry entry(UUID key) {
        return entries.get(key);
    }

    @Override
    public @Nullable Instant nextReleaseAt(StockKey stock) {
        var level = levels.get(stock);
        return level == null || level.held() == 0 ? null : nextReleases.get(stock);
    }
}
