package dev.holdfast.engine;

import dev.holdfast.engine.Command.Adjust;
import dev.holdfast.engine.Command.ConfirmHold;
import dev.holdfast.engine.Command.ExpireHold;
import dev.holdfast.engine.Command.ExtendHold;
import dev.holdfast.engine.Command.Sell;
import dev.holdfast.engine.Command.SetLimits;
import dev.holdfast.engine.Command.Transfer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/** A hold past its deadline never causes a false "sold out", though nothing sweeps here. */
@Execution(ExecutionMode.CONCURRENT) // they mostly wait for deadlines, each on a database of its own
@ParameterizedClass
@EnumSource(Path.class)
class ExpiryTest {
    private static final StockKey A = StockKey.of("A");

    private final Path path;
    private final Shop shop;
    private final StockEngine engine;

    ExpiryTest(Path path) {
        this.path = path;
        shop = Shop.unswept(path);
        engine = shop.engine();
    }

    @AfterEach
    void theBooksAreRight() {
        shop.close();
    }

    @Test
    void unitsOfAnExpiredHoldGoToWhoAsksNext() {
        shop.receive("A", 3);
        var first = shop.place(1, Line.of("A", 3));
        assertThat(engine.execute(Shop.placing(60, Line.of("A", 1)))).isInstanceOf(Outcome.Insufficient.class);
        shop.awaitDeadline(first);

        shop.place(60, Line.of("A", 3));

        shop.assertLevel("A", 3, 3, 0);
        assertThat(engine.hold(first.id()).orElseThrow().state()).isEqualTo(Hold.State.EXPIRED);
    }

    @Test
    void anExpiredHoldReadsAsExpiredBeforeAnybodyEndedIt() {
        shop.receive("A", 3);
        var hold = shop.place(1, Line.of("A", 3));
        assertThat(engine.hold(hold.id()).orElseThrow().state()).isEqualTo(Hold.State.ACTIVE);
        shop.awaitDeadline(hold);

        assertThat(engine.hold(hold.id()).orElseThrow().state()).isEqualTo(Hold.State.EXPIRED);
        shop.assertLevel("A", 3, 3, 0);
        assertThat(engine.execute(ConfirmHold.of(hold.id())))
                .isEqualTo(new Outcome.Ended(hold.ended(Hold.State.EXPIRED)));
        shop.assertLevel("A", 3, 0, 0);
    }

    @Test
    void anExpiredHoldGivesBackItsOtherStocksToo() {
        shop.receive("A", 1);
        shop.receive("B", 2);
        shop.receive("C", 3);
        var first = shop.place(1, Line.of("C", 3), Line.of("A", 1), Line.of("B", 2));
        shop.awaitDeadline(first);

        shop.place(60, Line.of("B", 1));

        shop.assertLevel("A", 1, 0, 0);
        shop.assertLevel("B", 2, 1, 0);
        shop.assertLevel("C", 3, 0, 0);
    }

    @Test
    void aRequestForEverythingFindsThousandsOfExpiredHolds() {
        shop.receive("A", 5_000);
        var placings = IntStream.range(0, 5_000)
                .mapToObj(_ -> Shop.placing(1, Line.of("A", 1)))
                .toList();
        var placed = engine.executeAll(placings);
        assertThat(placed).hasSize(5_000).allMatch(Outcome.Placed.class::isInstance);
        shop.awaitDeadline(((Outcome.Placed) placed.getLast()).hold());

        shop.place(60, Line.of("A", 5_000));

        shop.assertLevel("A", 5_000, 5_000, 0);
        assertThat(shop.database().number("SELECT count(*) FROM hold WHERE state = 3"))
                .isEqualTo(5_000);
    }

    @Test
    void everyCommandThatNeedsUnitsGetsThoseOfExpiredHolds() {
        var key = IdempotencyKey.random();
        for (Command<?> command : List.of(
                new Sell(key, List.of(Line.of("A", 4)), null, null),
                new Transfer(IdempotencyKey.random(), A, new Location("b"), Quantity.of(4), null),
                new Adjust(IdempotencyKey.random(), A, -4, "broken", null))) {
            shop.receive("A", 4);
            var hold = shop.place(1, Line.of("A", 1));
            shop.awaitDeadline(hold);
            Outcome outcome = engine.execute(command);
            assertThat(outcome).isInstanceOfAny(Outcome.Sold.class, Outcome.Moved.class);
            shop.assertLevel("A", 0, 0, 0);
        }
    }

    @Test
    void limitsAreSetOverTheUnitsOfExpiredHolds() {
        shop.receive("A", 1);
        engine.execute(new SetLimits(IdempotencyKey.random(), A, 0, 2, null));
        var hold = shop.place(1, Line.of("A", 3));
        shop.awaitDeadline(hold);
        assertThat(engine.execute(new SetLimits(IdempotencyKey.random(), A, 0, 0, null)))
                .isInstanceOf(Outcome.Moved.class);
    }

    @Test
    void anExtendedHoldOutlivesItsFirstDeadline() {
        shop.receive("A", 1);
        var hold = shop.place(1, Line.of("A", 1));
        engine.execute(new ExtendHold(null, hold.id(), Duration.ofMinutes(1)));
        shop.awaitDeadline(hold);

        assertThat(engine.execute(Shop.placing(60, Line.of("A", 1)))).isInstanceOf(Outcome.Insufficient.class);
        assertThat(engine.execute(new ExpireHold(hold.id()))).isInstanceOf(Outcome.NotDue.class);
        assertThat(engine.execute(ConfirmHold.of(hold.id()))).isInstanceOf(Outcome.Changed.class);
    }

    @Test
    void anExtendedHoldIsFoundAtItsNewDeadline() {
        shop.receive("A", 1);
        var hold = shop.place(1, Line.of("A", 1));
        var extended = engine.execute(new ExtendHold(null, hold.id(), Duration.ofSeconds(2)));
        shop.awaitDeadline(((Outcome.Changed) extended).hold());

        shop.place(60, Line.of("A", 1));
    }

    /** A second row for the same stock and deadline would look like the first to the sweeper, which deletes by both. */
    @Test
    void anExtensionThatChangesNothingLeavesNoSecondDeadline() {
        shop.receive("A", 1);
        var hold = shop.place(60, Line.of("A", 1));
        for (var key : List.of(IdempotencyKey.random(), IdempotencyKey.random())) {
            assertThat(engine.execute(new ExtendHold(key, hold.id(), Duration.ofSeconds(1))))
                    .extracting("hold", "replayed")
                    .containsExactly(hold, false);
        }
        assertThat(shop.database().number("SELECT count(*) FROM hold_deadline")).isOne();
    }

    @Test
    void aRefusalTellsWhenTheNextHoldEnds() {
        shop.receive("A", 3);
        assertThat(nextReleaseAt(engine.execute(Shop.placing(60, Line.of("A", 4)))))
                .isNull();

        var late = shop.place(600, Line.of("A", 1));
        awaitNextRelease(late.expiresAt());
        var early = shop.place(300, Line.of("A", 1));
        awaitNextRelease(early.expiresAt());

        engine.execute(ConfirmHold.of(early.id()));
        awaitNextRelease(late.expiresAt());
        var extended = engine.execute(new ExtendHold(null, late.id(), Duration.ofMinutes(15)));
        awaitNextRelease(((Outcome.Changed) extended).hold().expiresAt());
        engine.execute(ConfirmHold.of(late.id()));
        awaitNextRelease(null);
    }

    /** At once, but where Redis repeats the database's refusal: then within the second that it may. */
    private void awaitNextRelease(@Nullable Instant expected) {
        if (path == Path.REDIS_COUNTER) {
            Awaitility.await().untilAsserted(() -> assertThat(nextRelease()).isEqualTo(expected));
        } else {
            assertThat(nextRelease()).isEqualTo(expected);
        }
    }

    private @Nullable Instant nextRelease() {
        return nextReleaseAt(engine.execute(Shop.placing(60, Line.of("A", 3))));
    }

    static @Nullable Instant nextReleaseAt(Outcome.Place outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Insufficient.class);
        return ((Outcome.Insufficient) outcome).shortages().getFirst().nextReleaseAt();
    }
}
