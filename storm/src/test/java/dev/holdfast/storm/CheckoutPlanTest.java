package dev.holdfast.storm;

import dev.holdfast.storm.Errand.Kind;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class CheckoutPlanTest {

    @Test
    void one_seed_makes_the_same_errands_in_any_run() {
        var one = errands(300, 42, "one");
        var two = errands(300, 42, "two");
        for (int i = 0; i < one.size(); i++) {
            assertThat(two.get(i).kind()).isEqualTo(one.get(i).kind());
            assertThat(two.get(i).token()).isEqualTo(one.get(i).token());
            assertThat(List.copyOf(two.get(i).units().values()))
                    .isEqualTo(List.copyOf(one.get(i).units().values()));
            assertThat(two.get(i).keyHigh()).isNotEqualTo(one.get(i).keyHigh());
        }
        assertThat(errands(300, 43, "one").stream().map(Errand::token).toList())
                .isNotEqualTo(one.stream().map(Errand::token).toList());
    }

    @Test
    void who_buys_does_not_depend_on_how_many_there_are() {
        assertThat(errands(1_000, 42, "one").subList(0, 300)).isEqualTo(errands(300, 42, "one"));
    }

    @Test
    void a_hundred_buyers_have_each_kind_of_errand() {
        for (var hundred : List.of(
                errands(200, 7, "one").subList(0, 100), errands(200, 7, "one").subList(100, 200))) {
            assertThat(hundred).extracting(Errand::kind).contains(Kind.values());
        }
    }

    @Test
    void carts_have_one_to_three_skus_and_all_ways_to_pay_are_there() {
        var errands = errands(2_000, 1, "one");
        assertThat(errands).allSatisfy(errand -> {
            assertThat(errand.units()).hasSizeBetween(1, 3);
            assertThat(errand.units().values())
                    .allSatisfy(units -> assertThat(units).isBetween(1L, 3L));
        });
        assertThat(errands.stream().map(Errand::token).distinct()).hasSize(13);
        assertThat(errands.stream().map(Errand::channel).distinct()).containsExactlyInAnyOrder("web", "mobile", "till");
    }

    private static List<Errand> errands(int buyers, long seed, String runId) {
        var scenario = new CheckoutScenario(
                buyers, 800, 10, 128, Duration.ofSeconds(5), Duration.ofMinutes(1), null, Duration.ofMinutes(1), seed);
        return CheckoutPlan.of(scenario, runId).errands();
    }
}
