package dev.holdfast.storm;

import dev.holdfast.storm.FakeServer.Fault;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/** The whole command against a server that keeps its promises, and against one that breaks each of them. */
class StormTest {

    record Run(int exitCode, String out, String err) {
        JsonNode json() {
            return new JsonMapper().readTree(out);
        }

        List<String> failedChecks() {
            return StreamSupport.stream(json().path("checks").spliterator(), false)
                    .filter(check -> !check.path("ok").asBoolean())
                    .map(check -> check.path("name").asString())
                    .toList();
        }

        long count(String of, String name) {
            return json().path(of).path(name).asLong();
        }
    }

    @Test
    void one_unit_goes_to_one_of_many() throws Exception {
        try (var server = new FakeServer()) {
            var run = storm(server, "--buyers 500 --units 1 --json");
            assertThat(run.exitCode()).isZero();
            assertThat(run.failedChecks()).isEmpty();
            assertThat(run.json().path("verdict").asString()).contains("1 sold, 499 refused, 0 errors");
        }
    }

    /** The unit is gone after one asking, and nobody has it to give back. */
    @Test
    void who_is_refused_asks_again() throws Exception {
        try (var server = new FakeServer()) {
            var run = storm(server, "--buyers 100 --units 1 --requests 5 --json");
            assertThat(run.exitCode()).isZero();
            assertThat(run.count("buyers", "refused")).isEqualTo(99 * 5);
            var after = run.json().path("refusalsAfterSellOut");
            assertThat(after.path("count").asLong()).isBetween(1L, 99L * 5);
            assertThat(after.path("perSecond").asDouble()).isPositive();
        }
    }

    @Test
    void the_gate_is_named_where_it_was_chosen() throws Exception {
        try (var server = new FakeServer()) {
            assertThat(storm(server, "--buyers 10 --gate off").out()).contains("holdfast storm --gate off");
            assertThat(storm(server, "--buyers 10 --gate on --json")
                            .json()
                            .path("scenario")
                            .path("gate")
                            .asString())
                    .isEqualTo("on");
        }
    }

    @Test
    void everybody_is_served_when_there_is_enough() throws Exception {
        try (var server = new FakeServer()) {
            var run = storm(server, "--buyers 100 --units 100 --confirm 0% --abandon 100% --json");
            assertThat(run.exitCode()).isZero();
            assertThat(run.count("buyers", "held")).isEqualTo(100);
            assertThat(run.count("units", "sold")).isEqualTo(100);
        }
    }

    @Test
    void carts_over_many_skus_take_all_or_nothing() throws Exception {
        try (var server = new FakeServer()) {
            var run = storm(server, "--buyers 400 --units 300 --skus 20 --lines 3 --duplicates 30% --json");
            assertThat(run.exitCode()).isZero();
            assertThat(run.count("units", "sold")).isEqualTo(3 * run.count("buyers", "sold"));
            assertThat(run.count("buyers", "sold") + run.count("buyers", "refused"))
                    .isEqualTo(400);
        }
    }

    @Test
    void a_released_unit_may_be_won_again() throws Exception {
        try (var server = new FakeServer()) {
            var run = storm(server, "--buyers 400 --units 50 --confirm 30% --release 50% --json");
            assertThat(run.exitCode()).isZero();
            assertThat(run.count("buyers", "released")).isPositive();
            assertThat(run.count("units", "sold")).isBetween(1L, 50L);
        }
    }

    @Test
    void a_hold_that_lapses_in_time_is_no_violation() throws Exception {
        try (var server = new FakeServer(Fault.EXPIRE_ABANDONED)) {
            var run = storm(server, "--buyers 200 --units 20 --ttl 1s --json");
            assertThat(run.failedChecks()).isEmpty();
            assertThat(run.exitCode()).isZero();
            assertThat(run.count("buyers", "expired")).isPositive();
        }
    }

    /** Neither is wrong; the buyers have to cope, and nothing may be sold or counted twice because of it. */
    @ParameterizedTest
    @CsvSource({
        "DROP_CONNECTIONS, --release 0%",
        "DROP_CONNECTIONS, --release 40%",
        "OVERLOAD, --lines 1",
        "RESTART, --lines 1",
        "IN_PROGRESS, --lines 1"
    })
    void buyers_ask_again_until_they_are_answered(Fault trouble, String option) throws Exception {
        try (var server = new FakeServer(trouble)) {
            var run = storm(server, "--buyers 200 --units 20 --duplicates 50% --json " + option);
            assertThat(run.failedChecks()).isEmpty();
            assertThat(run.json().path("errors").asLong()).isZero();
            assertThat(run.exitCode()).isZero();
            assertThat(run.json().path("retries").asLong()).isPositive();
        }
    }

    /** Each check can fail: the fault, and the checks that have to see it. */
    @ParameterizedTest
    @CsvSource({
        "OVERSELL, no unit sold twice",
        "OVERSELL, the ledger has no gap and sums to the level",
        "FALSE_NO, nobody refused what was there",
        "LOSE_HOLD, every acknowledged hold exists as acknowledged",
        "CHANGE_HOLD, every acknowledged hold exists as acknowledged",
        "FORGET_CONFIRMATION, every acknowledged hold exists as acknowledged",
        "INVENT_HOLD, no refused hold exists",
        "OTHER_IDS, no refused hold exists",
        "DOUBLE_DUPLICATE, 'one key, one hold'",
        "UNMARKED_REPLAY, 'one key, one hold'",
        "DOUBLE_DUPLICATE, levels agree with what buyers were told",
        "LEVEL_HELD, levels agree with what buyers were told",
        "LEVEL_AVAILABLE, levels agree with what buyers were told",
        "LEDGER_GAP, the ledger has no gap and sums to the level",
        "LEDGER_SHORT, the ledger has no gap and sums to the level",
        "LEDGER_SUM, the ledger has no gap and sums to the level",
        "INVARIANTS_RED, the server's own invariants hold"
    })
    void a_broken_promise_is_found(Fault fault, String check) throws Exception {
        try (var server = new FakeServer(fault)) {
            // A false no shows only if nobody else takes the unit: enough for all, and nobody asks twice.
            var demand = fault == Fault.FALSE_NO ? "--units 120 --duplicates 0%" : "--units 60 --duplicates 50%";
            var run = storm(server, "--buyers 120 --json " + demand);
            assertThat(run.exitCode()).isEqualTo(99);
            assertThat(run.failedChecks()).contains(check);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ANSWER_500, hold answered 500 internal",
        "MALFORMED, hold answered with a malformed body",
        "OTHER_LINES, hold acknowledged with other lines",
        "REFUSE_CONFIRM, confirm answered 409 insufficient-stock",
        "SILENT, hold unanswered"
    })
    void an_answer_the_contract_does_not_know_is_an_error(Fault fault, String kind) throws Exception {
        try (var server = new FakeServer(fault)) {
            var run = storm(
                    server,
                    "--buyers 120 --units 60 --duplicates 0% --json --timeout "
                            + (fault == Fault.SILENT ? "50ms" : "60s"));
            assertThat(run.exitCode()).isEqualTo(99);
            assertThat(run.json().path("errors").asLong()).isPositive();
            assertThat(run.json().path("errorSamples").path(0).path("kind").asString())
                    .isEqualTo(kind);
        }
    }

    @Test
    void one_seed_makes_the_same_buyers() throws Exception {
        try (var server = new FakeServer()) {
            var first = storm(server, "--buyers 300 --units 300 --seed 42 --json");
            var second = storm(server, "--buyers 300 --units 300 --seed 42 --json");
            assertThat(first.json().path("buyers")).isEqualTo(second.json().path("buyers"));
            assertThat(first.json().path("duplicates")).isEqualTo(second.json().path("duplicates"));
        }
    }

    @Test
    void the_screen_fits_and_ends_with_the_verdict() throws Exception {
        try (var server = new FakeServer(Fault.OVERSELL, Fault.LEDGER_SUM, Fault.ANSWER_500)) {
            var run = storm(server, "--buyers 2000 --units 1900 --skus 3");
            var lines = run.out().lines().toList();
            assertThat(run.exitCode()).isEqualTo(99);
            assertThat(lines).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(100));
            assertThat(lines).hasSizeLessThan(60);
            assertThat(lines).anySatisfy(line -> assertThat(line).startsWith("  ✗ the ledger has no gap"));
            assertThat(lines.getLast()).matches("(OVERSOLD|BROKEN): .*");
        }
    }

    @Test
    void without_a_server_nothing_is_proven() throws Exception {
        try (var server = new FakeServer(Fault.NOT_READY)) {
            var run = storm(server, "--wait 0s");
            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err())
                    .contains("no server is ready at " + server.url())
                    .contains("./holdfast up");
        }
        var run = storm("--url", "http://127.0.0.1:1", "--wait", "0s");
        assertThat(run.exitCode()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "--buyers 0, --buyers lies between",
        "--units 2 --skus 3, --units is the total over all SKUs",
        "--skus 2 --lines 3, --lines is at most --skus",
        "--confirm 60% --release 50%, together at most 100%",
        "--duplicates many, is not a share such as 10%",
        "--ttl soon, is not a time such as 600s",
        "--url ftp://x, --url looks like",
        "--unsafe --database-url=, --unsafe needs a PostgreSQL",
        "--requests 0, --requests lies between",
        "--buyers 1000000 --requests 6, --buyers times --requests",
        "--gate ajar, expected one of",
        "--wat, Unknown option"
    })
    void a_wrong_option_is_explained(String options, String reason) {
        var run = storm(options.split(" ", -1));
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains(reason);
    }

    /** What the launcher asks before it starts a server; nobody listens on port 9. */
    @Test
    void options_are_checked_without_a_server() {
        assertThat(storm("--url", "http://127.0.0.1:9", "--check-options").exitCode())
                .isZero();
        assertThat(storm("--unsafe", "--check-options").exitCode()).isZero();
        assertThat(storm("--foo", "--check-options").exitCode()).isEqualTo(2);
        assertThat(storm("--buyers", "0", "--check-options").exitCode()).isEqualTo(2);
    }

    @Test
    void help_shows_examples_and_exit_codes() {
        var run = storm("--help");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("Examples:", "Exit codes:", "--release", "99");
        assertThat(run.out().lines())
                .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(100));
    }

    private static Run storm(FakeServer server, String options) {
        var arguments = new ArrayList<>(List.of("--url", server.url(), "--connections", "16"));
        arguments.addAll(List.of(options.split(" ", -1)));
        return storm(arguments.toArray(String[]::new));
    }

    static Run storm(String... arguments) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        int exitCode = Storm.run(
                new Output(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        false),
                arguments);
        return new Run(exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
