package dev.holdfast.engine;

import dev.holdfast.engine.Command.Adjust;
import dev.holdfast.engine.Command.Count;
import dev.holdfast.engine.Command.ExtendHold;
import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.Command.Receive;
import dev.holdfast.engine.Command.Sell;
import dev.holdfast.engine.Command.SetLimits;
import dev.holdfast.engine.Command.Transfer;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Bounds are checked when a value is made, so that nothing out of bounds can be asked. */
class ValuesTest {
    private static final IdempotencyKey KEY = IdempotencyKey.random();
    private static final StockKey A = StockKey.of("A");

    @ParameterizedTest
    @ValueSource(strings = {"A", "a b", "ünï", "日本", "👩‍🚀", "'; --", "{\"a\"}", "\\", "a/b@c"})
    void aNameMayBeAnyPrintableText(String name) {
        assertThat(new Sku(name).value()).isEqualTo(name);
        assertThat(new Location(name).value()).isEqualTo(name);
        assertThat(IdempotencyKey.of("", name)).isEqualTo(IdempotencyKey.of("", name));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                " A",
                "A ",
                "\tA",
                "A\n",
                "A\u0000B",
                "A\u0007",
                "A\u0085B",
                "\uD83D",
                "A\uDC00",
                "\uD83DA"
            })
    void aNameThatIsNotCleanIsRefused(String name) {
        refused(() -> new Sku(name));
        refused(() -> new Location(name));
        refused(() -> IdempotencyKey.of("", name));
        refused(() -> new Adjust(KEY, A, 1, name, null));
    }

    @Test
    void textsHaveALength() {
        assertThat(new Sku("x".repeat(100)).value()).hasSize(100);
        refused(() -> new Sku("x".repeat(101)));
        refused(() -> new Location("x".repeat(101)));
        assertThatCode(() -> IdempotencyKey.of("x".repeat(255), "x".repeat(255)))
                .doesNotThrowAnyException();
        refused(() -> IdempotencyKey.of("", "x".repeat(256)));
        refused(() -> IdempotencyKey.of("x".repeat(256), "x"));
        refused(() -> new IdempotencyKey("a\nb", UUID.randomUUID()));
        var lines = List.of(Line.of("A", 1));
        refused(() -> new PlaceHold(KEY, lines, Duration.ofMinutes(1), "x".repeat(65), null));
        refused(() -> new PlaceHold(KEY, lines, Duration.ofMinutes(1), null, "x".repeat(256)));
        refused(() -> new PlaceHold(KEY, lines, Duration.ofMinutes(1), null, "a\u0000"));
        refused(() -> new Sell(KEY, lines, "x".repeat(65), null));
        refused(() -> new Sell(KEY, lines, null, "x".repeat(256)));
        refused(() -> new Receive(KEY, A, Quantity.ONE, "x".repeat(256)));
        refused(() -> new Command.Return(KEY, A, Quantity.ONE, "x".repeat(256)));
        refused(() -> new Count(KEY, A, 1, "x".repeat(256), null));
        refused(() -> new Adjust(KEY, A, 1, "x".repeat(256), null));
        assertThatCode(() -> new PlaceHold(KEY, lines, Duration.ofMinutes(1), "", " "))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, 1_000_000_001, Long.MIN_VALUE, Long.MAX_VALUE})
    void aQuantityIsOneToABillion(long units) {
        refused(() -> Quantity.of(units));
        refused(() -> Line.of("A", units));
        assertThat(Quantity.of(1)).isEqualTo(Quantity.ONE);
        assertThat(Quantity.of(Quantity.MAX).units()).isEqualTo(1_000_000_000);
    }

    @Test
    void numbersOfCommandsAreBounded() {
        refused(() -> new Adjust(KEY, A, 0, "r", null));
        refused(() -> new Adjust(KEY, A, 1_000_000_001, "r", null));
        refused(() -> new Adjust(KEY, A, -1_000_000_001, "r", null));
        refused(() -> new Adjust(KEY, A, Long.MIN_VALUE, "r", null));
        refused(() -> new Count(KEY, A, -1, null, null));
        refused(() -> new Count(KEY, A, 1_000_000_001, null, null));
        refused(() -> new SetLimits(KEY, A, -1, 0, null));
        refused(() -> new SetLimits(KEY, A, 0, -1, null));
        refused(() -> new SetLimits(KEY, A, 1_000_000_001, 0, null));
        refused(() -> new SetLimits(KEY, A, 0, 1_000_000_001, null));
        refused(() -> new Transfer(KEY, A, Location.MAIN, Quantity.ONE, null));
        refused(() -> StockEngine.Options.DEFAULT.withQueueMax(0));
        refused(() -> StockEngine.Options.DEFAULT.withBatchMax(0));
        refused(() -> StockEngine.Options.DEFAULT.withSweepInterval(Duration.ZERO));
    }

    @Test
    void aTtlIsWholeSecondsUpToADay() {
        var lines = List.of(Line.of("A", 1));
        for (var ttl : List.of(
                Duration.ZERO,
                Duration.ofMillis(999),
                Duration.ofMillis(1_001),
                Duration.ofSeconds(-1),
                Duration.ofDays(1).plusSeconds(1),
                Duration.ofSeconds(Long.MAX_VALUE))) {
            refused(() -> new PlaceHold(KEY, lines, ttl, null, null));
            refused(() -> new ExtendHold(null, KEY.id(), ttl));
        }
        assertThatCode(() -> new PlaceHold(KEY, lines, Duration.ofDays(1), null, null))
                .doesNotThrowAnyException();
        assertThatCode(() -> new PlaceHold(KEY, lines, Duration.ofSeconds(1), null, null))
                .doesNotThrowAnyException();
    }

    @Test
    void linesAreOneToAHundredAndSummed() {
        refused(() -> PlaceHold.of(KEY));
        refused(() -> new PlaceHold(KEY, Collections.nCopies(101, Line.of("A", 1)), Duration.ofMinutes(1), null, null));
        refused(() -> new Sell(KEY, List.of(), null, null));
        var most = new PlaceHold(
                KEY, Collections.nCopies(100, Line.of("A", Quantity.MAX)), Duration.ofMinutes(1), null, null);
        assertThat(most.lines()).containsExactly(new Line(A, 100_000_000_000L));
    }

    @Test
    void aSourcingHasSomethingToFindAndSomewhereToLook() {
        var wanted = List.of(new Sourcing.Wanted(A.sku(), 1));
        var from = List.of(Location.MAIN);
        refused(() -> new Sourcing.Wanted(A.sku(), 0));
        refused(() -> sourcing(List.of(), from));
        refused(() -> sourcing(Collections.nCopies(101, wanted.getFirst()), from));
        refused(() -> sourcing(wanted, List.of()));
        refused(() -> sourcing(wanted, List.of(Location.MAIN, Location.MAIN)));
        refused(() -> sourcing(wanted, locations(33)));
        refused(() -> sourcing(skus(32), locations(32)));
        assertThat(sourcing(skus(31), locations(32)).stocks()).hasSize(992);
        assertThat(sourcing(Collections.nCopies(100, wanted.getFirst()), locations(32))
                        .wanted())
                .containsExactly(new Sourcing.Wanted(A.sku(), 100));

        var open = sourcing(wanted, from);
        refused(() -> new PlaceHold(KEY, List.of(), Duration.ofMinutes(1), null, null, null, null));
        assertThat(new PlaceHold(KEY, List.of(), Duration.ofMinutes(1), null, null, open, null).lines())
                .isEmpty();
    }

    private static Sourcing sourcing(List<Sourcing.Wanted> wanted, List<Location> candidates) {
        return new Sourcing(wanted, candidates, Sourcing.Policy.IN_ORDER, true, null);
    }

    private static List<Sourcing.Wanted> skus(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new Sourcing.Wanted(new Sku("s" + i), 1))
                .toList();
    }

    private static List<Location> locations(int count) {
        return IntStream.range(0, count).mapToObj(i -> new Location("l" + i)).toList();
    }

    @Test
    void aTimeOrderedUuidIsTheIdAndAnyOtherKeyIsHashed() {
        var v7 = "01890a5d-ac96-774b-bcce-b302099a8057";
        assertThat(IdempotencyKey.of("any", v7).id()).isEqualTo(UUID.fromString(v7));
        assertThat(IdempotencyKey.of("any", v7.toUpperCase(Locale.ROOT)).id()).isEqualTo(UUID.fromString(v7));
        for (String other : List.of(
                "01890a5d-ac96-474b-bcce-b302099a8057", // version 4
                "01890a5d-ac96-774b-ccce-b302099a8057", // no variant of RFC 9562
                "01890a5dac96774bbcceb302099a8057",
                "01890a5d-ac96-774b-bcce-b302099a805g",
                "01890a5d-ac96-774b-bcce-b302099a805７",
                "{01890a5d-ac96-774b-bcce-b302099a8057}",
                "order 4711")) {
            var id = IdempotencyKey.of("ann", other).id();
            assertThat(id.version()).as(other).isEqualTo(8);
            assertThat(id.variant()).as(other).isEqualTo(2);
            assertThat(IdempotencyKey.of("ann", other).id()).isEqualTo(id);
            assertThat(IdempotencyKey.of("bob", other).id()).isNotEqualTo(id);
        }
        // The border between caller and key cannot be moved.
        assertThat(IdempotencyKey.of("a", "bc").id())
                .isNotEqualTo(IdempotencyKey.of("ab", "c").id());
        assertThat(IdempotencyKey.random().id().version()).isEqualTo(7);
        assertThat(IdempotencyKey.random().id().variant()).isEqualTo(2);
    }

    private static void refused(ThrowingCallable make) {
        assertThatThrownBy(make).isInstanceOf(IllegalArgumentException.class);
    }
}
