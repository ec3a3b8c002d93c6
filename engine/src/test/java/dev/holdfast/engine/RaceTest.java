package dev.holdfast.engine;

import dev.holdfast.engine.Command.ConfirmHold;
import dev.holdfast.engine.Command.ExpireHold;
import dev.holdfast.engine.Command.ExtendHold;
import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.Command.Receive;
import dev.holdfast.engine.Command.ReleaseHold;
import dev.holdfast.engine.Command.Sell;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Many at the same moment, on one engine and on several on one database: counted exactly. */
@ParameterizedClass
@EnumSource(Path.class)
class RaceTest {
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Path path;
    private final Shop shop;
    private final StockEngine engine;
    private final StockEngine second;
    private final StockEngine third;
    private final List<StockEngine> engines;

    RaceTest(Path path) {
        this.path = path;
        shop = Shop.unswept(path);
        engine = shop.engine();
        second = shop.database().open(path, TestDatabase.UNSWEPT, meters);
        third = shop.database().open(path, TestDatabase.UNSWEPT, meters);
        engines = List.of(engine, second, third);
    }

    @AfterEach
    void theBooksAreRight() {
        second.close();
        third.close();
        shop.close();
    }

    @Test
    void tenUnitsGoToTenOfAHundredBuyers() {
        shop.receive("A", 10);
        var outcomes = Callers.together(100, _ -> engine.execute(Shop.placing(60, Line.of("A", 1))));
        assertCounts(outcomes, 10, 90);
        shop.assertLevel("A", 10, 10, 0);
    }

    @Test
    void tenUnitsGoToTenOfAHundredBuyersAtThreeEngines() {
        shop.receive("A", 10);
        var outcomes = Callers.together(100, i -> engines.get(i % 3).execute(Shop.placing(60, Line.of("A", 1))));
        assertCounts(outcomes, 10, 90);
        shop.assertLevel("A", 10, 10, 0);
    }

    @Test
    void cartsInAnyOrderOfLinesNeitherDeadlockNorOversell() {
        int stocks = 8;
        for (int i = 0; i < stocks; i++) {
            shop.receive("A" + i, 100);
        }
        var unitsTaken = new AtomicLong();
        var outcomes = Callers.together(60, caller -> {
                    var random = new Random(caller);
                    var order =
                            new ArrayList<>(IntStream.range(0, stocks).boxed().toList());
                    var answers = new ArrayList<Outcome.Place>();
                    for (int cart = 0; cart < 10; cart++) {
                        Collections.shuffle(order, random);
                        var lines = order.subList(0, 1 + random.nextInt(4)).stream()
                                .map(i -> Line.of("A" + i, 1 + random.nextInt(3)))
                                .toArray(Line[]::new);
                        var placing = Shop.placing(60, lines);
                        answers.add(engines.get(random.nextInt(3)).execute(placing));
                        if (answers.getLast() instanceof Outcome.Placed) {
                            unitsTaken.addAndGet(placing.lines().stream()
                                    .mapToLong(Line::units)
                                    .sum());
                        }
                    }
                    return answers;
                })
                .stream()
                .flatMap(List::stream)
                .toList();
        assertThat(outcomes).allMatch(o -> o instanceof Outcome.Placed || o instanceof Outcome.Insufficient);
        assertThat(shop.database().number("SELECT sum(held) FROM stock_level")).isEqualTo(unitsTaken.get());
        // Row locks in one order: nobody meets a deadlock, and nobody finds out at the commit that another was faster.
        if (path != Path.OPTIMISTIC && path != Path.FOLLOWING_LANE) {
            assertThat(meters.get("holdfast.lane.reruns").counter().count()).isZero();
        }
        // Demand was above supply, so at least one stock is nearly gone: a cart of 3 of it was refused.
        assertThat(outcomes).anyMatch(Outcome.Insufficient.class::isInstance);
    }

    @Test
    void aHoldIsConfirmedOrExpiredAtItsDeadlineAndNeverBoth() {
        shop.receive("A", 40);
        var holds = IntStream.range(0, 40)
                .mapToObj(_ -> shop.place(1, Line.of("A", 1)))
                .toList();
        shop.database().awaitClock(holds.get(20).expiresAt().minus(Duration.ofMillis(20)));
        var ends = Callers.together(80, i -> {
            var id = holds.get(i / 2).id();
            return i % 2 == 0 ? engine.execute(ConfirmHold.of(id)) : expireUntilEnded(second, holds.get(i / 2));
        });
        long confirmed = 0;
        for (int i = 0; i < 40; i++) {
            boolean confirms = ends.get(2 * i) instanceof Outcome.Changed;
            boolean expires = ends.get(2 * i + 1) instanceof Outcome.Changed;
            confirmed += confirms ? 1 : 0;
            var state = engine.hold(holds.get(i).id()).orElseThrow().state();
            assertThat(state).isEqualTo(confirms ? Hold.State.CONFIRMED : Hold.State.EXPIRED);
            assertThat(confirms && expires).isFalse();
        }
        shop.assertLevel("A", 40, 0, confirmed);
    }

    private static Outcome expireUntilEnded(StockEngine engine, Hold hold) {
        while (true) {
            var outcome = engine.execute(new ExpireHold(hold.id()));
            if (!(outcome instanceof Outcome.NotDue)) {
                return outcome;
            }
        }
    }

    @Test
    void aHoldIsReleasedOrConfirmedAndNeverBoth() {
        shop.receive("A", 100);
        var holds = IntStream.range(0, 100)
                .mapToObj(_ -> shop.place(60, Line.of("A", 1)))
                .toList();
        var ends = Callers.together(200, i -> {
            var id = holds.get(i / 2).id();
            return i % 2 == 0
                    ? engine.execute(new ConfirmHold(IdempotencyKey.random(), id))
                    : second.execute(ReleaseHold.of(id));
        });
        int confirmed = 0;
        for (int i = 0; i < 100; i++) {
            boolean confirms = ends.get(2 * i) instanceof Outcome.Changed;
            boolean releases = ends.get(2 * i + 1) instanceof Outcome.Changed;
            assertThat(confirms).isNotEqualTo(releases);
            confirmed += confirms ? 1 : 0;
        }
        shop.assertLevel("A", 100, 0, confirmed);
    }

    @Test
    void aHoldIsExtendedOrExpiredAtItsDeadlineAndNeverBoth() {
        shop.receive("A", 40);
        var holds = IntStream.range(0, 40)
                .mapToObj(_ -> shop.place(1, Line.of("A", 1)))
                .toList();
        shop.database().awaitClock(holds.get(20).expiresAt().minus(Duration.ofMillis(20)));
        var ends = Callers.together(
                40, i -> second.execute(new ExtendHold(null, holds.get(i).id(), Duration.ofMinutes(1))));
        var sold = engine.execute(Shop.placing(60, Line.of("A", 40)));
        assertThat(sold)
                .isInstanceOf(
                        ends.stream().anyMatch(Outcome.Changed.class::isInstance)
                                ? Outcome.Insufficient.class
                                : Outcome.Placed.class);
        long alive = 0;
        for (int i = 0; i < 40; i++) {
            boolean extended = ends.get(i) instanceof Outcome.Changed;
            alive += extended ? 1 : 0;
            assertThat(engine.hold(holds.get(i).id()).orElseThrow().state())
                    .isEqualTo(extended ? Hold.State.ACTIVE : Hold.State.EXPIRED);
        }
        shop.assertLevel("A", 40, alive == 0 ? 40 : alive, 0);
    }

    @Test
    void oneKeyAtManyEnginesPlacesOneHold() {
        shop.receive("A", 100);
        var key = IdempotencyKey.random();
        var outcomes = Callers.together(60, i -> engines.get(i % 3).execute(PlaceHold.of(key, Line.of("A", 3))));
        assertThat(outcomes).allMatch(Outcome.Placed.class::isInstance);
        assertThat(outcomes).filteredOn(o -> !((Outcome.Placed) o).replayed()).hasSize(1);
        assertThat(outcomes.stream().map(o -> ((Outcome.Placed) o).hold()).distinct())
                .hasSize(1);
        shop.assertLevel("A", 100, 3, 0);
    }

    /** Each request touches a stock of its own, so no row lock brings them together: only the key does. */
    @Test
    void oneKeyWithDifferentRequestsTakesEffectOnce() {
        for (int i = 0; i < 30; i++) {
            shop.receive("A" + i, 10);
        }
        var key = IdempotencyKey.random();
        var placed = Callers.together(30, i -> engines.get(i % 3).execute(PlaceHold.of(key, Line.of("A" + i, 1))));
        assertThat(placed).filteredOn(Outcome.Placed.class::isInstance).hasSize(1);
        assertThat(placed).filteredOn(Outcome.KeyReused.class::isInstance).hasSize(29);
        assertThat(shop.database().number("SELECT sum(held) FROM stock_level")).isOne();

        var other = IdempotencyKey.random();
        var sold = Callers.together(
                30, i -> engines.get(i % 3).execute(new Sell(other, List.of(Line.of("A" + i, 1)), null, null)));
        assertThat(sold).filteredOn(Outcome.Sold.class::isInstance).hasSize(1);
        assertThat(sold).filteredOn(Outcome.KeyReused.class::isInstance).hasSize(29);
        assertThat(shop.database().number("SELECT sum(on_hand) FROM stock_level"))
                .isEqualTo(299);
    }

    @Test
    void aNewStockReceivedAtThreeEnginesExistsOnce() {
        for (int round = 0; round < 10; round++) {
            var stocks = List.of(StockKey.of("new-a" + round), StockKey.of("new-b" + round));
            var outcomes = Callers.together(
                    30,
                    i -> engines.get(i % 3)
                            .execute(new Receive(IdempotencyKey.random(), stocks.get(i / 3 % 2), Quantity.ONE, null)));
            assertThat(outcomes).allMatch(Outcome.Moved.class::isInstance);
            shop.assertLevel("new-a" + round, 15, 0, 0);
            shop.assertLevel("new-b" + round, 15, 0, 0);
        }
    }

    @Test
    void everythingAtOnceAtThreeEnginesAddsUp() {
        var storm = new Storm(engine, second, third);
        storm.during(() -> storm.awaitHolds(storm.holds() + 500));
        assertThat(storm.failures).hasValue(0);
        storm.assertNothingLostAndNothingDoubled(shop.database());
    }

    private static void assertCounts(List<Outcome.Place> outcomes, int placed, int insufficient) {
        assertThat(outcomes).filteredOn(Outcome.Placed.class::isInstance).hasSize(placed);
        assertThat(outcomes).filteredOn(Outcome.Insufficient.class::isInstance).hasSize(insufficient);
        assertThat(outcomes).hasSize(placed + insufficient);
    }
}
