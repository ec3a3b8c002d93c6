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
import dev.holdfast.engine.Hold.State;
import dev.holdfast.engine.Movement.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

import static java.util.Objects.requireNonNull;

/**
 * Every rule of stock. A pure function of what is there, what is asked, and the time: no I/O, no clock, no randomness, so
 * that it can be tried with a million made-up histories, and decided anew when a batch has to be run again.
 */
final class Decider {
    /** What a decision may look at: the stocks, holds and keys that the command names. */
    interface View {
        @Nullable
        Level level(StockKey stock);

        @Nullable
        HoldRow hold(UUID id);

        @Nullable
        Entry entry(UUID key);

        /** The earliest deadline among the stock's live holds; null if there is none, or none is known. */
        @Nullable
        Instant nextReleaseAt(StockKey stock);
    }

    /** How many units of a stock somebody may take. */
    private interface Takeable {
        long units(Level level, @Nullable String channel);
    }

    private static final Takeable AVAILABLE = Level::available;
    private static final Takeable SELLABLE = Level::sellable;
    private static final Takeable ON_HAND = (level, _) -> level.onHand();

    private final View view;
    private final Instant now;

    private Decider(View view, Instant now) {
        this.view = view;
        this.now = now;
    }

    static Decision decide(View view, Command<?> command, long requestHash, Instant now) {
        return new Decider(view, now).decide(command, requestHash);
    }

    private Decision decide(Command<?> command, long requestHash) {
        var key = command.key();
        if (key != null) {
            var hold = view.hold(key.id());
            if (hold != null) {
                boolean same = hold.requestHash() == requestHash && command instanceof PlaceHold;
                return Decision.no(same ? firstAnswer((PlaceHold) command, hold.hold()) : new Outcome.KeyReused(key));
            }
            var entry = view.entry(key.id());
            if (entry != null) {
                boolean same = entry.requestHash() == requestHash;
                return Decision.no(same ? firstAnswer(command, entry) : new Outcome.KeyReused(key));
            }
        }
        return switch (command) {
            case PlaceHold c -> place(c, requestHash);
            case ExtendHold c -> extend(c, requestHash);
            case ConfirmHold c -> confirm(c, requestHash);
            case ReleaseHold c -> release(c, requestHash);
            case ExpireHold c -> expire(c);
            case Sell c -> sell(c, requestHash);
            case Settle c -> settle(c, requestHash);
            case Ship c -> ship(c, requestHash);
            case Deallocate c -> deallocate(c, requestHash);
            case Receive c -> add(c.key(), c.stock(), c.quantity().units(), Kind.RECEIVE, c.reference(), requestHash);
            case Return c -> add(c.key(), c.stock(), c.quantity().units(), Kind.RETURN, c.reference(), requestHash);
            case Adjust c -> adjust(c, requestHash);
            case Count c -> count(c, requestHash);
            case Transfer c -> transfer(c, requestHash);
            case SetLimits c -> setLimits(c, requestHash);
        };
    }

    /** A hold may have moved on since, but the first answer to its placing was this. */
    private static Outcome firstAnswer(PlaceHold command, Hold hold) {
        var deadline = hold.placedAt().plus(command.ttl());
        return new Outcome.Placed(hold.wholly(State.ACTIVE).until(deadline), true);
    }

    /** The first answer again, rebuilt from what it left behind; the request is the same, so its parts are too. */
    private Outcome firstAnswer(Command<?> command, Entry known) {
        return switch (command) {
            case PlaceHold c -> throw new IllegalStateException("a hold leaves no key entry: " + c.key());
            case ExpireHold c -> throw new IllegalStateException("has no key: " + c.holdId());
            case ExtendHold c -> changedBefore(c.holdId(), State.ACTIVE, known);
            case ConfirmHold c -> changedBefore(c.holdId(), State.CONFIRMED, known);
            case ReleaseHold c -> changedBefore(c.holdId(), State.RELEASED, known);
            case Sell c -> new Outcome.Sold(c.key().id(), sold(c, known), c.channel(), c.reference(), known.at(), true);
            case Settle c -> Outcome.Settled.of(c, known.movements(), known.at(), true);
            case Ship c -> new Outcome.Moved(known.movements(), true);
            case Deallocate c -> new Outcome.Moved(known.movements(), true);
            case Receive c -> new Outcome.Moved(known.movements(), true);
            case Return c -> new Outcome.Moved(known.movements(), true);
            case Adjust c -> new Outcome.Moved(known.movements(), true);
            case Count c -> new Outcome.Moved(known.movements(), true);
            case Transfer c -> new Outcome.Moved(known.movements(), true);
            case SetLimits c -> new Outcome.Moved(known.movements(), true);
        };
    }

    private Outcome changedBefore(UUID holdId, State state, Entry entry) {
        var row = view.hold(holdId);
        if (row == null) {
            return new Outcome.UnknownHold(holdId);
        }
        var hold =
                entry.parts().isEmpty() ? row.hold().wholly(state) : row.hold().asOf(entry.parts());
        return new Outcome.Changed(entry.expiresAt() == null ? hold : hold.until(entry.expiresAt()), entry.at(), true);
    }

    /** As it was: where units come from may be decided otherwise by now. Without its movements, which may be let go, as asked. */
    private static List<Line> sold(Sell command, Entry known) {
        return known.movements().isEmpty()
                ? command.lines()
                : known.movements().stream()
                        .map(movement -> new Line(movement.stock(), -movement.onHandDelta()))
                        .toList();
    }

    private Decision place(PlaceHold command, long requestHash) {
        var old = command.supersedes() == null ? null : view.hold(command.supersedes());
        if (old != null && old.hold().state() == State.CONFIRMED) {
            return Decision.no(new Outcome.Ended(old.hold()));
        }
        var own = old == null ? Map.<StockKey, Long>of() : held(old.hold());
        // What somebody has they keep, be it that the shelf has less than was promised.
        Takeable takeable = own.isEmpty()
                ? AVAILABLE
                : (level, channel) -> level.available(channel) + own.getOrDefault(level.stock(), 0L);
        var lines = lines(command.lines(), command.sourcing(), takeable, command.channel());
        var refusal = refusal(lines, takeable, command.channel());
        if (refusal != null) {
            return Decision.no(own.isEmpty() ? refusal : toOwnerOf(own, refusal));
        }
        UUID id = command.key().id();
        var changes = new ArrayList<Change>(lines.size());
        for (Line line : lines) {
            changes.add(change(line.stock(), Kind.PLACE, 0, line.units(), 0, id, null));
        }
        var hold =
                new Hold(id, State.ACTIVE, lines, now, now.plus(command.ttl()), command.channel(), command.reference());
        return new Decision(
                new Outcome.Placed(hold, false),
                changes,
                new HoldRow(hold, requestHash),
                old == null || old.hold().state() != State.ACTIVE ? null : superseded(old, changes),
                null);
    }

    private static Map<StockKey, Long> held(Hold hold) {
        return hold.held().stream().collect(Collectors.toMap(Line::stock, Line::units));
    }

    /** Own units are not held by others. */
    private static Outcome toOwnerOf(Map<StockKey, Long> own, Outcome refusal) {
        if (!(refusal instanceof Outcome.Insufficient insufficient)) {
            return refusal;
        }
        return new Outcome.Insufficient(insufficient.shortages().stream()
                .map(s -> new Outcome.Shortage(
                        s.stock(),
                        s.requested(),
                        s.available(),
                        s.heldByOthers() - own.getOrDefault(s.stock(), 0L),
                        s.nextReleaseAt()))
                .toList());
    }

    /** Ends a hold after the new one was placed: given back before, its units would work off a shortfall that the new one needs. */
    private HoldRow superseded(HoldRow old, List<Change> changes) {
        boolean due = old.hold().isDue(now);
        Map<StockKey, Level> placed = new HashMap<>();
        changes.forEach(change -> placed.put(change.after().stock(), change.after()));
        for (Line line : old.hold().held()) {
            var before = placed.containsKey(line.stock()) ? placed.get(line.stock()) : view.level(line.stock());
            var after = requireNonNull(before).moved(0, -line.units(), 0);
            changes.add(change(
                    before, after, due ? Kind.EXPIRE : Kind.RELEASE, old.hold().id(), null));
        }
        return old.with(old.hold().ended(due ? State.EXPIRED : State.RELEASED));
    }

    private Decision extend(ExtendHold command, long requestHash) {
        var row = view.hold(command.holdId());
        if (row == null || !isLive(row)) {
            return notLive(row, command.holdId());
        }
        var deadline = now.plus(command.ttl());
        boolean later = deadline.isAfter(row.hold().expiresAt());
        var hold = later ? row.hold().until(deadline) : row.hold();
        return new Decision(
                new Outcome.Changed(hold, now, false),
                List.of(),
                later ? row.with(hold) : null,
                entry(command, requestHash, hold));
    }

    private Decision confirm(ConfirmHold command, long requestHash) {
        var row = view.hold(command.holdId());
        if (!command.lines().isEmpty()) {
            return part(command, row, command.holdId(), command.lines(), Kind.CONFIRM, requestHash);
        }
        return row != null
                        && row.hold().state() == State.CONFIRMED
                        && !row.hold().lapsed()
                ? changed(command, row.hold(), requestHash)
                : end(command, row, command.holdId(), State.CONFIRMED, Kind.CONFIRM, requestHash);
    }

    private Decision release(ReleaseHold command, long requestHash) {
        var row = view.hold(command.holdId());
        if (!command.lines().isEmpty()) {
            return part(command, row, command.holdId(), command.lines(), Kind.RELEASE, requestHash);
        }
        boolean before = row != null
                && switch (row.hold().state()) {
                    case RELEASED -> true;
                    case CONFIRMED -> row.hold().lapsed();
                    case ACTIVE, EXPIRED -> false;
                };
        return row != null && before
                ? changed(command, row.hold(), requestHash)
                : end(command, row, command.holdId(), State.RELEASED, Kind.RELEASE, requestHash);
    }

    /** It had its effect before. */
    private Decision changed(Command<?> command, Hold hold, long requestHash) {
        return new Decision(new Outcome.Changed(hold, now, false), List.of(), null, entry(command, requestHash, hold));
    }

    private Decision end(
            Command<?> command, @Nullable HoldRow row, UUID holdId, State end, Kind kind, long requestHash) {
        if (row == null || !isLive(row)) {
            return notLive(row, holdId);
        }
        var hold = row.hold().ended(end);
        return new Decision(
                new Outcome.Changed(hold, now, false),
                changes(holdId, row.hold().held(), kind),
                row.with(hold),
                entry(command, requestHash, hold));
    }

    private Decision part(
            Command<?> command, @Nullable HoldRow row, UUID holdId, List<Line> lines, Kind kind, long requestHash) {
        if (row == null || !isLive(row)) {
            return notLive(row, holdId);
        }
        if (!covers(row.hold().held(), lines)) {
            return Decision.no(new Outcome.NotHeld(row.hold(), row.hold().held()));
        }
        var hold =
                kind == Kind.CONFIRM ? row.hold().confirmed(lines) : row.hold().released(lines);
        return new Decision(
                new Outcome.Changed(hold, now, false),
                changes(holdId, lines, kind),
                row.with(hold),
                entry(command, requestHash, hold));
    }

    private Decision expire(ExpireHold command) {
        var row = view.hold(command.holdId());
        if (row == null) {
            return Decision.no(new Outcome.UnknownHold(command.holdId()));
        }
        if (row.hold().state() != State.ACTIVE) {
            return Decision.no(new Outcome.Ended(row.hold()));
        }
        return row.hold().isDue(now) ? expired(row, false) : Decision.no(new Outcome.NotDue(row.hold()));
    }

    private boolean isLive(HoldRow row) {
        return row.hold().state() == State.ACTIVE && !row.hold().isDue(now);
    }

    /** Why a hold cannot be extended, confirmed or released. One past its deadline ends here and now. */
    private Decision notLive(@Nullable HoldRow row, UUID holdId) {
        if (row == null) {
            return Decision.no(new Outcome.UnknownHold(holdId));
        }
        return row.hold().isDue(now) ? expired(row, true) : Decision.no(new Outcome.Ended(row.hold()));
    }

    private Decision expired(HoldRow row, boolean refusal) {
        var hold = row.hold().ended(State.EXPIRED);
        var outcome = refusal ? new Outcome.Ended(hold) : new Outcome.Changed(hold, now, false);
        return new Decision(outcome, changes(hold.id(), row.hold().held(), Kind.EXPIRE), row.with(hold), null);
    }

    /** These units are held no more; where they go depends on the kind. */
    private List<Change> changes(UUID holdId, List<Line> lines, Kind kind) {
        var changes = new ArrayList<Change>(lines.size());
        for (Line line : lines) {
            long allocated = kind == Kind.CONFIRM ? line.units() : 0;
            changes.add(change(line.stock(), kind, 0, -line.units(), allocated, holdId, null));
        }
        return changes;
    }

    private Decision sell(Sell command, long requestHash) {
        var lines = lines(command.lines(), command.sourcing(), SELLABLE, command.channel());
        var refusal = refusal(lines, SELLABLE, command.channel());
        if (refusal != null) {
            return Decision.no(refusal);
        }
        UUID id = command.key().id();
        var changes = new ArrayList<Change>(lines.size());
        for (Line line : lines) {
            changes.add(change(line.stock(), Kind.SELL, -line.units(), 0, 0, id, command.reference()));
        }
        return new Decision(
                new Outcome.Sold(id, lines, command.channel(), command.reference(), now, false),
                changes,
                null,
                new Entry(id, requestHash, now, movements(changes)));
    }

    private Decision settle(Settle command, long requestHash) {
        var row = view.hold(command.holdId());
        if (row == null) {
            return Decision.no(new Outcome.UnknownHold(command.holdId()));
        }
        var unknown = command.lines().stream()
                .map(Line::stock)
                .filter(stock -> known(stock) == null)
                .toList();
        if (!unknown.isEmpty()) {
            return Decision.no(new Outcome.UnknownSku(unknown));
        }
        var held = held(row.hold());
        var leased = new ArrayList<Line>();
        var changes = new ArrayList<Change>();
        for (Line line : command.lines()) {
            long own = Math.min(line.units(), held.getOrDefault(line.stock(), 0L));
            if (own > 0) {
                leased.add(new Line(line.stock(), own));
            }
            addSold(changes, line, own, command);
        }
        var movements = movements(changes);
        return new Decision(
                Outcome.Settled.of(command, movements, now, false),
                changes,
                leased.isEmpty() ? null : row.with(row.hold().sold(leased)),
                new Entry(command.key().id(), requestHash, now, movements));
    }

    /** On hand never falls below 0: what was sold was there, so it is found first. */
    private void addSold(List<Change> changes, Line line, long leased, Settle command) {
        UUID id = command.key().id();
        var level = requireNonNull(view.level(line.stock()));
        long found = line.units() - level.onHand();
        if (found > 0) {
            var counted = level.moved(found, 0, 0);
            changes.add(change(level, counted, Kind.ADJUST, id, "sold, so it was there"));
            level = counted;
        }
        changes.add(change(level, level.sold(line.units(), leased), Kind.SELL, id, command.note()));
    }

    private Decision ship(Ship command, long requestHash) {
        var row = view.hold(command.holdId());
        if (row == null || !covers(row.hold().allocated(), command.lines())) {
            return notAllocated(row, command.holdId());
        }
        var refusal = refusal(command.lines(), ON_HAND, null);
        if (refusal != null) {
            return Decision.no(refusal);
        }
        var changes = new ArrayList<Change>(command.lines().size());
        for (Line line : command.lines()) {
            changes.add(change(line.stock(), Kind.SHIP, -line.units(), 0, -line.units(), command.holdId(), null));
        }
        return moved(command.key(), requestHash, changes, row.with(row.hold().shipped(command.lines())));
    }

    private Decision deallocate(Deallocate command, long requestHash) {
        var row = view.hold(command.holdId());
        if (row == null || !covers(row.hold().allocated(), command.lines())) {
            return notAllocated(row, command.holdId());
        }
        var changes = new ArrayList<Change>(command.lines().size());
        for (Line line : command.lines()) {
            changes.add(change(line.stock(), Kind.DEALLOCATE, 0, 0, -line.units(), command.holdId(), null));
        }
        return moved(command.key(), requestHash, changes, row.with(row.hold().deallocated(command.lines())));
    }

    private static Decision notAllocated(@Nullable HoldRow row, UUID holdId) {
        return Decision.no(
                row == null
                        ? new Outcome.UnknownHold(holdId)
                        : new Outcome.NotAllocated(row.hold(), row.hold().allocated()));
    }

    /** Whether each of these lines is within those; one line a stock. */
    private static boolean covers(List<Line> those, List<Line> lines) {
        return lines.stream()
                .allMatch(line -> those.stream()
                        .anyMatch(other -> other.stock().equals(line.stock()) && other.units() >= line.units()));
    }

    private Decision add(
            IdempotencyKey key, StockKey stock, long units, Kind kind, @Nullable String note, long requestHash) {
        var level = kind == Kind.RECEIVE ? view.level(stock) : known(stock);
        if (level == null) {
            return unknown(stock);
        }
        if (level.onHand() + units > Level.UNITS_MAX) {
            return Decision.no(new Outcome.OverLimit(level));
        }
        return moved(key, requestHash, List.of(change(stock, kind, units, 0, 0, key.id(), note)), null);
    }

    private Decision adjust(Adjust command, long requestHash) {
        var level = known(command.stock());
        if (level == null) {
            return unknown(command.stock());
        }
        if (isStale(level, command.expectedVersion())) {
            return Decision.no(new Outcome.VersionChanged(level));
        }
        if (command.delta() < 0 && level.removable() < -command.delta()) {
            return Decision.no(new Outcome.PromisedStock(level));
        }
        if (level.onHand() + command.delta() > Level.UNITS_MAX) {
            return Decision.no(new Outcome.OverLimit(level));
        }
        var key = command.key();
        var change = change(command.stock(), Kind.ADJUST, command.delta(), 0, 0, key.id(), command.reason());
        return moved(key, requestHash, List.of(change), null);
    }

    private Decision count(Count command, long requestHash) {
        var level = known(command.stock());
        if (level == null) {
            return unknown(command.stock());
        }
        if (isStale(level, command.expectedVersion())) {
            return Decision.no(new Outcome.VersionChanged(level));
        }
        var key = command.key();
        var change = change(level, level.counted(command.counted()), Kind.COUNT, key.id(), command.reason());
        return moved(key, requestHash, List.of(change), null);
    }

    private Decision transfer(Transfer command, long requestHash) {
        var from = known(command.from());
        if (from == null) {
            return unknown(command.from());
        }
        var to = view.level(command.target());
        if (to == null) {
            return unknown(command.target());
        }
        if (isStale(from, command.expectedVersion())) {
            return Decision.no(new Outcome.VersionChanged(from));
        }
        long units = command.quantity().units();
        if (from.removable() < units) {
            return Decision.no(new Outcome.Insufficient(List.of(shortage(from, units, from.removable()))));
        }
        if (to.onHand() + units > Level.UNITS_MAX) {
            return Decision.no(new Outcome.OverLimit(to));
        }
        var key = command.key();
        return moved(
                key,
                requestHash,
                List.of(
                        change(command.from(), Kind.TRANSFER_OUT, -units, 0, 0, key.id(), null),
                        change(command.target(), Kind.TRANSFER_IN, units, 0, 0, key.id(), null)),
                null);
    }

    private Decision setLimits(SetLimits command, long requestHash) {
        var level = known(command.stock());
        if (level == null) {
            return unknown(command.stock());
        }
        if (isStale(level, command.expectedVersion())) {
            return Decision.no(new Outcome.VersionChanged(level));
        }
        var after = level.limited(
                command.safetyStock(),
                command.backorderLimit(),
                command.buffers() == null ? level.buffers() : command.buffers());
        if (after.uncommitted() < 0) {
            return Decision.no(new Outcome.PromisedStock(level));
        }
        var key = command.key();
        return moved(key, requestHash, List.of(change(level, after, Kind.SET_LIMITS, key.id(), null)), null);
    }

    /** The lines with those that have no location yet: where they are taken from, or where they are short. */
    private List<Line> lines(
            List<Line> lines, @Nullable Sourcing sourcing, Takeable takeable, @Nullable String channel) {
        if (sourcing == null) {
            return lines;
        }
        return Sources.lines(lines, sourcing, stock -> {
            var level = known(stock);
            return level == null ? Sources.UNKNOWN : takeable.units(level, channel);
        });
    }

    /** What stands against taking these lines: every unknown stock, else every short one; null if nothing does. */
    private @Nullable Outcome refusal(List<Line> lines, Takeable takeable, @Nullable String channel) {
        List<StockKey> unknown = null;
        List<Outcome.Shortage> shortages = null;
        for (Line line : lines) {
            var level = known(line.stock());
            if (level == null) {
                unknown = unknown == null ? new ArrayList<>() : unknown;
                unknown.add(line.stock());
            } else if (takeable.units(level, channel) < line.units()) {
                shortages = shortages == null ? new ArrayList<>() : shortages;
                shortages.add(shortage(level, line.units(), takeable.units(level, channel)));
            }
        }
        if (unknown != null) {
            return new Outcome.UnknownSku(unknown);
        }
        return shortages == null ? null : new Outcome.Insufficient(shortages);
    }

    /** A level that exists already: one that only waits for its first movement has been made for a later command. */
    private @Nullable Level known(StockKey stock) {
        var level = view.level(stock);
        return level == null || level.version() == 0 ? null : level;
    }

    private Outcome.Shortage shortage(Level level, long requested, long available) {
        return new Outcome.Shortage(
                level.stock(), requested, available, level.held(), view.nextReleaseAt(level.stock()));
    }

    private static boolean isStale(Level level, @Nullable Long expectedVersion) {
        return expectedVersion != null && expectedVersion != level.version();
    }

    private static Decision unknown(StockKey stock) {
        return Decision.no(new Outcome.UnknownSku(List.of(stock)));
    }

    private Decision moved(IdempotencyKey key, long requestHash, List<Change> changes, @Nullable HoldRow hold) {
        var movements = movements(changes);
        return new Decision(
                new Outcome.Moved(movements, false), changes, hold, new Entry(key.id(), requestHash, now, movements));
    }

    private @Nullable Entry entry(Command<?> command, long requestHash, Hold hold) {
        var key = command.key();
        return key == null ? null : new Entry(key.id(), requestHash, now, List.of(), hold.expiresAt(), hold.parts());
    }

    private static List<Movement> movements(List<Change> changes) {
        return changes.stream().map(Change::movement).toList();
    }

    private Change change(
            StockKey stock,
            Kind kind,
            long onHandDelta,
            long heldDelta,
            long allocatedDelta,
            UUID cause,
            @Nullable String note) {
        var before = requireNonNull(view.level(stock), "a hold's stock is always loaded");
        return change(before, before.moved(onHandDelta, heldDelta, allocatedDelta), kind, cause, note);
    }

    private Change change(Level before, Level after, Kind kind, UUID cause, @Nullable String note) {
        return new Change(
                after,
                new Movement(
                        after.stock(),
                        after.version(),
                        kind,
                        after.onHand() - before.onHand(),
                        after.held() - before.held(),
                        after.allocated() - before.allocated(),
                        after.shortfall() - before.shortfall(),
                        cause,
                        note,
                        now));
    }
}
