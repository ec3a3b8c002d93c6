package dev.holdfast.engine;

import dev.holdfast.engine.Command.ConfirmHold;
import dev.holdfast.engine.Command.Deallocate;
import dev.holdfast.engine.Command.ExpireHold;
import dev.holdfast.engine.Command.ReleaseHold;
import dev.holdfast.engine.Command.Ship;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Parts of one hold taken by many at two engines: each unit goes one way. The rules are in {@code rules/parts.txt}. */
@ParameterizedClass
@EnumSource(Path.class)
class PartsTest extends TwoEngines {
    PartsTest(Path path) {
        super(path);
    }

    private StockEngine engine(int caller) {
        return caller % 2 == 0 ? engine : second;
    }

    private Hold hold(UUID id) {
        return engine.hold(id).orElseThrow();
    }

    private static IdempotencyKey key() {
        return IdempotencyKey.random();
    }

    private static long yes(List<? extends Outcome> outcomes) {
        return outcomes.stream()
                .filter(outcome -> outcome instanceof Outcome.Changed || outcome instanceof Outcome.Moved)
                .count();
    }

    @Test
    void whatIsReadLaterIsWhatWasAnswered() {
        shop.receive("A", 9);
        var hold = shop.place(600, Line.of("A", 4));
        var command = new ConfirmHold(key(), hold.id(), List.of(Line.of("A", 1)));
        var first = (Outcome.Changed) engine.execute(command);
        assertThat(first.hold().state()).isEqualTo(Hold.State.ACTIVE);
        assertThat(first.hold().held(0)).isEqualTo(3);
        assertThat(second.hold(hold.id())).contains(first.hold());

        second.execute(new ReleaseHold(key(), hold.id(), List.of(Line.of("A", 3))));

        assertThat(engine.execute(command)).isEqualTo(new Outcome.Changed(first.hold(), first.at(), true));
        assertThat(hold(hold.id()).state()).isEqualTo(Hold.State.CONFIRMED);
        assertThat(hold(hold.id()).part(0)).isEqualTo(new Hold.Part(1, 3, 0, 0));
        shop.assertLevel("A", 9, 0, 1);
    }

    @Test
    void ofTwentyUnitsThirtyCallersGetTwenty() {
        shop.receive("A", 20);
        var hold = shop.place(600, Line.of("A", 20));
        var answers = Callers.together(30, i -> {
            var lines = List.of(Line.of("A", 1));
            return engine(i)
                    .execute(
                            i % 3 == 0
                                    ? new ReleaseHold(key(), hold.id(), lines)
                                    : new ConfirmHold(key(), hold.id(), lines));
        });
        assertThat(yes(answers)).isEqualTo(20);
        assertThat(hold(hold.id()).held(0)).isZero();
        shop.assertLevel("A", 20, 0, hold(hold.id()).part(0).confirmed());
    }

    /** No stock is common to two of them, so nothing but the hold itself tells them of each other. */
    @Test
    void partsOfDifferentLinesAllCount() {
        int lines = 6;
        var all = new Line[lines];
        for (int i = 0; i < lines; i++) {
            shop.receive("A" + i, 10);
            all[i] = Line.of("A" + i, 10);
        }
        var hold = shop.place(600, all);
        var confirmed = Callers.together(
                lines * 4,
                i -> engine(i).execute(new ConfirmHold(key(), hold.id(), List.of(Line.of("A" + i % lines, 2)))));
        assertThat(yes(confirmed)).isEqualTo(4L * lines);
        var moved = Callers.together(lines * 4, i -> {
            var some = List.of(Line.of("A" + i % lines, 1));
            return engine(i)
                    .execute(i % 2 == 0 ? new Ship(key(), hold.id(), some) : new Deallocate(key(), hold.id(), some));
        });
        assertThat(yes(moved)).isEqualTo(4L * lines);
        for (int i = 0; i < lines; i++) {
            var part = hold(hold.id()).part(i);
            assertThat(part.confirmed() + part.released()).isEqualTo(8);
            assertThat(part.shipped() + part.released()).isEqualTo(4);
        }
    }

    @Test
    void atItsDeadlineAPartIsConfirmedOrExpiresAndNeverBoth() {
        shop.receive("A", 10);
        var hold = shop.place(1, Line.of("A", 10));
        shop.database().awaitClock(hold.expiresAt().minusMillis(30));
        var answers = Callers.together(
                20,
                i -> i % 2 == 0
                        ? engine.execute(new ConfirmHold(key(), hold.id(), List.of(Line.of("A", 1))))
                        : second.execute(new ExpireHold(hold.id())));
        shop.awaitDeadline(hold);
        engine.execute(new ExpireHold(hold.id()));

        long confirmed = IntStream.range(0, 10)
                .filter(i -> answers.get(2 * i) instanceof Outcome.Changed)
                .count();
        shop.assertLevel("A", 10, 0, confirmed);
        assertThat(hold(hold.id()).state()).isEqualTo(confirmed == 0 ? Hold.State.EXPIRED : Hold.State.CONFIRMED);
    }
}
