package dev.holdfast.engine;

import dev.holdfast.engine.Command.ConfirmHold;
import dev.holdfast.engine.Command.ExtendHold;
import dev.holdfast.engine.Command.Receive;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import static org.assertj.core.api.Assertions.assertThat;

/** Units of expired holds come back without anybody asking for them. */
@Execution(ExecutionMode.CONCURRENT) // they mostly wait for deadlines, each on a database of its own
class SweeperTest {
    private static final StockEngine.Options OFTEN =
            StockEngine.Options.DEFAULT.withSweepInterval(Duration.ofMillis(20));

    private static final String NOTHING_LEFT = "NOT EXISTS (SELECT FROM hold_deadline)";

    private final Shop shop = Shop.open(OFTEN);
    private final StockEngine engine = shop.engine();

    @AfterEach
    void theBooksAreRight() {
        shop.close();
    }

    @Test
    void expiredHoldsGiveBackTheirUnitsAndOthersKeepThem() {
        shop.receive("A", 10);
        shop.receive("B", 10);
        var expired = shop.place(1, Line.of("A", 3), Line.of("B", 2));
        var confirmed = shop.place(1, Line.of("A", 1));
        var extended = shop.place(1, Line.of("B", 1));
        var lasting = shop.place(60, Line.of("A", 1));
        engine.execute(ConfirmHold.of(confirmed.id()));
        engine.execute(new ExtendHold(null, extended.id(), Duration.ofMinutes(1)));

        shop.database().await("(SELECT count(*) FROM hold_deadline) = 2");

        shop.assertLevel("A", 10, 1, 1);
        shop.assertLevel("B", 10, 1, 0);
        assertThat(List.of(expired, confirmed, extended, lasting))
                .extracting(hold -> engine.hold(hold.id()).orElseThrow().state())
                .containsExactly(Hold.State.EXPIRED, Hold.State.CONFIRMED, Hold.State.ACTIVE, Hold.State.ACTIVE);
    }

    /** 30 stocks and 150 holds of one deadline: more rows than a round takes, and more holds than a row has room for. */
    @Test
    void moreThanOneRoundIsSwept() {
        var lines = new ArrayList<Line>();
        for (int i = 0; i < 30; i++) {
            shop.receive("A" + i, 150);
            lines.add(Line.of("A" + i, 1));
        }
        var placings = new ArrayList<Command.PlaceHold>();
        for (int i = 0; i < 150; i++) {
            placings.add(Shop.placing(1, lines.toArray(Line[]::new)));
        }
        assertThat(engine.executeAll(placings)).allMatch(Outcome.Placed.class::isInstance);

        shop.database().await(NOTHING_LEFT);

        assertThat(shop.database().number("SELECT sum(held) FROM stock_level")).isZero();
        assertThat(shop.database().number("SELECT count(*) FROM hold WHERE state = 3"))
                .isEqualTo(150);
        assertThat(shop.database().number("SELECT count(*) FROM movement WHERE kind = 8"))
                .isEqualTo(150 * 30);
    }

    @Test
    void severalSweepersEndEachHoldOnce() {
        try (var second = shop.database().open(OFTEN);
                var third = shop.database().open(OFTEN)) {
            for (int i = 0; i < 10; i++) {
                shop.receive("A" + i, 20);
            }
            for (int i = 0; i < 200; i++) {
                shop.place(1 + i % 2, Line.of("A" + i % 10, 1));
            }

            shop.database().await(NOTHING_LEFT);

            assertThat(shop.database().number("SELECT count(*) FROM movement WHERE kind = 8"))
                    .isEqualTo(200);
            assertThat(shop.database().number("SELECT sum(held) FROM stock_level"))
                    .isZero();
            TestDatabase.assertBooksAreRight(second);
            TestDatabase.assertBooksAreRight(third);
        }
    }

    /** More deadlines than a round takes stand beside and behind the one that cannot be dealt with. */
    @Test
    void aHoldThatCannotExpireDoesNotKeepOthersWaiting() {
        shop.receive("A", 1);
        shop.receive("B", 1);
        for (int i = 0; i < 25; i++) {
            shop.receive("C" + i, 1);
        }
        var stuck = shop.place(1, Line.of("A", 1));
        shop.database().execute("ALTER TABLE hold ADD CHECK (state <> 3 OR id <> '%s')".formatted(stuck.id()));
        for (int i = 0; i < 25; i++) {
            shop.place(1, Line.of("C" + i, 1));
        }
        var fine = shop.place(2, Line.of("B", 1));

        shop.database().await("(SELECT state FROM hold WHERE id = '%s') = 3".formatted(fine.id()));

        shop.assertLevel("A", 1, 1, 0);
        shop.assertLevel("B", 1, 0, 0);
        shop.database().await("(SELECT count(*) FROM hold_deadline) = 1");
    }

    /** As many as a round takes, and more: later deadlines are still found, and nobody tries again without a pause. */
    @Test
    void deadlinesThatCannotBeSweptKeepNoLaterOneWaiting() {
        shop.database().execute("CREATE SEQUENCE tries");
        shop.database().execute("ALTER TABLE hold ADD CHECK (state <> 3 OR channel IS NULL OR nextval('tries') < 0)");
        shop.receive("A", 25);
        shop.receive("B", 1);
        for (int i = 0; i < 25; i++) {
            var line = List.of(Line.of("A", 1));
            engine.execute(new Command.PlaceHold(IdempotencyKey.random(), line, Duration.ofSeconds(1), "stuck", null));
        }
        var fine = shop.place(2, Line.of("B", 1));

        shop.database().await("(SELECT state FROM hold WHERE id = '%s') = 3".formatted(fine.id()));

        shop.assertLevel("A", 25, 25, 0);
        shop.assertLevel("B", 1, 0, 0);
        // Broken in a round of 20 and a round of 5, each of which narrows it down: about 6 tries a hold, twice.
        assertThat(shop.database().number("SELECT last_value FROM tries")).isLessThan(25 * 6 * 3);
    }

    @Test
    void keysAreForgottenAfterTheirTime() {
        var receive = new Receive(IdempotencyKey.random(), StockKey.of("A"), Quantity.ONE, null);
        engine.execute(receive);
        engine.execute(new Receive(IdempotencyKey.random(), StockKey.of("A"), Quantity.ONE, null));
        shop.database()
                .execute("UPDATE idempotency_entry SET at = at - interval '73 hours' WHERE id = '%s'"
                        .formatted(receive.key().id()));

        // The first round of a sweeper forgets; the next ten minutes later.
        engine.close();
        try (var next = shop.database().open(OFTEN)) {
            shop.database().await("(SELECT count(*) FROM idempotency_entry) = 1");
            TestDatabase.assertBooksAreRight(next);
        }
    }

    /** With the default interval, and so a lease of 5 s, which a busy machine does not lose. */
    @Test
    @SuppressWarnings("try") // closed in the middle: that is the point
    void oneSweepsAndAnotherTakesOverWhenItIsClosed() {
        engine.close();
        try (var first = shop.database().open()) {
            shop.database().await("(SELECT expires_at > now() FROM lease)");
            var holder = holder();
            long token = shop.database().number("SELECT token FROM lease");
            try (var second = shop.database().open()) {
                first.execute(new Receive(IdempotencyKey.random(), StockKey.of("A"), Quantity.of(2), null));
                first.execute(Shop.placing(1, Line.of("A", 1)));
                shop.database().await(NOTHING_LEFT);
                assertThat(shop.database().number("SELECT token FROM lease"))
                        .as("kept, round after round")
                        .isEqualTo(token);

                first.close();
                second.execute(Shop.placing(1, Line.of("A", 1)));
                shop.database().await(NOTHING_LEFT);
                assertThat(holder()).isNotEqualTo(holder);
                TestDatabase.assertBooksAreRight(second);
            }
        }
    }

    /** As after a crash: nobody gives the lease back. */
    @Test
    void theSweeperWaitsForADeadNodesLeaseAndRequestsDoNot() {
        engine.close();
        moveLease("1 hour");
        try (var next = shop.database().open(OFTEN)) {
            var later = new Shop(shop.database(), next);
            later.receive("A", 1);
            later.awaitDeadline(later.place(1, Line.of("A", 1)));
            later.place(1, Line.of("A", 1));
            assertThat(shop.database().number("SELECT count(*) FROM hold_deadline"))
                    .isEqualTo(2);
            assertThat(holder()).isEqualTo("newer");

            moveLease("0 s");
            shop.database().await(NOTHING_LEFT);
            assertThat(holder()).isNotEqualTo("newer");
        }
    }

    /** Found while it held the lease, expired in the lane, to be deleted when somebody else holds it: left to that one. */
    @Test
    void aSweeperThatLostItsLeaseDeletesNothing() {
        shop.receive("A", 1);
        var hold = shop.place(1, Line.of("A", 1));
        try (var _ = shop.database().lock(StockKey.of("A"))) {
            shop.database().awaitBlocked(1);
            moveLease("1 hour");
        }
        shop.database().await("(SELECT state FROM hold WHERE id = '%s') = 3".formatted(hold.id()));
        // The next command goes through the same lane; the sweeper's own answer came before.
        shop.receive("A", 1);
        assertThat(shop.database().number("SELECT count(*) FROM hold_deadline")).isEqualTo(1);

        moveLease("0 s");
        shop.database().await(NOTHING_LEFT);
        assertThat(holder()).isNotEqualTo("newer");
    }

    /** Somebody else has it for so long. */
    private void moveLease(String time) {
        shop.database()
                .execute("UPDATE lease SET token = token + 1, holder = 'newer', expires_at = now() + interval '" + time
                        + "' WHERE name = 'sweeper'");
    }

    private String holder() {
        return shop.database()
                .rows("SELECT holder FROM lease WHERE name = 'sweeper'")
                .getFirst();
    }
}
