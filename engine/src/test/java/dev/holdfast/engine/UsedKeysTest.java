package dev.holdfast.engine;

import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class UsedKeysTest {
    private final UsedKeys keys = new UsedKeys();

    @Test
    void everyKeyIsKnownAndNoOther() {
        var known = Stream.concat(
                        IntStream.range(0, 50_000).mapToObj(_ -> IdempotencyKey.randomUuidV7()),
                        IntStream.range(0, 50_000).mapToObj(i -> new UUID(0, i)))
                .toList();
        known.forEach(keys::add);
        known.forEach(keys::add);

        assertThat(keys.size()).isEqualTo(100_000);
        assertThat(known).allMatch(keys::contains);
        assertThat(IntStream.range(0, 100_000).mapToObj(_ -> IdempotencyKey.randomUuidV7()))
                .noneMatch(keys::contains);
    }

    @Test
    void itIsFullAtItsBoundAndKeepsNothingThen() {
        for (int i = 0; i < UsedKeys.SIZE_MAX; i++) {
            keys.add(new UUID(i, 1));
        }
        assertThat(keys.isFull()).isFalse();
        keys.add(new UUID(1, 2));
        assertThat(keys.isFull()).isTrue();
        keys.add(new UUID(1, 3));
        assertThat(keys.size()).isZero();
    }
}
