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
import dev.holdfast.engine.Decision.HoldRow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.statistics.Statistics;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;

/** What is true of every history of commands, whatever they are and in whatever order they come. */
class DeciderPropertiesTest {
    private static final List<StockKey> STOCKS = List.of(StockKey.of("A"), StockKey.of("B"), StockKey.of("A", "b"));

    /** Few holds, so that commands find them; more keys than that, so that not every second one is taken. */
    private static final int HOLDS = 5;

    private static final int KEYS = 60;

    /** A command and the seconds that pass before it. */
    record Step(Command<?> command, int seconds) {}

    @Provide
    Arbitrary<List<Step>> histories() {
        return Combinators.combine(commands(), Arbitraries.of(0, 0, 0, 1, 5))
                .as(Step::new)
                .list()
                .ofMinSize(30)
                .ofMaxSize(80)
                .map(DeciderPropertiesTest::stocked);
    }

    private static List<Step> stocked(List<Step> history) {
        var all = new ArrayList<Step>();
        for (StockKey stock : STOCKS.subList(0, 2)) {
            all.add(new Step(new Receive(IdempotencyKey.of("test", stock.toString()), stock, Quantity.of(8), null), 0));
        }
        all.addAll(history);
        return all;
    }

    private static Arbitrary<Command<?>> commands() {
        var keys = Arbitraries.integers().between(0, KEYS).map(i -> IdempotencyKey.of("test", "k" + i));
        var holdKeys = Arbitraries.integers().between(0, HOLDS).map(i -> IdempotencyKey.of("test", "k" + i));
        var holdIds = holdKeys.map(IdempotencyKey::id);
        var optionalKeys = keys.injectNull(0.5);
        var stocks = Arbitraries.of(STOCKS);
        var units = Arbitraries.longs().between(1, 5);
        var quantities = units.map(Quantity::of);
        var lines = Combinators.combine(stocks, units)
                .as(Line::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(3);
        var sourcings = Combinators.combine(
                        Arbitraries.of("A", "B"),
                        units,
                        Arbitraries.of(Sourcing.Policy.class),
                        Arbitraries.of(true, false))
                .as((sku, n, policy, split) -> new Sourcing(
                        List.of(new Sourcing.Wanted(new Sku(sku), n)),
                        List.of(new Location("b"), Location.MAIN),
                        policy,
                        split,
                        null));
        var fewLines = Arbitraries.oneOf(lines, Arbitraries.just(List.<Line>of()));
        var ttls = Arbitraries.of(1L, 5L, 60L).map(Duration::ofSeconds);
        var versions = Arbitraries.longs().between(0, 6).injectNull(0.6);
        var deltas = Arbitraries.longs().between(-6, 6).filter(delta -> delta != 0);
        var limits = Arbitraries.longs().between(0, 4);
        var channels = Arbitraries.of("till", "web").injectNull(0.3);
        var buffers = Combinators.combine(
                        Arbitraries.of("till", "web"),
                        Arbitraries.longs().between(0, 3),
                        Arbitraries.integers().between(0, 2))
                .as(Buffer::new)
                .list()
                .ofMaxSize(2)
                .uniqueElements(Buffer::channel)
                .injectNull(0.3);
        Arbitrary<Command<?>> place = Combinators.combine(holdKeys, lines, ttls, channels)
                .as((k, l, t, c) -> new PlaceHold(k, l, t, c, null));
        Arbitrary<Command<?>> placeAnywhere = Combinators.combine(
                        holdKeys, fewLines, ttls, sourcings, holdIds.injectNull(0.5))
                .as((k, l, t, s, h) -> new PlaceHold(k, l, t, null, null, s, h));
        Arbitrary<Command<?>> placeInstead = Combinators.combine(holdKeys, lines, ttls, holdIds)
                .as((k, l, t, h) -> new PlaceHold(k, l, t, null, null, null, h));
        Arbitrary<Command<?>> receive =
                Combinators.combine(keys, stocks, quantities).as((k, s, q) -> new Receive(k, s, q, null));
        Arbitrary<Command<?>> confirm =
                Combinators.combine(optionalKeys, holdIds).as(ConfirmHold::new);
        Arbitrary<Command<?>> release =
                Combinators.combine(optionalKeys, holdIds).as(ReleaseHold::new);
        Arbitrary<Command<?>> extend =
                Combinators.combine(optionalKeys, holdIds, ttls).as(ExtendHold::new);
        Arbitrary<Command<?>> ship = Combinators.combine(keys, holdIds, lines).as(Ship::new);
        return Arbitraries.frequencyOf(
                Tuple.of(4, place),
                Tuple.of(3, placeAnywhere),
                Tuple.of(3, placeInstead),
                Tuple.of(4, receive),
                Tuple.of(3, confirm),
                Tuple.of(2, release),
                Tuple.of(2, Combinators.combine(keys, holdIds, lines).as(ConfirmHold::new)),
                Tuple.of(2, Combinators.combine(keys, holdIds, lines).as(ReleaseHold::new)),
                Tuple.of(2, extend),
                Tuple.of(2, ship),
                Tuple.of(2, Combinators.combine(keys, holdIds, lines).as(Deallocate::new)),
                Tuple.of(2, Combinators.combine(keys, holdIds, lines).as((k, h, l) -> new Settle(k, h, l, null, null))),
                Tuple.of(2, holdIds.map(ExpireHold::new)),
                Tuple.of(1, Combinators.combine(keys, lines, channels).as((k, l, c) -> new Sell(k, l, c, null))),
                Tuple.of(
                        1,
                        Combinators.combine(keys, fewLines, sourcings).as((k, l, s) -> new Sell(k, l, null, null, s))),
                Tuple.of(1, Combinators.combine(keys, stocks, quantities).as((k, s, q) -> new Return(k, s, q, null))),
                Tuple.of(
                        1,
                        Combinators.combine(keys, stocks, deltas, versions)
                                .as((k, s, d, v) -> new Adjust(k, s, d, "why", v))),
                Tuple.of(
                        2,
                        Combinators.combine(keys, stocks, limits, versions)
                                .as((k, s, c, v) -> new Count(k, s, c, null, v))),
                Tuple.of(
                        1,
                        Combinators.combine(keys, stocks, quantities, versions)
                                .as((k, s, q, v) -> new Transfer(
                                        k, s, new Location(s.location().equals(Location.MAIN) ? "b" : "c"), q, v))),
                Tuple.of(
                        1,
                        Combinators.combine(keys, stocks, limits, limits, buffers, versions)
                                .as(SetLimits::new)));
    }

    /** Otherwise the properties below would be true of nothing. */
    @Property(tries = 300)
    void historiesReachEveryAnswer(@ForAll("histories") List<Step> history) {
        play(new World(), history)
                .forEach(outcome -> Statistics.collect(outcome.getClass().getSimpleName()));
        Statistics.coverage(answers -> List.of(
                        "Placed",
                        "Changed",
                        "Sold",
                        "Settled",
                        "Moved",
                        "Insufficient",
                        "UnknownSku",
                        "UnknownHold",
                        "Ended",
                        "NotHeld",
                        "NotDue",
                        "PromisedStock",
                        "VersionChanged",
                        "NotAllocated",
                        "KeyReused")
                .forEach(answer -> answers.check(answer).count(count -> count > 0)));
    }

    @Property(tries = 300)
    void levelsAreTheSumsOfTheirLedgersAndOfTheirHolds(@ForAll("histories") List<Step> history) {
        var world = new World();
        play(world, history);
        world.levels.forEach((stock, level) -> {
            assertThat(sum(world, stock, Movement::onHandDelta)).isEqualTo(level.onHand());
            assertThat(sum(world, stock, Movement::heldDelta)).isEqualTo(level.held());
            assertThat(sum(world, stock, Movement::allocatedDelta)).isEqualTo(level.allocated());
            assertThat(sum(world, stock, Movement::shortfallDelta)).isEqualTo(level.shortfall());
            assertThat(claimed(world, stock, Hold::held)).isEqualTo(level.held());
            assertThat(claimed(world, stock, Hold::allocated)).isEqualTo(level.allocated());
        });
    }

    private static long sum(World world, StockKey stock, ToLongFunction<Movement> delta) {
        return world.ledger.stream()
                .filter(movement -> movement.stock().equals(stock))
                .mapToLong(delta)
                .sum();
    }

    private static long claimed(World world, StockKey stock, Function<Hold, List<Line>> lines) {
        return world.holds.values().stream()
                .flatMap(row -> lines.apply(row.hold()).stream())
                .filter(line -> line.stock().equals(stock))
                .mapToLong(Line::units)
                .sum();
    }

    @Property(tries = 300)
    void nothingIsNegativeAndNoPromiseIsUncovered(@ForAll("histories") List<Step> history) {
        var world = new World();
        for (Step step : history) {
            var before = Map.copyOf(world.levels);
            play(world, List.of(step));
            world.levels.forEach((stock, level) -> {
                assertThat(List.of(
                                level.onHand(), level.held(), level.allocated(), level.shortfall(), level.available()))
                        .allMatch(units -> units >= 0);
                assertThat(level.promised())
                        .isLessThanOrEqualTo(level.onHand() + level.backorderLimit() + level.shortfall());
                var was = before.get(stock);
                boolean raised = level.shortfall() > (was == null ? 0 : was.shortfall());
                assertThat(raised && !(step.command() instanceof Count || step.command() instanceof Settle))
                        .isFalse();
            });
        }
    }

    @Property(tries = 300)
    void versionsAreGapless(@ForAll("histories") List<Step> history) {
        var world = new World();
        play(world, history);
        Map<StockKey, Long> last = new HashMap<>();
        for (Movement movement : world.ledger) {
            assertThat(movement.version()).isEqualTo(last.merge(movement.stock(), 1L, Long::sum));
        }
        world.levels.forEach((stock, level) -> assertThat(level.version()).isEqualTo(last.get(stock)));
    }

    @Property(tries = 300)
    void aRefusalChangesNothingAndARequestThatIsTakenTakesAllItsLines(@ForAll("histories") List<Step> history) {
        var world = new World();
        for (Step step : history) {
            var before = Map.copyOf(world.levels);
            var holds = Map.copyOf(world.holds);
            var outcome = play(world, List.of(step)).getFirst();
            switch (outcome) {
                case Outcome.Placed o
                when !o.replayed() -> assertTaken(o.hold(), superseded(step.command(), holds), before, world.levels);
                case Outcome.Sold o
                when !o.replayed() ->
                    o.lines()
                            .forEach(line -> assertThat(at(before, line.stock()).onHand()
                                            - at(world.levels, line.stock()).onHand())
                                    .isEqualTo(line.units()));
                case Outcome.Settled o
                when !o.replayed() ->
                    o.lines()
                            .forEach(line -> assertThat(at(world.levels, line.stock()))
                                    .satisfies(level -> {
                                        var was = at(before, line.stock());
                                        assertThat(level.onHand())
                                                .isEqualTo(was.onHand() + line.found() - line.units());
                                        assertThat(level.held()).isEqualTo(was.held() - line.leased());
                                        assertThat(line.found()).isEqualTo(Math.max(0, line.units() - was.onHand()));
                                        assertThat(line.shortfall())
                                                .isEqualTo(Math.max(0, level.shortfall() - was.shortfall()));
                                    }));
                case Outcome.Moved o
                when !o.replayed() ->
                    assertThat(o.movements())
                            .allMatch(movement ->
                                    at(world.levels, movement.stock()).version() == movement.version());
                case Outcome.Changed o when !o.replayed() -> {}
                // Asked for too late, a hold ends: that is the one refusal that leaves a trace.
                case Outcome.Ended o when o.hold().lapsed() && o.hold().state() != Hold.State.RELEASED -> {}
                default -> {
                    assertThat(world.levels).isEqualTo(before);
                    assertThat(world.holds).isEqualTo(holds);
                }
            }
        }
    }

    private static List<Line> superseded(Command<?> command, Map<UUID, HoldRow> holds) {
        var id = command instanceof PlaceHold place ? place.supersedes() : null;
        var row = id == null ? null : holds.get(id);
        return row == null ? List.of() : row.hold().held();
    }

    private static void assertTaken(
            Hold hold, List<Line> superseded, Map<StockKey, Level> before, Map<StockKey, Level> after) {
        Map<StockKey, Long> taken = new HashMap<>();
        hold.lines().forEach(line -> taken.merge(line.stock(), line.units(), Long::sum));
        superseded.forEach(line -> taken.merge(line.stock(), -line.units(), Long::sum));
        taken.forEach((stock, units) ->
                assertThat(at(after, stock).held() - at(before, stock).held()).isEqualTo(units));
    }

    /** Whatever happened meanwhile to the shelf: what a buyer has they can have again, and all that is free besides. */
    @Property(tries = 300)
    void nobodyIsInTheWayOfTheirOwnHold(@ForAll("histories") List<Step> history) {
        var world = new World();
        play(world, history);
        for (HoldRow row : List.copyOf(world.holds.values())) {
            var old = row.hold();
            if (old.held().isEmpty()) {
                continue;
            }
            var line = old.held().getFirst();
            long most = line.units() + at(world.levels, line.stock()).available();
            var before = world.snapshot();
            assertThat(world.execute(instead(old, new Line(line.stock(), most + 1))))
                    .isInstanceOfSatisfying(
                            Outcome.Insufficient.class,
                            no -> assertThat(no.shortages().getFirst().available())
                                    .isEqualTo(most));
            assertThat(world.snapshot()).isEqualTo(before);
            assertThat(world.execute(instead(old, new Line(line.stock(), most))))
                    .isInstanceOf(Outcome.Placed.class);
            assertThat(world.execute(ConfirmHold.of(old.id()))).isInstanceOf(Outcome.Ended.class);
        }
    }

    private static PlaceHold instead(Hold old, Line... lines) {
        return new PlaceHold(
                IdempotencyKey.random(), List.of(lines), Duration.ofMinutes(1), null, null, null, old.id());
    }

    @Property(tries = 300)
    void aRequestThatFitsIsTakenAndOneThatDoesNotIsRefused(@ForAll("histories") List<Step> history) {
        var world = new World();
        play(world, history);
        for (StockKey stock : STOCKS) {
            var level = world.levels.get(stock);
            if (level != null) {
                for (String channel : new String[] {"other", "web", "till"}) {
                    fits(world, stock, channel);
                }
            }
        }
    }

    private static void fits(World world, StockKey stock, String channel) {
        long available = at(world.levels, stock).available(channel);
        assertThat(world.execute(placing(stock, available + 1, channel))).isInstanceOf(Outcome.Insufficient.class);
        if (available > 0) {
            assertThat(world.execute(placing(stock, available, channel))).isInstanceOf(Outcome.Placed.class);
        }
        assertThat(at(world.levels, stock).available(channel)).isZero();
    }

    private static PlaceHold placing(StockKey stock, long units, String channel) {
        return new PlaceHold(
                IdempotencyKey.random(), List.of(new Line(stock, units)), Duration.ofMinutes(1), channel, null);
    }

    @Property(tries = 300)
    void aHoldEndsOnce(@ForAll("histories") List<Step> history) {
        var world = new World();
        var ends = new HashMap<UUID, Hold.State>();
        for (Step step : history) {
            play(world, List.of(step));
            world.holds.forEach((id, row) -> {
                if (row.hold().state() != Hold.State.ACTIVE) {
                    var end = ends.putIfAbsent(id, row.hold().state());
                    assertThat(end == null || end == row.hold().state()).isTrue();
                } else {
                    assertThat(ends).doesNotContainKey(id);
                }
            });
        }
    }

    @Property(tries = 300)
    void anEarlierCommandGivenAgainGetsItsFirstAnswerAndChangesNothing(@ForAll("histories") List<Step> history) {
        var world = new World();
        var outcomes = play(world, history);
        Map<Command<?>, Outcome> firstAnswers = new LinkedHashMap<>();
        for (int i = 0; i < history.size(); i++) {
            var command = history.get(i).command();
            if (command.key() != null && isSuccess(outcomes.get(i))) {
                firstAnswers.putIfAbsent(command, outcomes.get(i));
            }
        }
        var before = world.snapshot();
        firstAnswers.forEach((command, first) -> {
            var again = world.execute(command);
            assertThat(isReplay(again)).isTrue();
            assertThat(Outcome.asFirst(again)).isEqualTo(first);
        });
        assertThat(world.snapshot()).isEqualTo(before);
    }

    private static Level at(Map<StockKey, Level> levels, StockKey stock) {
        return Objects.requireNonNull(levels.get(stock));
    }

    private static boolean isSuccess(Outcome outcome) {
        return isReplayable(outcome) && !isReplay(outcome);
    }

    private static boolean isReplayable(Outcome outcome) {
        return outcome instanceof Outcome.Placed
                || outcome instanceof Outcome.Sold
                || outcome instanceof Outcome.Moved
                || outcome instanceof Outcome.Changed;
    }

    private static boolean isReplay(Outcome outcome) {
        return isReplayable(outcome) && !outcome.equals(Outcome.asFirst(outcome));
    }

    @Property(tries = 200)
    void decidingTwiceGivesTheSameAndChangesNothing(@ForAll("histories") List<Step> history) {
        var world = new World();
        for (Step step : history) {
            world.now = world.now.plusSeconds(step.seconds());
            var before = world.snapshot();
            var decision = world.decide(step.command());
            assertThat(world.decide(step.command())).isEqualTo(decision);
            assertThat(world.snapshot()).isEqualTo(before);
            world.apply(decision);
        }
    }

    /** A batch is the same world with a memory of what it was: whatever was decided can be undone and decided again. */
    @Property(tries = 200)
    void aBatchDecidesAsTheWorldDoesAndCanBeReset(
            @ForAll("histories") List<Step> past, @ForAll("histories") List<Step> history) {
        var world = new World();
        play(world, past);
        var batch = new Batch();
        history.forEach(step -> batch.name(step.command()));
        long id = 0;
        for (StockKey stock : batch.creatable) {
            batch.load(Level.empty(stock));
        }
        for (Level level : world.levels.values()) {
            batch.load(level);
        }
        for (StockKey stock : STOCKS) {
            batch.identify(stock, ++id);
        }
        world.holds.values().forEach(batch::load);
        world.entries.values().forEach(batch::load);
        var decided = decide(batch, history, world.now);
        var levels = levels(batch);
        var written = written(batch);
        batch.reset();
        assertThat(batch.changed()).isFalse();
        assertThat(decide(batch, history, world.now)).isEqualTo(decided);
        assertThat(levels(batch)).isEqualTo(levels);
        assertThat(written(batch)).isEqualTo(written);

        int ledger = world.ledger.size();
        assertThat(play(world, history)).isEqualTo(decided);
        assertThat(batch.movements).isEqualTo(world.ledger.subList(ledger, world.ledger.size()));
        world.levels.forEach((stock, level) -> assertThat(batch.level(stock)).isEqualTo(level));
        world.holds.forEach((hold, row) -> assertThat(batch.hold(hold)).isEqualTo(row));
    }

    private static List<Outcome> decide(Batch batch, List<Step> history, Instant begin) {
        var now = begin;
        var outcomes = new ArrayList<Outcome>();
        for (Step step : history) {
            now = now.plusSeconds(step.seconds());
            var decision = Decider.decide(batch, step.command(), RequestHash.of(step.command()), now);
            batch.apply(decision, null);
            outcomes.add(decision.outcome());
        }
        return outcomes.stream().map(DeciderPropertiesTest::withoutHints).toList();
    }

    private static Map<StockKey, @Nullable Level> levels(Batch batch) {
        var levels = new HashMap<StockKey, @Nullable Level>();
        STOCKS.forEach(stock -> levels.put(stock, batch.level(stock)));
        return levels;
    }

    /** What the batch would write. */
    private static List<Object> written(Batch batch) {
        return List.of(
                List.copyOf(batch.movements),
                Map.copyOf(batch.levelsBefore),
                Map.copyOf(batch.placedHolds),
                Map.copyOf(batch.changedHolds),
                Map.copyOf(batch.newDeadlines),
                List.copyOf(batch.newEntries));
    }

    private static List<Outcome> play(World world, List<Step> history) {
        var outcomes = new ArrayList<Outcome>();
        for (Step step : history) {
            world.now = world.now.plusSeconds(step.seconds());
            outcomes.add(withoutHints(world.execute(step.command())));
        }
        return outcomes;
    }

    /** When the next hold ends is an estimate, and a batch's differs from the world's. */
    private static Outcome withoutHints(Outcome outcome) {
        if (!(outcome instanceof Outcome.Insufficient insufficient)) {
            return outcome;
        }
        return new Outcome.Insufficient(insufficient.shortages().stream()
                .map(s -> new Outcome.Shortage(s.stock(), s.requested(), s.available(), s.heldByOthers(), null))
                .toList());
    }
}
