package dev.holdfast.server.seating;

import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/** What is left single, and whether it need be. Drawn as {@link House} says; {@code X} is chosen, {@code !} an orphan. */
class OrphansTest {
    @ParameterizedTest(name = "{0} -> {1} ({2})")
    @CsvSource(delimiter = ';', textBlock = """
            # chosen    ; left single ; avoidable
            XX...       ; XX...       ; XX...
            .XX..       ; !XX..       ; !XX..
            .XX.        ; !XX!        ; !XX!
            .X          ; !X          ; .X
            X.X         ; X!X         ; X.X
            .X.         ; !X!         ; !X!
            XX.XX       ; XX!XX       ; XX.XX
            X.X..       ; X!X..       ; X!X..
            X           ; X           ; X
            .#X         ; .#X         ; .#X
            .|X.        ; .|X!        ; .|X.
            .X#X.       ; !X#X!       ; .X#X.
            .Xb         ; !X!         ; !X!
            wX..        ; !X..        ; !X..
            table:X.X   ; table:X!X   ; table:X.X
            table:.X.   ; table:.X.   ; table:.X.
            table:#X.   ; table:#X!   ; table:#X.
            table:#X#   ; table:#X#   ; table:#X#
            """)
    void leaves(String drawing, String left, String avoidable) {
        var house = House.of(drawing.replace('X', '.'));
        var places = drawing.replace("table:", "").replace("|", "");
        var chosen = new BitSet();
        IntStream.range(0, places.length()).filter(i -> places.charAt(i) == 'X').forEach(chosen::set);
        var marked = House.of(drawing);

        var orphans = Orphans.of(house.plan(), house.free(), chosen);

        assertThat(marked.marked(orphans.left(), '!')).containsExactly(left);
        assertThat(marked.marked(orphans.avoidable(), '!')).containsExactly(avoidable);
        house.free().andNot(chosen);
        assertThat(Orphans.of(house.plan(), house.free(), chosen))
                .as("whether they count as taken already or not")
                .isEqualTo(orphans);
    }

    /** Every set of seats of every short run: the search permits just those that have no avoidable orphan. */
    @ParameterizedTest
    @EnumSource(names = {"TIDY", "LOOSE"})
    void the_search_knows_the_same_rule(Pattern pattern) {
        for (int length = 1; length <= 10; length++) {
            var house = House.of(".".repeat(length));
            for (long set = 1; set < 1L << length; set++) {
                var chosen = BitSet.valueOf(new long[] {set});
                boolean isTidy = Orphans.of(house.plan(), house.free(), chosen)
                        .avoidable()
                        .isEmpty();
                assertThat(isKept(pattern, length, chosen))
                        .as("%s", house.marked(chosen, 'X'))
                        .isEqualTo(isTidy || pattern == Pattern.LOOSE);
            }
        }
    }

    private static boolean isKept(Pattern pattern, int length, BitSet chosen) {
        int state = 0;
        for (int i = 0; i < length && state != Pattern.NEVER; i++) {
            state = chosen.get(i) ? pattern.taken(state) : pattern.left(state);
        }
        return state != Pattern.NEVER && pattern.mayEnd(state);
    }

    @Test
    void several_runs_are_judged_each_for_itself() {
        var house = House.of("....#..", "..|...");
        var chosen = new BitSet();
        List.of("1-2", "1-6", "2-1", "2-4")
                .forEach(label -> chosen.set(house.plan().index(label).orElseThrow()));

        var orphans = Orphans.of(house.plan(), house.free(), chosen);

        assertThat(house.marked(orphans.left(), '!')).containsExactly("!...#.!", ".!|!.!");
        assertThat(house.marked(orphans.avoidable(), '!')).containsExactly("!...#..", "..|!.!");
    }
}
