package dev.holdfast.engine;

import dev.holdfast.engine.Command.Adjust;
import dev.holdfast.engine.Command.ConfirmHold;
import dev.holdfast.engine.Command.Count;
import dev.holdfast.engine.Command.Deallocate;
import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.Command.Receive;
import dev.holdfast.engine.Command.ReleaseHold;
import dev.holdfast.engine.Command.Return;
import dev.holdfast.engine.Command.Sell;
import dev.holdfast.engine.Command.SetLimits;
import dev.holdfast.engine.Command.Transfer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The gate refuses what the database would refuse, and nothing else: whatever brings units back, on whichever engine, is for sale with
 * the next request. No test here allows for a time in which the gate may be behind, because it never is.
 */
@ParameterizedClass
@EnumSource(Path.class)
class GateTest {
    private static final StockKey A = StockKey.of("A");

    private final StockEngine engine;
    private final StockEngine second;
    private final Shop shop;
    private final GatedShop gate;

    GateTest(Path path) {
        var database = TestDatabase.create();
        var meters = new SimpleMeterRegistry();
        engine = database.open(path, TestDatabase.UNSWEPT, meters);
        second = database.open(path, TestDatabase.UNSWEPT);
        shop = new Shop(database, engine);
        gate = new GatedShop(engine, meters);
    }

    @AfterEach
    void theBooksAreRight() {
        second.close();
        shop.close();
    }

    @Test
    void whatTheDatabaseRefusedIsRefusedInTheSameWordsAndWithoutTheQueue() {
        shop.receive("A", 2);
        shop.place(60, Line.of("A", 1));
        shop.place(90, Line.of("A", 1));
        var command = Shop.placing(60, Line.of("A", 3));
        var refusal = engine.execute(command);
        gate.close("A");
        double refusals = gate.refusals();
        double answered = gate.holdsAnswered();
        long batches = gate.batches();

        try (var _ = shop.database().lock(A)) { // whoever asks the queue waits now
            assertThat(engine.execute(command)).isEqualTo(refusal);
            assertThat(engine.execute(placing())).isInstanceOf(Outcome.Insufficient.class);
        }

        assertThat(gate.refusals()).isEqualTo(refusals + 2);
        assertThat(gate.holdsAnswered()).isEqualTo(answered + 2);
        assertThat(gate.batches()).isEqualTo(batches);
    }

    @Test
    void whereUnitsWithoutALocationComeFromIsDecidedByTheQueue() {
        shop.receive("A", 1);
        shop.receive("B", 1);
        shop.place(60, Line.of("A", 1));
        gate.close("A");
        var anywhere = new Sourcing(
                List.of(new Sourcing.Wanted(new Sku("B"), 2)),
                List.of(Location.MAIN),
                Sourcing.Policy.IN_ORDER,
                true,
                null);
        var command = new PlaceHold(
                IdempotencyKey.random(), List.of(Line.of("A", 1)), Duration.ofSeconds(60), null, null, anywhere, null);

        var refusal = (Outcome.Insufficient) engine.execute(command);

        assertThat(refusal.shortages()).extracting(Outcome.Shortage::stock).containsExactly(A, StockKey.of("B"));
    }

    @Test
    void whoHasTheUnitsIsNotRefusedForThem() {
        shop.receive("A", 2);
        shop.place(60, Line.of("A", 1));
        var own = shop.place(60, Line.of("A", 1));
        gate.close("A");

        assertThat(engine.execute(instead(own, 2)))
                .isInstanceOfSatisfying(
                        Outcome.Insufficient.class,
                        no -> assertThat(no.shortages().getFirst().available()).isEqualTo(1));
        assertThat(engine.execute(instead(own, 1))).isInstanceOf(Outcome.Placed.class);
    }

    private static PlaceHold instead(Hold own, long units) {
        return new PlaceHold(key(), List.of(Line.of("A", units)), Duration.ofSeconds(60), null, null, null, own.id());
    }

    @Test
    void aSaleIsRefusedAsAHoldIs() {
        shop.receive("A", 1);
        var sale = new Sell(key(), List.of(Line.of("A", 1)), null, null);
        assertThat(engine.execute(sale)).isInstanceOf(Outcome.Sold.class);
        gate.close("A");
        double refusals = gate.refusals();

        assertThat(engine.execute(new Sell(key(), List.of(Line.of("A", 1)), null, null)))
                .isEqualTo(new Outcome.Insufficient(List.of(new Outcome.Shortage(A, 1, 0, 0, null))));
        assertThat(gate.refusals()).isEqualTo(refusals + 1);
        assertThat(engine.execute(sale)).extracting("replayed").isEqualTo(true);
    }

    /** A way for one unit of A to come back. */
    private enum Cause {
        RELEASE,
        EXPIRY,
        RECEIPT,
        RETURN,
        DEALLOCATION,
        COUNT,
        ADJUSTMENT,
        TRANSFER,
        SAFETY_STOCK,
        BACKORDER;

        /** What has to be done while there is none of A, so that there is one. */
        Runnable back(StockEngine here, StockEngine there) {
            return switch (this) {
                case RELEASE -> {
                    var hold = held(here, 600);
                    yield () -> there.execute(ReleaseHold.of(hold.id()));
                }
                case EXPIRY -> {
                    var hold = held(here, 2);
                    yield () -> Awaitility.await()
                            .pollInterval(Duration.ofMillis(5))
                            .until(() -> there.hold(hold.id()).orElseThrow().state() == Hold.State.EXPIRED);
                }
                case RECEIPT -> () -> move(there, new Receive(key(), A, Quantity.ONE, null));
                case RETURN -> () -> move(there, new Return(key(), A, Quantity.ONE, null));
                case DEALLOCATION -> {
                    var hold = held(here, 600);
                    here.execute(ConfirmHold.of(hold.id()));
                    yield () -> move(there, new Deallocate(key(), hold.id(), hold.lines()));
                }
                case COUNT -> () -> move(there, new Count(key(), A, level(there).onHand() + 1, null, null));
                case ADJUSTMENT -> () -> move(there, new Adjust(key(), A, 1, "found", null));
                case TRANSFER -> {
                    var cellar = StockKey.of("A", "cellar");
                    move(here, new Receive(key(), cellar, Quantity.ONE, null));
                    yield () -> move(there, new Transfer(key(), cellar, Location.MAIN, Quantity.ONE, null));
                }
                case SAFETY_STOCK -> {
                    move(here, new Receive(key(), A, Quantity.ONE, null));
                    move(here, new SetLimits(key(), A, 1, 0, null));
                    yield () -> move(there, new SetLimits(key(), A, 0, 0, null));
                }
                case BACKORDER -> () -> move(there, new SetLimits(key(), A, 0, 1, null));
            };
        }

        private static Hold held(StockEngine engine, int ttlSeconds) {
            move(engine, new Receive(key(), A, Quantity.ONE, null));
            var outcome = engine.execute(Shop.placing(ttlSeconds, Line.of("A", 1)));
            return ((Outcome.Placed) outcome).hold();
        }

        private static void move(StockEngine engine, Command<Outcome.Stock> command) {
            assertThat(engine.execute(command)).isInstanceOf(Outcome.Moved.class);
        }

        private static Level level(StockEngine engine) {
            return engine.levels(A.sku()).stream()
                    .filter(level -> level.stock().equals(A))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void whateverBringsAUnitBackHereOpensTheGate() {
        everyCauseOpensIt(engine);
    }

    @Test
    void whateverBringsAUnitBackElsewhereOpensTheGate() {
        everyCauseOpensIt(second);
    }

    private void everyCauseOpensIt(StockEngine there) {
        shop.receive("A", 1);
        shop.place(600, Line.of("A", 1));
        for (Cause cause : Cause.values()) { // the last of them leaves a limit behind
            var back = cause.back(engine, there);
            gate.close("A");
            back.run();
            assertThat(engine.execute(Shop.placing(600, Line.of("A", 1))))
                    .as("after %s", cause)
                    .isInstanceOf(Outcome.Placed.class);
        }
    }

    @Test
    void aUnitThatCameBackIsAlwaysForSaleHoweverManyAreRefusedMeanwhile() {
        var causes = List.of(Cause.RELEASE, Cause.RECEIPT, Cause.RETURN, Cause.COUNT, Cause.ADJUSTMENT, Cause.TRANSFER);
        var engines = List.of(engine, second);
        shop.receive("A", 1);
        shop.place(600, Line.of("A", 1));
        double refusals = gate.refusals();
        var over = new AtomicBoolean();
        // They want two, which there never are: refused, and never before somebody who wants one.
        var refused = CompletableFuture.supplyAsync(
                () -> Callers.together(8, caller -> {
                    while (!over.get()) {
                        assertThat(engines.get(caller % 2).execute(Shop.placing(600, Line.of("A", 2))))
                                .isInstanceOf(Outcome.Insufficient.class);
                    }
                    return true;
                }),
                Thread::startVirtualThread);
        try {
            for (int seed = 0; seed < 40; seed++) {
                var random = new Random(seed);
                var cause = causes.get(random.nextInt(causes.size()));
                var back = cause.back(engines.get(random.nextInt(2)), engines.get(random.nextInt(2)));
                if (random.nextBoolean()) {
                    gate.close("A");
                }
                back.run();
                assertThat(engines.get(random.nextInt(2)).execute(Shop.placing(600, Line.of("A", 1))))
                        .as("seed %d, after %s", seed, cause)
                        .isInstanceOf(Outcome.Placed.class);
            }
        } finally {
            over.set(true);
        }
        assertThat(refused.join()).hasSize(8);
        assertThat(gate.refusals()).isGreaterThan(refusals);
    }

    @Test
    void aHoldThatWasPlacedIsAnsweredAgainHoweverSoldOutItsStockIs() {
        shop.receive("A", 2);
        var first = Shop.placing(60, Line.of("A", 1));
        var released = Shop.placing(60, Line.of("A", 1));
        var firstHold = ((Outcome.Placed) engine.execute(first)).hold();
        var releasedHold = ((Outcome.Placed) second.execute(released)).hold();
        engine.execute(ReleaseHold.of(releasedHold.id()));
        shop.place(60, Line.of("A", 1));
        gate.close("A");
        double refusals = gate.refusals();

        assertThat(engine.execute(first)).isEqualTo(new Outcome.Placed(firstHold, true));
        assertThat(engine.execute(released)).isEqualTo(new Outcome.Placed(releasedHold, true));
        assertThat(engine.execute(new PlaceHold(first.key(), first.lines(), Duration.ofSeconds(61), null, null)))
                .isEqualTo(new Outcome.KeyReused(first.key()));
        assertThat(gate.passed("known-key")).isEqualTo(3);
        assertThat(gate.refusals()).isEqualTo(refusals);
    }

    @Test
    void aKeyThatWasUsedForSomethingElseIsToldSo() {
        shop.receive("A", 1);
        shop.receive("B", 1);
        var receipt = new Receive(IdempotencyKey.random(), A, Quantity.ONE, null);
        var other = Shop.placing(60, Line.of("B", 1));
        engine.execute(receipt);
        engine.execute(other);
        shop.place(60, Line.of("A", 2));
        gate.close("A");

        for (var key : List.of(receipt.key(), other.key())) {
            assertThat(engine.execute(new PlaceHold(key, List.of(Line.of("A", 1)), Duration.ofSeconds(60), null, null)))
                    .isEqualTo(new Outcome.KeyReused(key));
        }
        assertThat(gate.passed("known-key")).isEqualTo(2);
    }

    /** Its answer was lost on the way, and the client asks another node at once. */
    @Test
    void aHoldThatAnotherEngineHasJustPlacedIsAnsweredAgain() {
        for (int round = 0; round < 10; round++) {
            shop.receive("A", 1);
            var hold = shop.place(60, Line.of("A", 1));
            gate.close("A");
            var retried = placing();
            second.execute(ReleaseHold.of(hold.id()));
            assertThat(second.execute(retried)).isInstanceOf(Outcome.Placed.class);

            assertThat(engine.execute(retried)).extracting("replayed").isEqualTo(true);
            assertThat(engine.execute(placing())).isInstanceOf(Outcome.Insufficient.class);
        }
    }

    @Test
    void aCartIsRefusedAtTheGateOnlyIfAllOfItIsSoldOut() {
        shop.receive("A", 1);
        shop.receive("B", 1);
        shop.receive("C", 5);
        var a = shop.place(60, Line.of("A", 1));
        shop.place(60, Line.of("B", 1));
        gate.close("A", "B");
        double refusals = gate.refusals();

        var both = engine.execute(Shop.placing(60, Line.of("B", 1), Line.of("A", 2)));
        assertThat(shortStocks(both)).containsExactly(StockKey.of("B"), A);
        assertThat(gate.refusals()).isEqualTo(refusals + 1);

        assertThat(shortStocks(engine.execute(Shop.placing(60, Line.of("C", 1), Line.of("A", 1)))))
                .containsExactly(A);
        assertThat(engine.execute(Shop.placing(60, Line.of("A", 1), Line.of("nobody-knows", 1))))
                .isInstanceOf(Outcome.UnknownSku.class);
        assertThat(engine.execute(Shop.placing(60, Line.of("C", 1)))).isInstanceOf(Outcome.Placed.class);
        assertThat(gate.passed("line-unmarked")).isEqualTo(2);

        second.execute(ReleaseHold.of(a.id()));
        assertThat(shortStocks(engine.execute(Shop.placing(60, Line.of("B", 1), Line.of("A", 1)))))
                .containsExactly(StockKey.of("B"));
        assertThat(gate.refusals()).isEqualTo(refusals + 1);
    }

    private static List<StockKey> shortStocks(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Insufficient.class);
        return ((Outcome.Insufficient) outcome)
                .shortages().stream().map(Outcome.Shortage::stock).toList();
    }

    @Test
    void aListIsRefusedAtTheGateWholeOrDecidedInItsOrder() {
        shop.receive("A", 1);
        var placed = placing();
        engine.execute(placed);
        gate.close("A");
        double refusals = gate.refusals();

        assertThat(engine.executeAll(List.of(placing(), placing(), placing())))
                .hasSize(3)
                .allMatch(Outcome.Insufficient.class::isInstance);
        assertThat(gate.refusals()).isEqualTo(refusals + 3);

        assertThat(engine.executeAll(List.of(placing(), placed, placing())))
                .extracting(outcome -> outcome.getClass().getSimpleName())
                .containsExactly("Insufficient", "Placed", "Insufficient");

        var mixed = new ArrayList<Command<?>>(List.of(placing(), placing()));
        mixed.add(1, ReleaseHold.of(placed.key().id()));
        assertThat(executeAll(mixed))
                .extracting(outcome -> outcome.getClass().getSimpleName())
                .containsExactly("Insufficient", "Changed", "Placed");
        assertThat(gate.refusals()).isEqualTo(refusals + 3);
    }

    @SuppressWarnings("unchecked") // whatever they are, their answers are outcomes
    private List<Outcome> executeAll(List<? extends Command<?>> commands) {
        return engine.executeAll((List<? extends Command<Outcome>>) commands);
    }

    private static PlaceHold placing() {
        return Shop.placing(60, Line.of("A", 1));
    }

    private static IdempotencyKey key() {
        return IdempotencyKey.random();
    }
}
