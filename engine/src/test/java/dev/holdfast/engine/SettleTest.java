package dev.holdfast.engine;

import dev.holdfast.engine.Command.ExpireHold;
import dev.holdfast.engine.Command.Settle;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Tills that were away, on every path and at two engines. The rules are in {@code rules/settle.txt}. */
@ParameterizedClass
@EnumSource(Path.class)
class SettleTest extends TwoEngines {
    SettleTest(Path path) {
        super(path);
    }

    private static Settle sale(UUID lease, Line... lines) {
        return new Settle(IdempotencyKey.random(), lease, List.of(lines), null, null);
    }

    private static Outcome.Settled settled(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Settled.class);
        return (Outcome.Settled) outcome;
    }

    @Test
    void theLedgerSaysWhatWasSoldAndWhen() {
        shop.receive("A", 1);
        var lease = shop.place(600, Line.of("A", 1));
        var soldAt = Instant.parse("2026-11-20T10:00:00Z");
        var sale = new Settle(IdempotencyKey.random(), lease.id(), List.of(Line.of("A", 3)), soldAt, "receipt 7");
        var first = settled(engine.execute(sale));
        assertThat(settled(second.execute(sale)))
                .isEqualTo(new Outcome.Settled(first.id(), first.lines(), first.at(), true));
        assertThat(engine.movements(StockKey.of("A").sku(), null, 2, null)
                        .movements()
                        .reversed())
                .extracting(movement -> movement.kind() + " " + movement.onHandDelta() + " " + movement.heldDelta()
                        + " " + movement.note())
                .containsExactly(
                        "ADJUST 2 0 sold, so it was there", "SELL -3 -1 receipt 7, sold at 2026-11-20T10:00:00Z");
        assertThat(engine.hold(lease.id()).orElseThrow().part(0)).isEqualTo(new Hold.Part(1, 0, 0, 1));
    }

    /** The same sales by two engines, each in an order of its own: every one counts once. */
    @Test
    void twoSettlementsOfTheSameSalesAtOnceCountOnce() {
        shop.receive("A", 100);
        shop.receive("B", 100);
        var lease = shop.place(600, Line.of("A", 30), Line.of("B", 30));
        var sales = IntStream.range(0, 40)
                .mapToObj(i -> i % 2 == 0
                        ? sale(lease.id(), Line.of("A", 1))
                        : sale(lease.id(), Line.of("B", 1), Line.of("A", 1)))
                .toList();
        var answers = Callers.together(4, caller -> {
            var mine = new ArrayList<>(sales);
            Collections.shuffle(mine, new Random(caller));
            return (caller % 2 == 0 ? engine : second).executeAll(mine);
        });
        assertThat(answers.stream().flatMap(List::stream))
                .filteredOn(answer -> !settled(answer).replayed())
                .hasSize(40);
        assertThat(engine.hold(lease.id()).orElseThrow().held(0)).isZero();
        shop.assertLevel("A", 60, 0, 0);
        shop.assertLevel("B", 80, 10, 0);
    }

    @Test
    void atTheDeadlineSalesAreOfTheLeaseOrOfWhatIsThere() {
        shop.receive("A", 20);
        var lease = shop.place(1, Line.of("A", 10));
        shop.database().awaitClock(lease.expiresAt().minusMillis(30));
        var answers = Callers.together(
                20,
                i -> i % 2 == 0
                        ? engine.execute(sale(lease.id(), Line.of("A", 1)))
                        : second.execute(new ExpireHold(lease.id())));
        long leased = IntStream.range(0, 10)
                .mapToLong(i -> settled(answers.get(2 * i)).lines().getFirst().leased())
                .sum();
        shop.awaitDeadline(lease);
        engine.execute(new ExpireHold(lease.id()));
        assertThat(engine.hold(lease.id()).orElseThrow().part(0))
                .isEqualTo(new Hold.Part(leased, 0, 10 - leased, leased));
        shop.assertLevel("A", 10, 0, 0);
    }

    @Test
    void whatOthersWerePromisedIsShortAndOfHoldsPastTheirDeadlineNothingIsPromised() {
        shop.receive("A", 5);
        var lease = shop.place(600, Line.of("A", 2));
        engine.execute(Command.ReleaseHold.of(lease.id()));
        var abandoned = shop.place(1, Line.of("A", 2));
        shop.place(600, Line.of("A", 3));
        shop.awaitDeadline(abandoned);

        assertThat(settled(engine.execute(sale(lease.id(), Line.of("A", 2)))).lines())
                .containsExactly(new Outcome.SettledLine(StockKey.of("A"), 2, 0, 0, 0));
        assertThat(settled(second.execute(sale(lease.id(), Line.of("A", 1)))).lines())
                .containsExactly(new Outcome.SettledLine(StockKey.of("A"), 1, 0, 0, 1));
        assertThat(shop.level("A").shortfall()).isEqualTo(1);
    }
}
