package dev.holdfast.engine.redis;

import dev.holdfast.engine.Line;
import dev.holdfast.engine.Outcome.Shortage;
import dev.holdfast.engine.StockKey;
import io.lettuce.core.cluster.SlotHash;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class RedisKeysTest {
    private static final List<StockKey> STOCKS = List.of(
            StockKey.of("a@b", "c"), StockKey.of("a", "b@c"), StockKey.of("{x}", "}{"), StockKey.of("ä 1", "main"));

    @Test
    void allKeysOfAShardLieInOneSlotAndNoTwoAreTheSame() {
        var keys = TestRedis.allKeys(new Keys("{holdfast:1.shop.public}"), STOCKS);
        assertThat(keys.stream().map(SlotHash::getSlot).distinct()).hasSize(1);
        assertThat(new HashSet<>(keys)).hasSameSizeAs(keys).hasSize(1 + 3 * STOCKS.size());
    }

    @Test
    void namesOfStocksComeBack() {
        assertThat(STOCKS)
                .allSatisfy(stock -> assertThat(Keys.stock(Keys.name(stock))).isEqualTo(stock));
    }

    @Test
    void aTakeComesBack() {
        var id = UUID.randomUUID();
        var take = new Take(id + "/1", List.of(new Line(STOCKS.get(0), 3), new Line(STOCKS.get(1), 1)), 17);
        assertThat(Take.parse(take.id(), "17\n" + take.text())).isEqualTo(take);
        assertThat(take.holdId()).isEqualTo(id);
    }

    @Test
    void aRefusalComesBackUnlessItSaysTooLittle() {
        var at = Instant.parse("2026-11-21T10:00:00.123456Z");
        assertThat(List.of(new Refusal(0, 7, at), new Refusal(3, 0, null)))
                .allSatisfy(refusal -> assertThat(Refusal.parse(refusal.text())).isEqualTo(refusal));
        assertThat(Refusal.parse("")).isNull();
        assertThat(Refusal.of(new Shortage(STOCKS.getFirst(), 9, 1, 2, null)))
                .as("held by others until nobody knows when")
                .isNull();
    }
}
