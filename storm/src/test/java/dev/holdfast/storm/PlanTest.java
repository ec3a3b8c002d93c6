package dev.holdfast.storm;

import dev.holdfast.storm.Intent.Ending;
import dev.holdfast.storm.Intent.Repeat;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class PlanTest {

    private static Scenario scenario(long units, int skus, int lines, long seed) {
        return new Scenario(
                2_000,
                units,
                skus,
                lines,
                1,
                Share.parse("30%"),
                Share.parse("50"),
                Share.parse("10%"),
                Share.parse("20%"),
                16,
                null,
                Duration.ofMinutes(10),
                Duration.ofMinutes(1),
                seed);
    }

    @Test
    void units_are_spread_evenly_and_the_first_take_the_remainder() {
        assertThat(Plan.of(scenario(11, 4, 1, 1), "r").supply().units().values())
                .containsExactly(3L, 3L, 3L, 2L);
    }

    @Test
    void carts_have_distinct_skus_and_reach_all_of_them() {
        var plan = Plan.of(scenario(50, 7, 3, 1), "r");
        var intents = plan.intents();
        assertThat(intents)
                .allSatisfy(intent -> assertThat(intent.cart())
                        .hasSize(3)
                        .doesNotHaveDuplicates()
                        .isSubsetOf(plan.supply().skus()));
        assertThat(intents.stream().flatMap(i -> i.cart().stream()).collect(Collectors.toSet()))
                .hasSize(7);
    }

    @Test
    void shares_are_met_about() {
        var intents = Plan.of(scenario(50, 7, 3, 1), "r").intents();
        assertThat(intents.stream().filter(i -> i.repeat() != Repeat.ONCE)).hasSizeBetween(500, 700);
        assertThat(intents.stream().filter(i -> i.ending() == Ending.CONFIRM)).hasSizeBetween(900, 1_100);
        assertThat(intents.stream().filter(i -> i.ending() == Ending.RELEASE)).hasSizeBetween(320, 480);
        assertThat(intents.stream().filter(i -> i.ending() == Ending.ABANDON)).hasSizeBetween(140, 260);
    }

    @Test
    void the_seed_decides_what_buyers_want_and_the_run_only_names_and_keys() {
        var one = Plan.of(scenario(50, 1, 1, 42), "one").intents();
        var other = Plan.of(scenario(50, 1, 1, 42), "other").intents();
        var reseeded = Plan.of(scenario(50, 1, 1, 43), "one").intents();
        assertThat(kinds(one)).isEqualTo(kinds(other)).isNotEqualTo(kinds(reseeded));
        assertThat(one.getFirst().keyHigh()).isNotEqualTo(other.getFirst().keyHigh());
    }

    private static List<String> kinds(List<Intent> intents) {
        return intents.stream().map(i -> i.repeat() + " " + i.ending()).toList();
    }

    @Test
    void keys_are_uuids_of_version_7_in_the_order_of_time() {
        var earlier = Uuid7.of(1_700_000_000_000L, -1, -1);
        var later = Uuid7.of(1_700_000_000_001L, 0, 0);
        assertThat(earlier.version()).isEqualTo(7);
        assertThat(earlier.variant()).isEqualTo(2);
        assertThat(later.toString()).isGreaterThan(earlier.toString());
    }

    @Test
    void shares_are_checked() {
        assertThat(Share.parse("12.5%").fraction()).isEqualTo(0.125);
        assertThatIllegalArgumentException().isThrownBy(() -> Share.parse("101%"));
        assertThatIllegalArgumentException().isThrownBy(() -> Share.parse("-1"));
        assertThatIllegalArgumentException().isThrownBy(() -> Share.parse("NaN"));
    }
}
