package dev.holdfast.engine;

import dev.holdfast.engine.Command.Receive;
import dev.holdfast.engine.Command.Transfer;
import dev.holdfast.engine.Decision.Entry;
import dev.holdfast.engine.Decision.HoldRow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A whole shop in memory, moved by the decider alone: no database, no lane, a clock that the test turns. */
final class World implements Decider.View {
    static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

    final Map<StockKey, Level> levels = new HashMap<>();
    final Map<UUID, HoldRow> holds = new HashMap<>();
    final Map<UUID, Entry> entries = new HashMap<>();
    final List<Movement> ledger = new ArrayList<>();
    Instant now = BEGIN;

    Decision decide(Command<?> command) {
        var created = new ArrayList<StockKey>();
        if (command instanceof Receive receive) {
            created.add(receive.stock());
        } else if (command instanceof Transfer transfer) {
            created.add(transfer.target());
        }
        created.removeIf(levels::containsKey);
        created.forEach(stock -> levels.put(stock, Level.empty(stock)));
        var decision = Decider.decide(this, command, RequestHash.of(command), now);
        created.forEach(levels::remove);
        return decision;
    }

    void apply(Decision decision) {
        decision.changes().forEach(change -> {
            levels.put(change.after().stock(), change.after());
            ledger.add(change.movement());
        });
        if (decision.hold() != null) {
            holds.put(decision.hold().hold().id(), decision.hold());
        }
        if (decision.superseded() != null) {
            holds.put(decision.superseded().hold().id(), decision.superseded());
        }
        if (decision.entry() != null) {
            entries.put(decision.entry().id(), decision.entry());
        }
    }

    Outcome execute(Command<?> command) {
        var decision = decide(command);
        apply(decision);
        return decision.outcome();
    }

    /** Everything there is, to be compared. */
    List<Object> snapshot() {
        return List.of(Map.copyOf(levels), Map.copyOf(holds), Map.copyOf(entries), List.copyOf(ledger));
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
        return holds.values().stream()
                .map(HoldRow::hold)
                .filter(hold -> hold.state() == Hold.State.ACTIVE)
                .filter(hold ->
                        hold.lines().stream().anyMatch(line -> line.stock().equals(stock)))
                .map(Hold::expiresAt)
                .min(Instant::compareTo)
                .orElse(null);
    }
}
