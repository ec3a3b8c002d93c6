package dev.holdfast.engine;

import dev.holdfast.engine.Command.ConfirmHold;
import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.Command.ReleaseHold;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

/** A hold in place of another, at two engines and in every order. The rules are in {@code rules/supersede.txt}. */
@ParameterizedClass
@EnumSource(Path.class)
class SupersedeTest extends TwoEngines {
    SupersedeTest(Path path) {
        super(path);
    }

    private static PlaceHold instead(UUID old, Line... lines) {
        return new PlaceHold(IdempotencyKey.random(), List.of(lines), Command.TTL_DEFAULT, null, null, null, old);
    }

    private Hold.State state(UUID id) {
        return engine.hold(id).orElseThrow().state();
    }

    @Test
    void theLedgerSaysWhatEachOfThemTookAndGaveBack() {
        shop.receive("A", 10);
        var old = shop.place(600, Line.of("A", 6));
        var next = (Outcome.Placed) engine.execute(instead(old.id(), Line.of("A", 9)));

        assertThat(engine.movements(StockKey.of("A").sku(), null, 2, null)
                        .movements()
                        .reversed())
                .extracting(Movement::kind, Movement::heldDelta, Movement::cause)
                .containsExactly(
                        tuple(Movement.Kind.PLACE, 9L, next.hold().id()), tuple(Movement.Kind.RELEASE, -6L, old.id()));
        assertThat(engine.hold(next.hold().id())).contains(next.hold());
        assertThat(state(old.id())).isEqualTo(Hold.State.RELEASED);
    }

    /** Both fit only if each gave back the old one's units: of the two exactly one has them. */
    @Test
    void ofTwoThatSupersedeTheSameHoldOneGetsItsUnits() {
        shop.receive("A", 200);
        var holds = IntStream.range(0, 20)
                .mapToObj(_ -> shop.place(600, Line.of("A", 10)))
                .toList();
        var answers = Callers.together(
                40,
                i -> (i % 2 == 0 ? engine : second)
                        .execute(instead(holds.get(i / 2).id(), Line.of("A", 10))));
        for (int i = 0; i < 20; i++) {
            var pair = answers.subList(2 * i, 2 * i + 2);
            assertThat(pair).filteredOn(Outcome.Placed.class::isInstance).hasSize(1);
            assertThat(pair).filteredOn(Outcome.Insufficient.class::isInstance).hasSize(1);
            assertThat(state(holds.get(i).id())).isEqualTo(Hold.State.RELEASED);
        }
        shop.assertLevel("A", 200, 200, 0);
    }

    @Test
    void aHoldIsConfirmedOrSupersededAndNeverBoth() {
        shop.receive("A", 40);
        var holds = IntStream.range(0, 40)
                .mapToObj(_ -> shop.place(600, Line.of("A", 1)))
                .toList();
        var answers = Callers.together(80, i -> {
            var id = holds.get(i / 2).id();
            return i % 2 == 0 ? engine.execute(ConfirmHold.of(id)) : second.execute(instead(id, Line.of("A", 1)));
        });
        int confirmed = 0;
        for (int i = 0; i < 40; i++) {
            boolean confirms = answers.get(2 * i) instanceof Outcome.Changed;
            boolean supersedes = answers.get(2 * i + 1) instanceof Outcome.Placed;
            assertThat(confirms).isNotEqualTo(supersedes);
            confirmed += confirms ? 1 : 0;
        }
        shop.assertLevel("A", 40, 40 - confirmed, confirmed);
    }

    /** Carts that change all the time, over stocks in any order: neither a deadlock nor a unit too many or too few. */
    @Test
    void cartsThatChangeKeepOneHoldEach() {
        int stocks = 6;
        for (int i = 0; i < stocks; i++) {
            shop.receive("A" + i, 40);
        }
        var last = Callers.together(16, caller -> {
            var random = new Random(caller);
            var hold = new UUID(0, caller);
            var seen = new ArrayList<UUID>();
            for (int change = 0; change < 12; change++) {
                var lines = random.ints(0, stocks)
                        .distinct()
                        .limit(3)
                        .mapToObj(i -> Line.of("A" + i, 1 + random.nextInt(5)))
                        .toArray(Line[]::new);
                switch ((change % 2 == 0 ? engine : second).execute(instead(hold, lines))) {
                    case Outcome.Placed placed -> {
                        hold = placed.hold().id();
                        seen.add(hold);
                    }
                    case Outcome.Insufficient _ -> {}
                    case Outcome no -> throw new AssertionError(no);
                }
            }
            return seen;
        });
        for (List<UUID> seen : last) {
            assertThat(seen).isNotEmpty();
            assertThat(state(seen.removeLast())).isEqualTo(Hold.State.ACTIVE);
            assertThat(seen).allMatch(id -> state(id) == Hold.State.RELEASED);
        }
    }

    @Test
    void inOneListEachMaySupersedeTheOneBefore() {
        shop.receive("A", 10);
        var first = PlaceHold.of(IdempotencyKey.random(), Line.of("A", 10));
        var next = instead(first.key().id(), Line.of("A", 8));
        var last = instead(next.key().id(), Line.of("A", 10));

        assertThat(engine.executeAll(List.of(first, next, last))).allMatch(Outcome.Placed.class::isInstance);

        shop.assertLevel("A", 10, 10, 0);
        assertThat(engine.execute(ReleaseHold.of(last.key().id()))).isInstanceOf(Outcome.Changed.class);
        shop.assertLevel("A", 10, 0, 0);
        assertThat(shop.database().number("SELECT count(*) FROM hold WHERE state = 2"))
                .isEqualTo(3);
    }
}
