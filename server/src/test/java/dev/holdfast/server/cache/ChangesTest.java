package dev.holdfast.server.cache;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Every change reaches a node: by its message, or by the counter that finds it missing. */
final class ChangesTest {
    private final Changes changes = new Changes("c", null, 10, new SimpleMeterRegistry());
    private final List<String> heard = new ArrayList<>();

    ChangesTest() {
        changes.listen(new Changes.Listener() {
            @Override
            public void changed(long number, Collection<String> keys) {
                heard.add(number + " " + String.join(",", keys));
            }

            @Override
            public void changed(long number) {
                heard.add(number + " all");
            }
        });
    }

    @Test
    void whatIsToldIsNotMissing() {
        changes.announce(11, List.of("a"));
        changes.announce(12, List.of("b", "c"));
        changes.counted(12);
        changes.counted(12);
        assertThat(heard).containsExactly("11 a", "12 b,c");
        assertThat(changes.known()).isEqualTo(12);
    }

    @Test
    void whatIsMissingForTwoLooksMakesEverythingOld() {
        changes.announce(11, List.of("a"));
        changes.counted(12);
        assertThat(heard).containsExactly("11 a"); // its message may be on its way
        changes.counted(12);
        assertThat(heard).containsExactly("11 a", "12 all");
        changes.counted(12);
        assertThat(heard).hasSize(2);
    }

    @Test
    void aGapBeforeAChangeThatWasToldIsFound() {
        changes.announce(12, List.of("b"));
        changes.counted(12);
        changes.counted(12);
        assertThat(heard).containsExactly("12 b", "12 all");
    }

    @Test
    void messagesInAnyOrderAndTwiceAreComplete() {
        changes.announce(13, List.of("c"));
        changes.announce(12, List.of("b"));
        changes.counted(13);
        changes.announce(11, List.of("a"));
        changes.announce(12, List.of("b"));
        changes.counted(13);
        changes.counted(13);
        assertThat(heard).containsExactly("13 c", "12 b", "11 a", "12 b");
    }

    @Test
    void everythingIsAKeyToo() {
        changes.announce(11, List.of(Changes.EVERYTHING));
        assertThat(heard).containsExactly("11 all");
    }
}
