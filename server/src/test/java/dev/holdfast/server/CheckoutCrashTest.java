package dev.holdfast.server;

import dev.holdfast.local.LocalPostgres;
import dev.holdfast.server.checkout.Crashes;
import dev.holdfast.server.payment.PaymentGateway;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Drivers die before every step of every fate; whoever takes the checkout up brings it to a whole end. What came of it is the table in
 * {@code docs/reference/checkout.md}.
 */
@ExtendWith(SharedServer.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CheckoutCrashTest {
    private static final Path PAGE = Path.of("..", "docs", "reference", "checkout.md");
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String DATABASE = "checkout_crashes";
    private static final long UNITS = 2;
    private static final Set<String> ENDS = Set.of("COMPLETED", "DECLINED", "CANCELLED", "EXPIRED");

    private static final List<String> STEPS = List.of(
            "ASK",
            "CONFIRM",
            "HOLD_AGAIN",
            "CAPTURE",
            "COMPLETE",
            "RELEASE",
            "VOID",
            "VOID_ALLOCATED",
            "DEALLOCATE",
            "END",
            "LATER");

    /** What the buyer and others do meanwhile. */
    private enum Deed {
        NOTHING,
        ACTS,
        ACTS_TOO_LATE,
        ACTS_WHEN_SOLD_OUT,
        CANCELS,
        PAYMENT_IS_CANCELLED
    }

    /** A row of the table. */
    private record Fate(String name, String token, Deed deed) {
        static Fate of(String token) {
            return new Fate("`" + token + "`", token, Deed.NOTHING);
        }

        static Fate action(String name, Deed deed) {
            return new Fate(name, "tok_requires_action", deed);
        }
    }

    private static final List<Fate> FATES = List.of(
            Fate.of("tok_approve"),
            Fate.of("tok_decline"),
            Fate.of("tok_insufficient_funds"),
            Fate.of("tok_expired_card"),
            Fate.of("tok_slow:100"),
            Fate.of("tok_timeout_then_success:300"),
            Fate.of("tok_timeout_then_failure:300"),
            Fate.of("tok_duplicate_callback"),
            Fate.of("tok_callback_first"),
            Fate.of("tok_provider_down:300"),
            Fate.action("`tok_requires_action`, the buyer acts", Deed.ACTS),
            Fate.action("the same, after the hold's deadline", Deed.ACTS_TOO_LATE),
            Fate.action("the same, and the units went to others", Deed.ACTS_WHEN_SOLD_OUT),
            Fate.action("`tok_requires_action`, the buyer cancels", Deed.CANCELS),
            Fate.action("the payment is cancelled from outside", Deed.PAYMENT_IS_CANCELLED));

    private final LocalPostgres postgres;
    private final TestServer node;
    private final TestServer other;
    private final TestCheckouts checkouts;

    CheckoutCrashTest(LocalPostgres postgres) {
        this.postgres = postgres;
        postgres.createDatabase(DATABASE);
        this.node = start();
        this.other = start();
        this.checkouts = new TestCheckouts(node);
    }

    private TestServer start() {
        return TestServer.start(
                List.of(Crashes.class),
                postgres,
                DATABASE,
                "--holdfast.checkout.taken-up-after=1s",
                "--logging.level.dev.holdfast.server.checkout=off");
    }

    @AfterAll
    void stop() {
        other.close();
        node.close();
    }

    @Test
    void everyFateDyingBeforeEveryStepComesToAWholeEnd() throws Exception {
        List<Callable<String>> cells = new ArrayList<>();
        for (Fate fate : FATES) {
            STEPS.forEach(step -> cells.add(() -> end(fate, step)));
        }
        List<String> ends = new ArrayList<>();
        try (var threads = Executors.newFixedThreadPool(16)) {
            for (Future<String> end : threads.invokeAll(cells)) {
                ends.add(end.get());
            }
        }

        Reply books = other.get("/v1/invariants");
        assertThat(books.at("/ok")).as(books.text()).isEqualTo("true");
        assertThat(table(ends)).isEqualTo(page());
    }

    /** What came of it, or – if that step was not on its way. */
    private String end(Fate fate, String step) throws Exception {
        String sku = checkouts.goods(UNITS);
        UUID id = TestCheckouts.newId();
        Crashes.arm(id, step);
        checkouts.begin(id, TestCheckouts.body(sku, UNITS, fate.token), "Prefer", "wait=0");
        if (fate.deed != Deed.NOTHING) {
            awaitState(id, Set.of("WAITING_FOR_BUYER", "DECLINED"));
            perform(fate.deed, id, sku);
        }
        String state = awaitState(id, ENDS);
        boolean taken = fate.deed == Deed.ACTS_WHEN_SOLD_OUT;
        assertThat(node.level(sku).allocated()).isEqualTo(state.equals("COMPLETED") ? UNITS : 0);
        if (!taken) {
            checkouts.assertWhole(id, sku, UNITS);
        }
        return step.equals("LATER") || Crashes.isOver(id) ? state : "–"; // a busy provider may put anything off
    }

    private void perform(Deed deed, UUID id, String sku) throws SQLException {
        switch (deed) {
            case NOTHING -> {}
            case ACTS -> authenticate(id);
            case ACTS_TOO_LATE -> {
                letExpire(id);
                authenticate(id);
            }
            case ACTS_WHEN_SOLD_OUT -> {
                letExpire(id);
                Reply hold = other.postNew("/v1/sales", """
                        {"lines": [{"sku": "%s", "quantity": %d}]}""".formatted(sku, UNITS));
                assertThat(hold.status()).as(hold.text()).isEqualTo(201);
                authenticate(id);
            }
            case CANCELS -> other.post("/v1/checkouts/" + id + "/cancel", "{}");
            case PAYMENT_IS_CANCELLED -> {
                node.post("/v1/holds/" + id + "/confirm", "{}");
                node.bean(PaymentGateway.class).cancel(id, Duration.ofSeconds(10));
            }
        }
    }

    private void authenticate(UUID id) {
        Reply reply = other.post("/v1/payments/sandbox/" + id + "/authentication", "{}");
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
    }

    /** As if its ten minutes were over. */
    private void letExpire(UUID id) throws SQLException {
        try (var connection =
                        DriverManager.getConnection(postgres.jdbcUrl(DATABASE), postgres.user(), postgres.password());
                var update = connection.prepareStatement(
                        "UPDATE hold SET expires_at = placed_at + interval '1 ms' WHERE id = ?")) {
            update.setObject(1, id);
            update.executeUpdate();
        }
        other.post("/v1/holds/" + id + "/release", "{}");
        assertThat(other.get("/v1/holds/" + id).at("/state")).isEqualTo("EXPIRED");
    }

    private String awaitState(UUID id, Set<String> states) {
        await().atMost(PATIENCE).until(() -> states.contains(checkouts.get(id).at("/state")));
        return checkouts.get(id).at("/state");
    }

    private static String table(List<String> ends) {
        var table = new StringBuilder("| fate | ");
        table.append(STEPS.stream().map(step -> "`" + step + "`").collect(Collectors.joining(" | ")));
        table.append(" |\n|").append("---|".repeat(STEPS.size() + 1)).append('\n');
        for (int i = 0; i < FATES.size(); i++) {
            int first = i * STEPS.size();
            table.append("| ").append(FATES.get(i).name).append(" | ");
            table.append(String.join(" | ", ends.subList(first, first + STEPS.size())));
            table.append(" |\n");
        }
        return table.toString();
    }

    /** The page's table of fates. */
    private static String page() throws IOException {
        return Files.readAllLines(PAGE).stream()
                .dropWhile(line -> !line.startsWith("| fate | "))
                .takeWhile(line -> line.startsWith("|"))
                .collect(Collectors.joining("\n", "", "\n"));
    }
}
