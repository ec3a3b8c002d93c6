package dev.holdfast.server.seating;

import dev.holdfast.server.venue.VenueMap;
import dev.holdfast.server.venue.VenueMap.Point;
import dev.holdfast.server.venue.VenueMap.Row;
import dev.holdfast.server.venue.VenueMap.Seat;
import dev.holdfast.server.venue.VenueMap.Section;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class SeatPlanTest {
    private static Seat seat(String label, double x, double y) {
        return new Seat(label, label, "A", false, false, false, false, x, y);
    }

    private static VenueMap map(Point stage, Seat... seats) {
        var row = new Row("1", Row.Kind.ROW, false, List.of(seats));
        return new VenueMap(stage, List.of(new Section("Stalls", List.of(row))), List.of());
    }

    private static List<Integer> costs(VenueMap map) {
        var plan = SeatPlan.of(map);
        return IntStream.range(0, plan.size()).mapToObj(plan::cost).toList();
    }

    @Test
    void seats_are_numbered_in_the_order_of_the_map() {
        var plan = House.of("..", "---", "table:...", "b").plan();

        assertThat(plan.size()).isEqualTo(6);
        assertThat(IntStream.range(0, 6).mapToObj(plan::label))
                .containsExactly("1-1", "1-2", "3-1", "3-2", "3-3", "4-1");
        assertThat(plan.index("3-2")).hasValue(3);
        assertThat(plan.index("3-4")).isEqualTo(OptionalInt.empty());
        assertThat(IntStream.range(0, 6).mapToObj(plan::category)).containsExactly("A", "A", "A", "A", "A", "B");
    }

    @Test
    void the_cost_is_the_share_of_the_longest_distance() {
        assertThat(costs(map(new Point(0, 0), seat("a", 0, 1), seat("b", 0, 5), seat("c", 0, 10))))
                .containsExactly(10_000, 50_000, 100_000);
    }

    @Test
    void it_is_the_same_in_metres_and_feet_and_however_the_map_is_turned() {
        var seats = new double[][] {{-2, 1}, {0, 1}, {2, 1}, {0, 6}};
        var metres = costs(map(
                new Point(0, 0),
                Stream.of(seats)
                        .map(at -> seat("" + at[0] + at[1], at[0], at[1]))
                        .toArray(Seat[]::new)));
        var feet = costs(map(
                new Point(100, 50),
                Stream.of(seats)
                        .map(at -> seat("" + at[0] + at[1], 100 + 3 * at[1], 50 - 3 * at[0]))
                        .toArray(Seat[]::new)));
        assertThat(feet).isEqualTo(metres);
    }

    @Test
    void aside_counts_half() {
        // 3 aside and 4 back are 5 from the stage, and 1.5 for being aside, of 10.
        assertThat(costs(map(new Point(0, 0), seat("a", -3, 4), seat("b", 3, 4), seat("c", 0, 10))))
                .containsExactly(65_000, 65_000, 100_000);
    }

    @Test
    void around_an_arena_nothing_is_aside() {
        assertThat(costs(map(new Point(0, 0), seat("a", -1, 0), seat("b", 1, 0), seat("c", 0, -1), seat("d", 0, 1))))
                .containsOnly(100_000);
    }

    @Test
    void a_map_may_have_no_seats_or_all_in_one_place() {
        assertThat(SeatPlan.of(new VenueMap(new Point(0, 0), List.of(), List.of()))
                        .size())
                .isZero();
        assertThat(costs(map(new Point(7, 7), seat("a", 7, 7), seat("b", 7, 7))))
                .containsOnly(0);
    }

    @Test
    void two_seats_of_one_name_are_refused() {
        assertThatThrownBy(() -> SeatPlan.of(map(new Point(0, 0), seat("a", 0, 1), seat("a", 1, 1))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("two seats are called a");
    }
}
