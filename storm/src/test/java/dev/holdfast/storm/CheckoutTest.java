package dev.holdfast.storm;

import dev.holdfast.storm.FakeServer.Fault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** The whole command against a shop that keeps its promises, and against one that breaks each of them. */
class CheckoutTest {

    /** Units for all: what is judged is there whoever comes first. */
    private static final String SMALL = "--buyers 200 --units 1000 --seed 7 --ttl 1s --settle 20s --connections 32";

    @Test
    void a_shop_that_keeps_its_promises_passes() throws Exception {
        try (var server = new FakeServer(Fault.EXPIRE_ABANDONED)) {
            var run = checkout(server, SMALL + " --json");
            assertThat(run.failedChecks()).as(run.out()).isEmpty();
            assertThat(run.exitCode()).as(run.out()).isZero();
            for (var what : List.of(
                    "paid",
                    "paidThenCancelled",
                    "paidThenShipped",
                    "paidThenSentBack",
                    "declined",
                    "cancelled",
                    "refunded",
                    "revoked",
                    "cartChanged")) {
                assertThat(run.count("checkouts", what)).as(what).isPositive();
            }
            assertThat(run.count("tills", "sales")).isPositive();
            assertThat(run.count("tills", "offlineSales")).isPositive();
            assertThat(run.count("tills", "offlineSalesAfterLease")).isPositive();
        }
    }

    /** Money and buyers come after the deadline by themselves, and some find their units sold. */
    @Test
    void a_shop_that_holds_units_for_a_second_passes() throws Exception {
        try (var server = new FakeServer(Fault.EXPIRE_ABANDONED, Fault.SHORT_HOLDS)) {
            var run = checkout(server, SMALL.replace("1000", "150") + " --json");
            assertThat(run.failedChecks()).as(run.out()).isEmpty();
            assertThat(run.exitCode()).as(run.out()).isZero();
            assertThat(run.count("checkouts", "expired")).isPositive();
        }
    }

    @ParameterizedTest
    @CsvSource({"DROP_CONNECTIONS", "RESTART"})
    void buyers_ask_again_until_they_are_answered(Fault trouble) throws Exception {
        try (var server = new FakeServer(Fault.EXPIRE_ABANDONED, trouble)) {
            var run = checkout(server, SMALL + " --json");
            assertThat(run.failedChecks()).as(run.out()).isEmpty();
            assertThat(run.exitCode()).as(run.out()).isZero();
            assertThat(run.json().path("retries").asLong()).isPositive();
        }
    }

    /** Each check can fail: the fault, and the check that has to see it. */
    @ParameterizedTest
    @CsvSource({
        "KEEP_MONEY, money kept = orders paid",
        "OTHER_PRICE, 'no buyer is charged twice, or another price'",
        "PAID_TWICE, 'no buyer is charged twice, or another price'",
        "FORGET_ORDER, 'who was told ''paid'' has a paid order, and nobody else'",
        "FORGET_CANCEL, 'who was told ''paid'' has a paid order, and nobody else'",
        "OTHER_END, 'one key, one checkout, and it ends as told'",
        "OVERSELL, never more sold than there was",
        "PAY_REVOKED, 'who was told ''paid'' has a paid order, and nobody else'",
        "PAY_UNASKED, 'who was told ''paid'' has a paid order, and nobody else'",
        "RETURN_TWICE, 'who was told ''paid'' has a paid order, and nobody else'",
        "KEEP_LATE_MONEY, money kept = orders paid",
        "KEEP_RETURNED_MONEY, money kept = orders paid",
        "REFUND_NOTHING, money kept = orders paid",
        "FORGET_SALE, stock = orders and sales",
        "RESTOCK_ALL, stock = orders and sales",
        "SILENT_SHORTFALL, stock = orders and sales",
        "FIND_NOTHING, 'what a till sold offline counts once, as it was told'",
        "NOT_LEASED, 'what a till sold offline counts once, as it was told'",
        "STUCK, nothing is left in limbo",
        "LEDGER_GAP, the ledger has no gap and sums to the level",
        "INVARIANTS_RED, the server's own invariants hold"
    })
    void a_broken_promise_is_found(Fault fault, String check) throws Exception {
        try (var server = new FakeServer(Fault.EXPIRE_ABANDONED, fault)) {
            var scarce = fault == Fault.OVERSELL ? SMALL.replace("1000", "150") : SMALL;
            var run = checkout(
                    server, scarce.replace("20s", "2s") + " --timeout 5s --json"); // one of them is never answered
            assertThat(run.exitCode()).isEqualTo(99);
            assertThat(run.failedChecks()).as(run.out()).contains(check);
        }
    }

    @Test
    void a_hold_that_never_ends_is_found() throws Exception {
        try (var server = new FakeServer()) {
            var run = checkout(server, SMALL.replace("20s", "1s") + " --json");
            assertThat(run.exitCode()).isEqualTo(99);
            assertThat(run.failedChecks()).containsExactly("nothing is left in limbo");
        }
    }

    /** The command says how often it was run, and when. */
    @Test
    void it_is_cut_off_twice_in_mid_storm(@TempDir Path directory) throws Exception {
        try (var server = new FakeServer(Fault.EXPIRE_ABANDONED)) {
            var log = directory.resolve("log");
            var run = checkout(server, List.of("--json", "--outage", "echo cut >>" + log), SMALL);
            assertThat(run.exitCode()).as(run.out()).isZero();
            assertThat(run.out()).contains("it was cut off in mid-storm");
            assertThat(Files.readAllLines(log)).containsExactly("cut", "cut");

            var failing = checkout(server, List.of("--json", "--outage", "echo no power to cut; false"), SMALL);
            assertThat(failing.exitCode()).isEqualTo(99);
            assertThat(failing.failedChecks()).containsExactly("it was cut off in mid-storm");
            assertThat(failing.out()).contains("no power to cut");
        }
    }

    @Test
    void the_screen_fits_and_ends_with_the_verdict() throws Exception {
        try (var server = new FakeServer(Fault.EXPIRE_ABANDONED, Fault.KEEP_MONEY, Fault.PAID_TWICE)) {
            var run = checkout(server, SMALL);
            var lines = run.out().lines().toList();
            assertThat(run.exitCode()).isEqualTo(99);
            assertThat(lines).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(100));
            assertThat(lines).hasSizeLessThan(60);
            assertThat(lines).anySatisfy(line -> assertThat(line).startsWith("  ✗ money kept = orders paid"));
            assertThat(lines.getLast()).matches("BROKEN: .*");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "--buyers 99, --buyers lies between",
        "--skus 2, --skus lies between",
        "--units 5, --units is the total over all SKUs",
        "--connections 0, --connections lies between",
        "--ttl 2h, --ttl lies between",
        "--settle 25h, --settle is at most 24h",
        "--lines 2, Unknown option"
    })
    void a_wrong_option_is_explained(String options, String reason) {
        var run = StormTest.storm(arguments("http://127.0.0.1:9", List.of(), options));
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("holdfast storm checkout: ").contains(reason);
    }

    /** What the launcher asks before it starts a server; nobody listens on port 9. */
    @Test
    void options_are_checked_without_a_server() {
        assertThat(StormTest.storm(arguments("http://127.0.0.1:9", List.of(), "--check-options"))
                        .exitCode())
                .isZero();
        var run = StormTest.storm(arguments("http://127.0.0.1:9", List.of(), "--wait 0s"));
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("no server is ready");
    }

    @Test
    void help_shows_examples_and_exit_codes() {
        var run = StormTest.storm("checkout", "--help");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("Examples:", "Exit codes:", "--outage", "99");
        assertThat(run.out().lines())
                .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(100));
    }

    private static StormTest.Run checkout(FakeServer server, String options) {
        return checkout(server, List.of(), options);
    }

    private static StormTest.Run checkout(FakeServer server, List<String> more, String options) {
        return StormTest.storm(arguments(server.url(), more, options));
    }

    private static String[] arguments(String url, List<String> more, String options) {
        var arguments = new ArrayList<>(List.of("checkout", "--url", url));
        arguments.addAll(more);
        arguments.addAll(Arrays.asList(options.split(" ", -1)));
        return arguments.toArray(String[]::new);
    }
}
