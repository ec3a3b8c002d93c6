package dev.holdfast.storm;

import dev.holdfast.storm.FakeServer.Fault;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** The whole command against a shop whose pages tell the truth, and against one that breaks each promise. */
class BrowseTest {

    private static final String SMALL = "--products 25 --skus 2 --readers 8 --edits 200";
    private static final String SHORT = SMALL + " --seconds 1";

    @Test
    void pages_that_tell_the_truth_pass() throws Exception {
        try (var server = new FakeServer()) {
            var run = browse(server, SHORT + " --json");
            assertThat(run.failedChecks()).isEmpty();
            assertThat(run.exitCode()).as(run.out()).isZero();
            for (var what : List.of("reads", "notModified", "placed", "priceChanges", "receipts")) {
                assertThat(run.json().path(what).asLong()).as(what).isPositive();
            }
            assertThat(run.json().path("told").path("count").asLong()).isPositive();
            assertThat(run.json()
                            .path("staleness")
                            .path("price")
                            .path("maxMillis")
                            .asDouble())
                    .isZero();
        }
    }

    /** Copies may be old, as long as they say so: these are of 300 ms ago. */
    @Test
    void an_honest_copy_is_no_violation_and_its_staleness_is_seen() throws Exception {
        try (var server = new FakeServer(Fault.COPIES)) {
            var run = browse(server, SHORT + " --json");
            assertThat(run.failedChecks()).isEmpty();
            assertThat(run.exitCode()).as(run.out()).isZero();
            var staleness = run.json().path("staleness");
            assertThat(staleness.path("price").path("maxMillis").asDouble()).isBetween(1.0, 301.0);
            assertThat(staleness.path("stock").path("maxMillis").asDouble()).isBetween(1.0, 301.0);
        }
    }

    /** Whatever was lost on the way: nobody is blamed for what he was not told. */
    @Test
    void lost_answers_are_asked_for_again() throws Exception {
        try (var server = new FakeServer(Fault.DROP_CONNECTIONS)) {
            var run = browse(server, SHORT + " --json");
            assertThat(run.failedChecks()).isEmpty();
            assertThat(run.exitCode()).as(run.out()).isZero();
            assertThat(run.json().path("retries").asLong()).isPositive();
        }
    }

    /** Each check can fail: the fault, the check that has to see it, and whether it has to be the only one. */
    @ParameterizedTest
    @CsvSource({
        "STALE_PAGE, no price is older than its page says (Age), false",
        "STALE_LIST, no price is older than its page says (Age), false",
        "EXPIRED_LIST, no price is older than its page may be (max-age), true",
        "WRONG_PRICE, 'pages and lists show what was written, and all of it', false",
        "OTHER_PAGE, 'pages and lists show what was written, and all of it', false",
        "OTHER_STOCK, 'pages and lists show what was written, and all of it', false",
        "REFUSE_EDITS, there was something to judge, true",
        "SHORT_LIST, 'pages and lists show what was written, and all of it', true",
        "FORGOTTEN_EDIT, who changed a price sees it there at once, true",
        "BACKWARDS, no reader sees a node go backwards, true",
        "STALE_STOCK, what was said to be available was so when it says (asOf), false",
        "STALE_LIST_STOCK, what was said to be available was so when it says (asOf), true",
        "WRONG_STOCK, what was said to be available was so when it says (asOf), false",
        "FUTURE_STOCK, what was said to be available was so when it says (asOf), true",
        "OVERSELL, the ledger has no gap and sums to the level, false",
        "LEDGER_GAP, the ledger has no gap and sums to the level, false",
        "LOSE_HOLD, every acknowledged hold exists as acknowledged, false",
        "INVARIANTS_RED, the server's own invariants hold, true"
    })
    void a_lie_is_found(Fault fault, String check, boolean alone) throws Exception {
        try (var server = new FakeServer(fault)) {
            var run = browse(server, SHORT + " --units 3 --json");
            assertThat(run.exitCode()).isEqualTo(99);
            assertThat(run.failedChecks()).contains(check);
            assertThat(run.failedChecks().size() == 1 || !alone).as(run.out()).isTrue();
        }
    }

    @Test
    void who_waits_must_be_told_in_time() throws Exception {
        try (var server = new FakeServer(Fault.ASLEEP)) {
            var run = browse(server, SMALL + " --seconds 4 --json");
            assertThat(run.exitCode()).isEqualTo(99);
            assertThat(run.failedChecks())
                    .singleElement()
                    .asString()
                    .startsWith("who waits for a movement is told within");
        }
    }

    /** Two servers that do not share a database: whoever asks only one of them sees nothing wrong. */
    @Test
    void every_node_is_looked_at() throws Exception {
        try (var server = new FakeServer();
                var stranger = new FakeServer()) {
            var run = StormTest.storm(arguments(server.url() + "," + stranger.url(), SHORT + " --json"));
            assertThat(run.exitCode()).isEqualTo(99);
            assertThat(run.json().path("errorSamples").findValuesAsString("kind"))
                    .contains("read answered 404 unknown-product");
        }
    }

    @Test
    void a_rate_is_kept() throws Exception {
        try (var server = new FakeServer()) {
            var run = browse(server, SHORT + " --rate 200 --json");
            assertThat(run.exitCode()).isZero();
            assertThat(run.json().path("reads").asLong()).isBetween(100L, 205L);
        }
    }

    @Test
    void the_screen_fits_and_ends_with_the_verdict() throws Exception {
        try (var server = new FakeServer(Fault.STALE_PAGE, Fault.WRONG_STOCK, Fault.LEDGER_SUM)) {
            var run = browse(server, SHORT);
            var lines = run.out().lines().toList();
            assertThat(run.exitCode()).isEqualTo(99);
            assertThat(lines).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(100));
            assertThat(lines).hasSizeLessThan(75);
            assertThat(lines).anySatisfy(line -> assertThat(line).startsWith("  ✗ no price is older"));
            assertThat(lines.getLast()).matches("BROKEN: .*");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "--products 0, --products lies between",
        "--skus 21, --skus lies between",
        "--readers 0, --readers lies between",
        "--edits 0, --edits lies above 0",
        "--seconds 0, --seconds lies above 0",
        "--rate -1, --rate lies between",
        "--clocks-apart soon, is not a time such as 600s",
        "--url ftp://x, --url looks like",
        "--buyers 5, Unknown option"
    })
    void a_wrong_option_is_explained(String options, String reason) {
        var run = StormTest.storm(arguments("http://127.0.0.1:9", options));
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("holdfast storm browse: ").contains(reason);
    }

    /** What the launcher asks before it starts a server; nobody listens on port 9. */
    @Test
    void options_are_checked_without_a_server() {
        assertThat(StormTest.storm(arguments("http://127.0.0.1:9", "--check-options"))
                        .exitCode())
                .isZero();
        var run = StormTest.storm(arguments("http://127.0.0.1:9", "--wait 0s"));
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("no server is ready");
    }

    @Test
    void help_shows_examples_and_exit_codes() {
        var run = StormTest.storm("browse", "--help");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("Examples:", "Exit codes:", "--clocks-apart", "99");
        assertThat(run.out().lines())
                .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(100));
    }

    private static StormTest.Run browse(FakeServer server, String options) {
        return StormTest.storm(arguments(server.url(), options));
    }

    private static String[] arguments(String url, String options) {
        var arguments = new ArrayList<>(List.of("browse", "--url", url));
        arguments.addAll(List.of(options.split(" ", -1)));
        return arguments.toArray(String[]::new);
    }
}
