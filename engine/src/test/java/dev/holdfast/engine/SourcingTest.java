package dev.holdfast.engine;

import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.Command.Receive;
import dev.holdfast.engine.Command.ReleaseHold;
import dev.holdfast.engine.Command.Sell;
import dev.holdfast.engine.Command.Transfer;
import dev.holdfast.engine.Sourcing.Policy;
import dev.holdfast.engine.Sourcing.Wanted;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Units from wherever they are: never more than there are, and never refused while one is there. The rules are in {@code rules/}. */
@Execution(ExecutionMode.CONCURRENT) // they mostly wait, each on a database of its own
@ParameterizedClass
@EnumSource(Path.class)
class SourcingTest {
    private static final List<String> ABC = List.of("a", "b", "c");

    private final Path path;
    private final Shop shop;
    private final StockEngine engine;

    SourcingTest(Path path) {
        this.path = path;
        shop = Shop.unswept(path);
        engine = shop.engine();
    }

    @AfterEach
    void theBooksAreRight() {
        shop.close();
    }

    private void receive(String sku, String location, long units) {
        engine.execute(new Receive(IdempotencyKey.random(), StockKey.of(sku, location), Quantity.of(units), null));
    }

    private static Sourcing sourcing(List<String> from, Policy policy, boolean split, Wanted... wanted) {
        return new Sourcing(List.of(wanted), from.stream().map(Location::new).toList(), policy, split, "terms");
    }

    private static Policy policy(boolean fewest) {
        return fewest ? Policy.FEWEST_PARCELS : Policy.IN_ORDER;
    }

    private static Sourcing inOrder(List<String> from, String sku, long units) {
        return sourcing(from, Policy.IN_ORDER, true, new Wanted(new Sku(sku), units));
    }

    private static PlaceHold placing(IdempotencyKey key, int ttlSeconds, Sourcing sourcing, Line... lines) {
        return new PlaceHold(key, List.of(lines), Duration.ofSeconds(ttlSeconds), "web", null, sourcing, null);
    }

    private static PlaceHold placing(Sourcing sourcing) {
        return placing(IdempotencyKey.random(), 60, sourcing);
    }

    private Hold place(PlaceHold placing) {
        var outcome = engine.execute(placing);
        assertThat(outcome).isInstanceOf(Outcome.Placed.class);
        return ((Outcome.Placed) outcome).hold();
    }

    private long held(String sku) {
        return engine.levels(new Sku(sku)).stream().mapToLong(Level::held).sum();
    }

    @Test
    void aHoldIsKeptAndAnsweredWithTheLocationsItWasGiven() {
        receive("A", "a", 2);
        receive("A", "b", 2);
        receive("B", "b", 2);
        var placing = placing(IdempotencyKey.random(), 60, inOrder(ABC, "A", 3), Line.of("B", "b", 1));
        var hold = place(placing);

        assertThat(hold.lines()).containsExactly(Line.of("B", "b", 1), Line.of("A", "a", 2), Line.of("A", "b", 1));
        assertThat(engine.hold(hold.id())).contains(hold);

        // What is asked for again is the hold that there is, whatever the candidates and their order are by now.
        engine.execute(ReleaseHold.of(place(placing(inOrder(ABC, "A", 1))).id()));
        var again = placing(placing.key(), 60, inOrder(List.of("c", "d"), "A", 3), Line.of("B", "b", 1));
        assertThat(engine.execute(again)).isEqualTo(new Outcome.Placed(hold, true));
        engine.execute(ReleaseHold.of(hold.id()));
        assertThat(engine.execute(again)).isEqualTo(new Outcome.Placed(hold, true));
        assertThat(held("A") + held("B")).isZero();
    }

    @Test
    void aSaleIsAnsweredWithTheLocationsItWasGiven() {
        receive("A", "a", 1);
        receive("A", "b", 5);
        var key = IdempotencyKey.random();
        var sold = (Outcome.Sold) engine.execute(new Sell(key, List.of(), "till", "r", inOrder(ABC, "A", 3)));
        assertThat(sold.lines()).containsExactly(Line.of("A", "a", 1), Line.of("A", "b", 2));

        var again = engine.execute(new Sell(key, List.of(), "till", "r", inOrder(List.of("b"), "A", 3)));
        var sameAnswer = new Outcome.Sold(sold.id(), sold.lines(), sold.channel(), sold.reference(), sold.at(), true);
        assertThat(again).isEqualTo(sameAnswer);
    }

    @Test
    void aSaleThatSaidNothingOfWhereIsAnsweredTheSameWhenThatHasComeToMeanMain() {
        receive("A", "a", 5);
        var key = IdempotencyKey.random();
        var anywhere = new Sourcing(
                List.of(new Wanted(new Sku("A"), 3)), List.of(new Location("a")), Policy.IN_ORDER, true, null);
        var sold = (Outcome.Sold) engine.execute(new Sell(key, List.of(), "till", "r", anywhere));

        assertThat(engine.execute(new Sell(key, List.of(Line.of("A", 3)), "till", "r")))
                .isEqualTo(new Outcome.Sold(sold.id(), List.of(Line.of("A", "a", 3)), "till", "r", sold.at(), true));
    }

    @Test
    void anExpiredHoldAtAnyCandidateGoesBeforeAnybodyIsRefused() {
        receive("A", "a", 1);
        receive("A", "b", 2);
        receive("B", "c", 1);
        shop.place(60, Line.of("A", "a", 1));
        var expired = shop.place(1, Line.of("A", "b", 2), Line.of("B", "c", 1));
        shop.awaitDeadline(expired);

        assertThat(place(placing(inOrder(ABC, "A", 1))).lines()).containsExactly(Line.of("A", "b", 1));
        assertThat(held("B")).isZero();
    }

    @Test
    void aRefusalSaysForEachCandidateWhatItHasAndWhenMoreMayCome() {
        receive("A", "a", 3);
        receive("A", "b", 2);
        var early = shop.place(300, Line.of("A", "a", 2));
        var late = shop.place(600, Line.of("A", "b", 2));
        assertThat(engine.execute(placing(inOrder(ABC, "A", 4))))
                .isEqualTo(new Outcome.Insufficient(List.of(
                        new Outcome.Shortage(StockKey.of("A", "a"), 4, 1, 2, early.expiresAt()),
                        new Outcome.Shortage(StockKey.of("A", "b"), 4, 0, 2, late.expiresAt()))));
    }

    @Test
    void unitsAtThreeLocationsGoToAsManyBuyers() {
        receive("A", "a", 5);
        receive("A", "b", 7);
        receive("A", "c", 3);
        try (var second = shop.database().open(path, TestDatabase.UNSWEPT)) {
            var engines = List.of(engine, second);
            var outcomes = Callers.together(100, i -> {
                var from = new ArrayList<>(ABC);
                Collections.shuffle(from, new Random(i));
                var policy = policy(i % 2 == 0);
                var sourcing = sourcing(from, policy, i % 3 == 0, new Wanted(new Sku("A"), 1));
                return engines.get(i % 2).execute(placing(sourcing));
            });
            assertThat(outcomes).filteredOn(Outcome.Placed.class::isInstance).hasSize(15);
            assertThat(outcomes)
                    .filteredOn(Outcome.Insufficient.class::isInstance)
                    .hasSize(85);
            assertThat(engine.levels(new Sku("A"))).allMatch(level -> level.available() == 0);
        }
    }

    @Test
    void cartsFromEverywhereNeitherDeadlockNorOversell() {
        for (String location : ABC) {
            for (int sku = 0; sku < 3; sku++) {
                receive("A" + sku, location, 15);
            }
        }
        var taken = new AtomicLong();
        try (var second = shop.database().open(path, TestDatabase.UNSWEPT)) {
            var engines = List.of(engine, second);
            var outcomes = Callers.together(24, caller -> {
                        var random = new Random(caller);
                        var answers = new ArrayList<Outcome.Place>();
                        for (int cart = 0; cart < 6; cart++) {
                            var from = new ArrayList<>(ABC);
                            Collections.shuffle(from, random);
                            var wanted = random.ints(0, 3)
                                    .distinct()
                                    .limit(1 + random.nextInt(3))
                                    .mapToObj(i -> new Wanted(new Sku("A" + i), 1 + random.nextInt(3)))
                                    .toArray(Wanted[]::new);
                            var sourcing = sourcing(from, policy(random.nextBoolean()), random.nextBoolean(), wanted);
                            var line = Line.of("A" + random.nextInt(3), from.getFirst(), 1);
                            answers.add(engines.get(random.nextInt(2))
                                    .execute(
                                            random.nextBoolean()
                                                    ? placing(sourcing)
                                                    : placing(IdempotencyKey.random(), 60, sourcing, line)));
                            if (answers.getLast() instanceof Outcome.Placed placed) {
                                placed.hold().lines().forEach(each -> taken.addAndGet(each.units()));
                            }
                        }
                        return answers;
                    })
                    .stream()
                    .flatMap(List::stream)
                    .toList();
            assertThat(outcomes).allMatch(o -> o instanceof Outcome.Placed || o instanceof Outcome.Insufficient);
            assertThat(shop.database().number("SELECT sum(held) FROM stock_level"))
                    .isEqualTo(taken.get());
            assertThat(outcomes).anyMatch(Outcome.Insufficient.class::isInstance); // demand was above supply
        }
    }

    /** The unit is always somewhere: whoever looks at one location after the other misses it. */
    @Test
    void nobodyIsRefusedAUnitThatIsOnItsWayFromOneCandidateToAnother() {
        receive("A", "a", 1);
        try (var second = shop.database().open(path, TestDatabase.UNSWEPT)) {
            var done = new AtomicBoolean();
            var answers = Callers.together(2, caller -> {
                var mine = new ArrayList<Outcome.Place>();
                if (caller == 0) {
                    moveRound(second, 30);
                    done.set(true);
                }
                while (!done.get()) {
                    mine.add(engine.execute(placing(inOrder(ABC, "A", 1))));
                    if (mine.getLast() instanceof Outcome.Placed placed) {
                        engine.execute(ReleaseHold.of(placed.hold().id()));
                    }
                }
                return mine;
            });
            assertThat(answers.get(1)).isNotEmpty().allMatch(Outcome.Placed.class::isInstance);
        }
    }

    private static void moveRound(StockEngine engine, int moves) {
        for (int move = 0; move < moves; ) {
            var from = StockKey.of("A", ABC.get(move % 3));
            var to = new Location(ABC.get((move + 1) % 3));
            var moved = engine.execute(new Transfer(IdempotencyKey.random(), from, to, Quantity.ONE, null));
            move += moved instanceof Outcome.Moved ? 1 : 0; // not while it is held
        }
    }

    /** Found missing before the locks are there, received meanwhile. */
    @Test
    void aCandidateThatComesIntoBeingMeanwhileIsFound() throws Exception {
        receive("A", "a", 1);
        shop.place(60, Line.of("A", "a", 1));
        try (var second = shop.database().open(path, TestDatabase.UNSWEPT)) {
            @Nullable CompletableFuture<Outcome.Place> answer;
            try (var _ = shop.database().lock(StockKey.of("A", "a"))) {
                answer = engine.submit(placing(inOrder(ABC, "A", 1)));
                if (path == Path.OPTIMISTIC || path == Path.REDIS_LOCK) {
                    assertThat(answer.get()).isInstanceOf(Outcome.Insufficient.class); // waits for no lock
                    answer = null;
                } else {
                    shop.database().awaitBlocked(1);
                }
                second.execute(new Receive(IdempotencyKey.random(), StockKey.of("A", "b"), Quantity.ONE, null));
            }
            assertThat(answer == null ? engine.execute(placing(inOrder(ABC, "A", 1))) : answer.get())
                    .isInstanceOf(Outcome.Placed.class);
        }
    }
}
