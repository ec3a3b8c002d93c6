package dev.holdfast.engine.redis;

import dev.holdfast.engine.Command;
import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.EngineFailure;
import dev.holdfast.engine.Guard;
import dev.holdfast.engine.Line;
import dev.holdfast.engine.Outcome;
import dev.holdfast.engine.Outcome.Shortage;
import dev.holdfast.engine.StockKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Counts in Redis what is available, so that most of those who come too late are told so without a transaction.
 *
 * <p>Guarantees. Every "yes" is the database's. A "no" is the database's too, now or at most a second ago: Redis only repeats one,
 * for a request that asks for more than was available then, while no engine has told of more units since, while the first
 * deadline of the holds in the way has not passed by the database's clock, and if the request's key is new to the database. So a counter that is
 * wrong, lost, or of yesterday never sells a unit twice and never says "sold out" by itself: too high, and the database refuses;
 * too low, and the request goes to the database without units taken. What a raise can be hidden for, if it was never told to Redis
 * (a process killed between commit and call, a writer of another write path), is that second.
 *
 * <p>Counters agree with the database within 5 s after Redis is back, once traffic is quiet for a second. Under traffic they may
 * drift after a fault, and changes that are being committed while a counter is loaded may be counted twice; that costs trips to the
 * database, and the {@link Reconciler} heals it in the next quiet second.
 *
 * <p>A hold is taken from all its counters at once or from none, in one script. Redis is told of the outcome after the commit and
 * before the caller. A take whose fate is unknown stays noted in Redis until somebody looks the hold up.
 *
 * <p>The key: a hold that was placed must get its answer again however sold out its stock is now. No memory in Redis can be trusted
 * to know all keys, nor a client's clock in a UUIDv7 to tell old keys from new ones. So a repeated "no" costs one look by primary keys
 * on the worker's connection, without locks and without a commit to wait for, which also reads the database's clock.
 *
 * <p>Only requests of a single {@link PlaceHold#plain plain} hold are counted before. A list of commands shares a transaction anyway, and
 * goes straight to the database; where units are taken from is decided there too, and what a superseded hold gives back. Like
 * everything else that is counted afterwards. What a stock keeps for some channels is not counted: it lets them ask, and no "no" about it
 * is repeated.
 */
final class RedisCounter implements Guard {
    /** Of one script when a transaction changed many stocks: 500 are about 1 ms of Redis. */
    private static final int STOCKS_MAX = 500;

    private final Redis redis;
    private final Keys keys;
    private final RedisMetrics metrics;
    private final Reconciler reconciler;

    RedisCounter(Redis redis, Keys keys, RedisMetrics metrics, Reconciler reconciler) {
        this.redis = redis;
        this.keys = keys;
        this.metrics = metrics;
        this.reconciler = reconciler;
    }

    @Override
    public List<? extends Outcome> decide(List<? extends Command<?>> commands, Database database) {
        if (commands.size() == 1 && commands.getFirst() instanceof PlaceHold place && place.plain()) {
            return List.of(place(place, database));
        }
        var decided = database.decide();
        var stocks = List.copyOf(decided.availableDeltas().keySet());
        for (int i = 0; i < stocks.size(); i += STOCKS_MAX) {
            var some = stocks.subList(i, Math.min(i + STOCKS_MAX, stocks.size()));
            settle(null, new LinkedHashSet<>(some), decided.availableDeltas(), Map.of(), Map.of());
        }
        return decided.outcomes();
    }

    /** What is known of one stock of a request. */
    private record Seen(
            boolean counted,
            boolean enough,
            String raises,
            @Nullable Refusal refusal) {}

    private Outcome place(PlaceHold command, Database database) {
        var take = Take.of(command);
        var stocks = command.lines().stream().map(Line::stock).toList();
        reconciler.used(stocks);
        var answer = redis.call(CounterScripts.TAKE, keys.counters(stocks), arguments(take));
        if (answer == null) {
            metrics.passed("away");
            return decide(take, Map.of(), command, database);
        }
        boolean taken = answer.getFirst().equals(1L);
        var seen = seen(command, answer);
        if (!taken) {
            var refusal = repeated(command, seen, database);
            if (refusal != null) {
                metrics.refused();
                return refusal;
            }
            metrics.passed(seen.values().stream().allMatch(Seen::counted) ? "short" : "uncounted");
        }
        return decide(taken ? take : null, seen, command, database);
    }

    private static List<String> arguments(Take take) {
        var arguments = new ArrayList<>(List.of(take.id(), take.text()));
        take.lines().forEach(line -> arguments.add(String.valueOf(line.units())));
        return arguments;
    }

    private static Map<StockKey, Seen> seen(PlaceHold command, List<Object> answer) {
        var seen = new HashMap<StockKey, Seen>();
        int at = 1;
        for (Line line : command.lines()) {
            var available = (String) answer.get(at);
            seen.put(
                    line.stock(),
                    new Seen(
                            !available.isEmpty(),
                            !available.isEmpty() && Long.parseLong(available) >= line.units(),
                            (String) answer.get(at + 1),
                            Refusal.parse((String) answer.get(at + 2))));
            at += 3;
        }
        return seen;
    }

    /** The database's "no" again, if it answers this request too; null if the database has to be asked. */
    private static Outcome.@Nullable Insufficient repeated(
            PlaceHold command, Map<StockKey, Seen> seen, Database database) {
        var refusals = new ArrayList<Refusal>();
        var shortages = new ArrayList<Shortage>();
        for (Line line : command.lines()) {
            var stock = seen.get(line.stock());
            if (stock == null || !stock.counted) {
                return null;
            }
            if (!stock.enough) {
                if (stock.refusal == null || !stock.refusal.covers(line.units())) {
                    return null;
                }
                refusals.add(stock.refusal);
                shortages.add(stock.refusal.shortage(line.stock(), line.units()));
            }
        }
        var now = database.timeIfUnused(command.key().id());
        return now != null && refusals.stream().allMatch(refusal -> refusal.holdsAt(now))
                ? new Outcome.Insufficient(shortages)
                : null;
    }

    /** Asks the database, then tells Redis. */
    private Outcome decide(@Nullable Take take, Map<StockKey, Seen> seen, PlaceHold command, Database database) {
        Decided decided;
        try {
            decided = database.decide();
        } catch (EngineFailure e) {
            reconciler.want(
                    seen.keySet()); // nobody knows whether the hold is there; the take stays until it is looked up
            throw e;
        }
        var outcome = decided.outcomes().getFirst();
        var changes = new HashMap<>(decided.availableDeltas());
        if (outcome instanceof Outcome.Placed placed && !placed.replayed()) {
            // Absent if the commit's answer was lost and the transaction, run again, only found the hold.
            command.lines().forEach(line -> changes.putIfAbsent(line.stock(), -line.units()));
        }
        var refusals = new HashMap<StockKey, Refusal>();
        if (outcome instanceof Outcome.Insufficient insufficient) {
            for (Shortage shortage : insufficient.shortages()) {
                var refusal = Refusal.of(shortage);
                if (refusal != null && !decided.buffered().contains(shortage.stock())) {
                    refusals.put(shortage.stock(), refusal);
                }
            }
        }
        var stocks = new LinkedHashSet<>(changes.keySet());
        command.lines().forEach(line -> stocks.add(line.stock()));
        settle(take, stocks, changes, seen, refusals);
        return outcome;
    }

    private void settle(
            @Nullable Take take,
            Set<StockKey> stocks,
            Map<StockKey, Long> changes,
            Map<StockKey, Seen> seen,
            Map<StockKey, Refusal> refusals) {
        var taken = new HashMap<StockKey, Long>();
        if (take != null) {
            take.lines().forEach(line -> taken.put(line.stock(), line.units()));
        }
        var arguments = new ArrayList<String>();
        arguments.add(take == null ? "" : take.id());
        for (StockKey stock : stocks) {
            var known = seen.get(stock);
            var refusal = refusals.get(stock);
            arguments.add(String.valueOf(taken.getOrDefault(stock, 0L)));
            arguments.add(String.valueOf(changes.getOrDefault(stock, 0L)));
            arguments.add(known == null ? "" : known.raises);
            arguments.add(refusal == null ? "" : refusal.text());
        }
        var list = new ArrayList<>(stocks);
        var answer = redis.call(CounterScripts.SETTLE, keys.counters(list), arguments);
        if (answer == null) {
            reconciler.unsettled(take, stocks);
            return;
        }
        var uncounted = new ArrayList<StockKey>();
        for (int i = 0; i < answer.size(); i++) {
            if (answer.get(i).equals(0L)) {
                uncounted.add(list.get(i));
            }
        }
        reconciler.want(uncounted);
    }

    @Override
    public void close() {
        reconciler.close();
        redis.close();
    }
}
