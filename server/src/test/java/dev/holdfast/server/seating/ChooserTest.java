package dev.holdfast.server.seating;

import dev.holdfast.server.seating.Wanted.Adjacency;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

import static dev.holdfast.server.seating.OrphanRule.AVOID;
import static dev.holdfast.server.seating.OrphanRule.IGNORE;
import static dev.holdfast.server.seating.OrphanRule.REFUSE;
import static dev.holdfast.server.seating.Wanted.Adjacency.NONE;
import static dev.holdfast.server.seating.Wanted.Adjacency.PREFERRED;
import static dev.holdfast.server.seating.Wanted.Adjacency.REQUIRED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The rules of the chooser, a house each, drawn as {@link House} says; {@code X} is chosen. */
class ChooserTest {
    private static Wanted seats(int count, Adjacency adjacency) {
        return new Wanted(count, null, adjacency, false);
    }

    private static Wanted accessible(int count, Adjacency adjacency) {
        return new Wanted(count, null, adjacency, true);
    }

    private static Wanted of(String category, int count) {
        return new Wanted(count, category, REQUIRED, false);
    }

    private static List<String> chosen(Wanted wanted, OrphanRule rule, String... drawing) {
        return House.of(drawing).chosen(wanted, rule, 0);
    }

    @Test
    void the_best_is_in_front_and_in_the_middle() {
        assertThat(chosen(seats(2, REQUIRED), IGNORE, "......", "......")).containsExactly("..XX..", "......");
        assertThat(chosen(seats(2, REQUIRED), IGNORE, "######", "......")).containsExactly("######", "..XX..");
        assertThat(chosen(seats(2, REQUIRED), IGNORE, ".####.", "......")).containsExactly(".####.", "..XX..");
    }

    @Test
    void of_equal_ones_it_is_the_first() {
        assertThat(chosen(seats(1, REQUIRED), IGNORE, "....")).containsExactly(".X..");
        assertThat(chosen(seats(2, REQUIRED), IGNORE, "..#..")).containsExactly("XX#..");
    }

    @Test
    void a_restricted_view_costs_some_rows_but_not_all() {
        assertThat(chosen(seats(1, REQUIRED), IGNORE, "v", ".", ".", ".", "."))
                .containsExactly("v", "X", ".", ".", ".");
        assertThat(chosen(seats(1, REQUIRED), IGNORE, "v", "#", ".", ".", "."))
                .containsExactly("X", "#", ".", ".", ".");
    }

    @Test
    void nobody_sits_across_an_aisle_from_the_party() {
        assertThat(chosen(seats(3, REQUIRED), IGNORE, "..|..", "..|...")).containsExactly("..|..", "..|XXX");
    }

    @Test
    void a_category_is_kept_to_and_none_is_any() {
        assertThat(chosen(of("B", 2), IGNORE, "....", "..bb", "bb..")).containsExactly("....", "..XX", "bb..");
        assertThat(chosen(of("B", 3), IGNORE, "....", "..bb", "bb..")).containsExactly("....", "..bb", "bb..");
        assertThat(chosen(of("C", 1), IGNORE, "....")).containsExactly("....");
        assertThat(chosen(seats(4, REQUIRED), IGNORE, "##", "..bb")).containsExactly("##", "XXXX");
    }

    @Test
    void required_is_all_or_nothing() {
        assertThat(chosen(seats(3, REQUIRED), IGNORE, "..#..", "..#..")).containsExactly("..#..", "..#..");
    }

    @Test
    void preferred_goes_far_back_to_be_together() {
        assertThat(chosen(seats(3, PREFERRED), IGNORE, "..#..", "..#..", "...##"))
                .containsExactly("..#..", "..#..", "XXX##");
    }

    @Test
    void else_it_makes_few_groups() {
        assertThat(chosen(seats(4, PREFERRED), IGNORE, ".#.#.", "###..", "..###"))
                .containsExactly(".#.#.", "###XX", "XX###");
    }

    @Test
    void in_rows_that_follow_each_other() {
        assertThat(chosen(seats(4, PREFERRED), IGNORE, ".##..", "#####", "###..", "..###"))
                .containsExactly(".##..", "#####", "###XX", "XX###");
        assertThat(chosen(seats(4, PREFERRED), IGNORE, "..###", "---", "##..#", "#####", "##..#"))
                .as("of one section")
                .containsExactly("..###", "---", "##XX#", "#####", "##XX#");
        assertThat(chosen(seats(4, PREFERRED), IGNORE, "..###", "---", "##..#"))
                .as("unless no section has enough")
                .containsExactly("XX###", "---", "##XX#");
    }

    @Test
    void without_adjacency_each_seat_is_for_itself() {
        assertThat(chosen(seats(3, NONE), IGNORE, "...", "...", "...")).containsExactly("XXX", "...", "...");
        assertThat(chosen(seats(3, NONE), IGNORE, ".......", ".......", "......."))
                .containsExactly("..XXX..", ".......", ".......");
        assertThat(chosen(seats(2, NONE), IGNORE, ".#.", "...")).containsExactly("X#X", "...");
    }

    @Test
    void a_wheelchair_has_its_companions_beside_it() {
        assertThat(chosen(accessible(2, REQUIRED), IGNORE, "......", "..wc..")).containsExactly("......", "..XX..");
        assertThat(chosen(accessible(3, REQUIRED), IGNORE, ".w...", "..cwc.")).containsExactly(".w...", "..XXX.");
        assertThat(chosen(accessible(3, REQUIRED), IGNORE, ".w...", "..wcw."))
                .as("a second wheelchair is no companion")
                .containsExactly(".w...", ".XXXw.");
    }

    @Test
    void a_wheelchair_alone_needs_no_companion() {
        assertThat(chosen(accessible(1, REQUIRED), IGNORE, "......", "..wc..")).containsExactly("......", "..Xc..");
    }

    @Test
    void near_a_wheelchair_means_beside_it_even_if_the_best_seats_are_elsewhere() {
        assertThat(chosen(accessible(2, NONE), IGNORE, "......", "....w.")).containsExactly("......", "...XX.");
        assertThat(chosen(accessible(2, NONE), IGNORE, "..", "#w")).containsExactly("X.", "#X");
    }

    @Test
    void others_leave_those_places_to_whom_they_are_for() {
        assertThat(chosen(seats(2, REQUIRED), IGNORE, "wc", "..")).containsExactly("wc", "XX");
        assertThat(chosen(seats(2, NONE), IGNORE, "wc", ".#")).containsExactly("wc", ".#");
    }

    @Test
    void until_nothing_else_is_left_of_the_category() {
        assertThat(chosen(seats(2, REQUIRED), IGNORE, "wc", "##")).containsExactly("XX", "##");
        assertThat(chosen(of("A", 2), IGNORE, "wc", "bb")).containsExactly("XX", "bb");
    }

    @Test
    void at_a_table_everybody_is_together() {
        assertThat(chosen(seats(3, REQUIRED), IGNORE, "..#..", "table:.#.#.")).containsExactly("..#..", "table:X#X#X");
        assertThat(chosen(seats(4, REQUIRED), IGNORE, "..#..", "table:.#.#.")).containsExactly("..#..", "table:.#.#.");
        assertThat(chosen(accessible(2, REQUIRED), IGNORE, "table:w..c")).containsExactly("table:X..X");
    }

    @Test
    void a_whole_table_is_sold_whole() {
        assertThat(chosen(seats(3, REQUIRED), IGNORE, "whole:....", "whole:..."))
                .containsExactly("whole:....", "whole:XXX");
        assertThat(chosen(seats(3, PREFERRED), IGNORE, "whole:....", "..", "."))
                .containsExactly("whole:....", "XX", "X");
        assertThat(chosen(seats(3, NONE), IGNORE, "whole:#...")).containsExactly("whole:#...");
        assertThat(chosen(seats(5, PREFERRED), IGNORE, "whole:...", "whole:.."))
                .containsExactly("whole:XXX", "whole:XX");
        assertThat(chosen(seats(4, NONE), IGNORE, "whole:...", "#.#")).containsExactly("whole:XXX", "#X#");
    }

    @Test
    void no_seat_is_left_single() {
        assertThat(chosen(seats(2, REQUIRED), IGNORE, "#.....#")).containsExactly("#.XX..#");
        for (var rule : List.of(REFUSE, AVOID)) {
            assertThat(chosen(seats(2, REQUIRED), rule, "#.....#")).containsExactly("#XX...#");
            assertThat(chosen(seats(1, REQUIRED), rule, "#...#")).containsExactly("#X..#");
            assertThat(chosen(seats(1, NONE), rule, "#...#")).containsExactly("#X..#");
            assertThat(chosen(seats(3, NONE), rule, ".....")).containsExactly("XXX..");
        }
    }

    @Test
    void where_one_seat_is_over_in_any_case_the_party_may_still_sit_there() {
        assertThat(chosen(seats(2, REQUIRED), REFUSE, "#...#")).containsExactly("#XX.#");
        assertThat(chosen(seats(2, REQUIRED), REFUSE, "#...#", "..###"))
                .as("but rather where none is")
                .containsExactly("#...#", "XX###");
        assertThat(chosen(seats(2, REQUIRED), REFUSE, "table:...", "..."))
                .as("as at a table")
                .containsExactly("table:XX.", "...");
    }

    @Test
    void a_seat_that_is_single_already_is_nobodys_fault() {
        assertThat(chosen(seats(2, REQUIRED), REFUSE, "#.#..#")).containsExactly("#.#XX#");
        assertThat(chosen(seats(1, REQUIRED), REFUSE, "#.#..#")).containsExactly("#X#..#");
    }

    /** The only seats of A are in the middle of a run: as many could be taken from its end, but those are of B. */
    @Test
    void refusing_refuses_and_avoiding_gives_way() {
        assertThat(chosen(of("A", 2), REFUSE, "b..b")).containsExactly("b..b");
        assertThat(chosen(of("A", 2), AVOID, "b..b")).containsExactly("bXXb");
        assertThat(chosen(of("A", 2), AVOID, "b..b", "..bb")).containsExactly("b..b", "XXbb");
    }

    @Test
    void sold_out_is_nothing() {
        assertThat(chosen(seats(1, NONE), IGNORE, "###")).containsExactly("###");
        assertThat(chosen(seats(3, NONE), IGNORE, ".#.")).containsExactly(".#.");
    }

    @Test
    void many_at_once_do_not_all_go_for_the_same() {
        var row = "..........";
        var house = House.of(row, row, row, row, row, row);
        Map<BitSet, Integer> times = new HashMap<>();
        for (long spread = 1; spread <= 1_600; spread++) {
            var seats = Chooser.choose(house.plan(), house.free(), seats(2, REQUIRED), REFUSE, spread);
            times.merge(seats.orElseThrow(), 1, Integer::sum);
        }
        assertThat(times).hasSize(Chooser.SPREAD);
        assertThat(times.values()).allSatisfy(count -> assertThat(count).isBetween(80, 120));
        var all = new BitSet();
        times.keySet().forEach(all::or);
        assertThat(all.cardinality()).as("no seat in two").isEqualTo(2 * Chooser.SPREAD);
    }

    @Test
    void spreading_parts_no_party_that_can_sit_together() {
        var house = House.of("....#.#.#.#.");
        for (long spread = 0; spread < 100; spread++) {
            assertThat(house.chosen(seats(4, PREFERRED), REFUSE, spread)).containsExactly("XXXX#.#.#.#.");
        }
    }

    @Test
    void a_party_has_one_to_fifty() {
        assertThatThrownBy(() -> seats(0, NONE)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> seats(51, NONE)).hasMessage("count must be 1 to 50, not 51");
        assertThat(House.of(".".repeat(60)).chosen(seats(50, NONE), REFUSE, 0))
                .containsExactly("....." + "X".repeat(50) + ".....");
    }
}
