package dev.holdfast.storm;

import dev.holdfast.storm.Acts.Act;
import dev.holdfast.storm.Evidence.Invariants;
import dev.holdfast.storm.Evidence.Shelf;
import dev.holdfast.storm.LedgerSeen.Movement;
import dev.holdfast.storm.StockTruth.Sighting;
import dev.holdfast.storm.StockTruth.Wait;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

/**
 * What may be said of a SKU that was filled with 9 before 100 µs, held once between 200 and 300, and given back between 400
 * and 500, by somebody whose answer nobody knows; and held again between 600 and 700. So: 9, 8, 9, 8.
 */
class StockTruthTest {

    private static final long FILLED = 100;

    private final Acts acts = new Acts();

    @ParameterizedTest
    @CsvSource({
        // available, version, asOf, answered -> false
        "0, 0,  100,  800, 0", // before it was filled, as it was then
        "0, 0,  101,  800, 1",
        "9, 1,  300,  800, 0", // the hold may have been decided at 300
        "9, 1,  301,  800, 1",
        "8, 1,  250,  800, 1", // never at that version
        "8, 2,  250,  199, 1", // nor before it was asked for
        "8, 2,  700,  800, 0", // when it was given back nobody knows, but before it was held again
        "8, 2,  701,  800, 1",
        "9, 3,  700,  800, 0",
        "9, 3,  701,  800, 1",
        "8, 4,  900,  900, 0",
        "8, 4,  901,  900, 1", // as of later than its answer
        "8, 5,  800,  800, 1", // there is no version 5
        "9, -1, 700,  800, 0", // in a list: at some version
        "9, -1, 701,  800, 1",
        "8, -1, 900,  900, 0",
        "7, -1, 300,  800, 1"
    })
    void a_number_has_to_be_true_as_of_when_it_says(long available, long version, long asOf, long answered, int wrong) {
        var truth = truth(Duration.ZERO);
        truth.judge(new Sighting(new StockSeen("a", available, version, asOf), "here", asOf, answered));
        assertThat(violations(truth)).containsExactly((long) wrong, 0L);
    }

    @Test
    void clocks_may_be_apart_as_far_as_is_said() {
        var truth = truth(Duration.ofNanos(50_000));
        truth.judge(new Sighting(new StockSeen("a", 9, 3, 750), "here", 700, 800));
        truth.judge(new Sighting(new StockSeen("a", 8, 4, 850), "here", 700, 800));
        assertThat(violations(truth)).containsExactly(0L, 0L);
        truth.judge(new Sighting(new StockSeen("a", 9, 3, 751), "here", 700, 800));
        truth.judge(new Sighting(new StockSeen("a", 8, 4, 851), "here", 700, 800));
        assertThat(violations(truth)).containsExactly(2L, 0L);
    }

    @Test
    void staleness_counts_from_when_it_was_asked_for() {
        var truth = truth(Duration.ZERO);
        truth.judge(new Sighting(new StockSeen("a", 9, 3, 100), "here", 100_700, 100_800));
        assertThat(truth.staleness().maxMillis()).isEqualTo(100, within(0.1));
    }

    @ParameterizedTest
    @CsvSource({
        // version seen, asked, answered -> told too late
        "1, 150, 1_000_300, 0", // a second after the hold was acknowledged
        "1, 150, 1_000_301, 1",
        "1, 900, 1_000_900, 0", // asked when it had already moved
        "1, 900, 1_000_901, 1",
        "1, 150,       250, 0", // told before whoever held it was
        "4, 150, 9_000_000, 0" // nothing newer ever came
    })
    void who_waits_is_told_within_a_second(long version, long sent, String answered, int late) {
        var truth = truth(Duration.ZERO);
        truth.judge(new Wait("a", version, "here", sent, Long.parseLong(answered.replace("_", ""))));
        assertThat(violations(truth)).containsExactly(0L, (long) late);
    }

    @Test
    void where_any_answer_takes_long_so_does_this_one() {
        var truth = truth(Duration.ZERO, Duration.ofMillis(500));
        truth.judge(new Wait("a", 1, "here", 150, 1_500_300));
        assertThat(violations(truth)).containsExactly(0L, 0L);
        truth.judge(new Wait("a", 1, "here", 150, 1_500_301));
        assertThat(violations(truth)).containsExactly(0L, 1L);
        assertThat(truth.checks().getLast().name()).isEqualTo("who waits for a movement is told within 1,500 ms of it");
    }

    @Test
    void what_has_no_whole_ledger_is_not_judged() {
        var truth = truth(Duration.ZERO);
        truth.judge(new Sighting(new StockSeen("other", 1, 1, 1), "here", 1, 1));
        assertThat(truth.checks().getFirst().ok()).isTrue();
        assertThat(truth.checks().getFirst().note()).isEqualTo("1 not judged");
    }

    private StockTruth truth(Duration clocksApart) {
        return truth(clocksApart, Duration.ZERO);
    }

    private StockTruth truth(Duration clocksApart, Duration slowestRead) {
        acts.add("PLACE", "one", new Act(200, 300));
        acts.add("PLACE", "two", new Act(600, 700));
        var ledger = new LedgerSeen(
                List.of(
                        new Movement(4, "PLACE", "two", 0, 1, 0, 0, 4),
                        new Movement(3, "RELEASE", "one", 0, -1, 0, 0, 3),
                        new Movement(2, "PLACE", "one", 0, 1, 0, 0, 2),
                        new Movement(1, "RECEIVE", "?", 9, 0, 0, 0, 1)),
                true);
        var evidence = new Evidence(
                new Supply(Map.of("a", 9L)),
                List.of(),
                Map.of(),
                Map.of("a", new Shelf(null, ledger, null)),
                new Invariants(true, List.of()),
                Instant.EPOCH);
        return new StockTruth(evidence, acts, FILLED, clocksApart, slowestRead);
    }

    /** Not true, told too late. */
    private static List<Long> violations(StockTruth truth) {
        return truth.checks().stream().map(Check::violations).toList();
    }
}
