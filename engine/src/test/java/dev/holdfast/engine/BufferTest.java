package dev.holdfast.engine;

import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.Command.Sell;
import dev.holdfast.engine.Command.SetLimits;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What is kept for a channel, on every path and at two engines. The rules are in {@code rules/buffers.txt}. */
@ParameterizedClass
@EnumSource(Path.class)
class BufferTest extends TwoEngines {
    private static final StockKey A = StockKey.of("A");
    private static final Buffer TILL = new Buffer("till", 5, 10);

    BufferTest(Path path) {
        super(path);
        shop.receive("A", 20);
    }

    private void keep(Buffer... buffers) {
        assertThat(engine.execute(new SetLimits(IdempotencyKey.random(), A, 0, 0, List.of(buffers), null)))
                .isInstanceOf(Outcome.Moved.class);
    }

    private static PlaceHold placing(String channel, long units) {
        return new PlaceHold(IdempotencyKey.random(), List.of(Line.of("A", units)), Command.TTL_DEFAULT, channel, null);
    }

    @Test
    void whatIsKeptIsReadBackAndOutlivesEveryMovement() {
        var odd = new Buffer("a b \"ö\" 日本", Quantity.MAX, 0);
        keep(TILL, odd);
        engine.execute(placing("till", 2));
        second.execute(new Sell(IdempotencyKey.random(), List.of(Line.of("A", 1)), "till", null));

        var level = shop.level("A");
        assertThat(level.buffers()).containsExactly(TILL, odd);
        assertThat(level.available()).isEqualTo(12);
        assertThat(engine.available(List.of(A.sku()))).isEqualTo(Map.of(A.sku(), 12L));
        keep();
        assertThat(shop.level("A").buffers()).isEmpty();
        assertThat(shop.database().number("SELECT count(*) FROM stock_level WHERE buffers IS NOT NULL"))
                .isZero();
    }

    @Test
    void oneChannelsRefusalIsNoOthers() {
        keep(TILL);
        assertThat(engine.execute(placing("web", 15))).isInstanceOf(Outcome.Placed.class);
        for (int i = 0; i < 20; i++) { // often enough for everything that remembers a "no"
            assertThat(engine.execute(placing("web", 1))).isInstanceOf(Outcome.Insufficient.class);
        }
        assertThat(engine.execute(placing("till", 4))).isInstanceOf(Outcome.Placed.class);
        assertThat(second.execute(placing("till", 1))).isInstanceOf(Outcome.Placed.class);
        assertThat(second.execute(placing("till", 1))).isInstanceOf(Outcome.Insufficient.class);
    }

    @Test
    void ofManyAtOnceNoneTakesWhatIsKeptForOthers() {
        keep(TILL);
        var answers = Callers.together(
                60, i -> (i % 3 == 0 ? engine : second).execute(placing(i % 2 == 0 ? "web" : "till", 1)));
        long web = 0;
        for (int i = 0; i < 60; i += 2) {
            web += answers.get(i) instanceof Outcome.Placed ? 1 : 0;
        }
        assertThat(web).isLessThanOrEqualTo(15);
        assertThat(answers).filteredOn(Outcome.Placed.class::isInstance).hasSize(20);
        shop.assertLevel("A", 20, 20, 0);
    }

    @Test
    void aBufferHasBounds() {
        assertThatThrownBy(() -> new Buffer("", 1, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Buffer("till", -1, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Buffer("till", Quantity.MAX + 1L, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Buffer("till", 1, 1_001)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> keep(TILL, TILL)).isInstanceOf(IllegalArgumentException.class);
        var many = new Buffer[17];
        for (int i = 0; i < many.length; i++) {
            many[i] = new Buffer("c" + i, 1, 1);
        }
        assertThatThrownBy(() -> keep(many)).isInstanceOf(IllegalArgumentException.class);
    }
}
