package dev.holdfast.engine;

import dev.holdfast.engine.Command.ConfirmHold;
import dev.holdfast.engine.Command.Deallocate;
import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.Command.ReleaseHold;
import dev.holdfast.engine.Command.Ship;
import dev.holdfast.engine.StockEngine.Keep;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What is over leaves, what is not stays, the books balance all the time, and nobody waits for it. */
@Execution(ExecutionMode.CONCURRENT)
class RetentionTest {
    private static final Duration KEEP = Duration.ofDays(30);
    private static final Keep BOTH = new Keep(KEEP, KEEP, true);

    private final Shop shop = Shop.unswept();
    private final StockEngine engine = shop.engine();
    private final TestDatabase database = shop.database();

    @AfterEach
    void theBooksAreRight() {
        shop.close();
    }

    // --- holds

    @Test
    void onlyHoldsThatAreOverAndOldGo() throws SQLException {
        shop.receive("A", 1_000);
        shop.receive("B", 1_000);
        var live = place();
        var due = shop.place(1, Line.of("A", 1));
        var confirmed = place();
        engine.execute(ConfirmHold.of(confirmed.id()));
        var partlyShipped = place();
        engine.execute(ConfirmHold.of(partlyShipped.id()));
        ship(partlyShipped, Line.of("A", 1), Line.of("B", 1));
        var lineLeft = place();
        engine.execute(ConfirmHold.of(lineLeft.id()));
        ship(lineLeft, Line.of("A", 2));
        var shipped = place();
        engine.execute(ConfirmHold.of(shipped.id()));
        ship(shipped, Line.of("A", 2));
        ship(shipped, Line.of("B", 1));
        var cancelled = place();
        engine.execute(ConfirmHold.of(cancelled.id()));
        ship(cancelled, Line.of("A", 2));
        engine.execute(new Deallocate(IdempotencyKey.random(), cancelled.id(), List.of(Line.of("B", 1))));
        var released = place();
        engine.execute(ReleaseHold.of(released.id()));
        var expired = shop.place(1, Line.of("A", 1));
        shop.awaitDeadline(expired);
        engine.execute(new Command.ExpireHold(expired.id()));
        age("31 days");
        var young = place();
        engine.execute(ReleaseHold.of(young.id()));

        assertThat(new EndedHolds(database.dataSource(), KEEP).deleteSome()).isEqualTo(4);

        assertThat(ids())
                .containsExactlyInAnyOrder(
                        live.id().toString(),
                        due.id().toString(),
                        confirmed.id().toString(),
                        partlyShipped.id().toString(),
                        lineLeft.id().toString(),
                        young.id().toString());
        assertThat(engine.hold(shipped.id())).isEmpty();
        assertThat(engine.hold(cancelled.id())).isEmpty();
    }

    @Test
    void aHoldStaysUntilTheLastSecond() throws SQLException {
        shop.receive("A", 10);
        var hold = shop.place(60, Line.of("A", 1));
        engine.execute(ReleaseHold.of(hold.id()));
        database.execute("UPDATE hold SET expires_at = clock_timestamp() - interval '30 days' + interval '1 minute'");
        assertThat(new EndedHolds(database.dataSource(), KEEP).deleteSome()).isZero();
        database.execute("UPDATE hold SET expires_at = expires_at - interval '1 minute'");
        assertThat(new EndedHolds(database.dataSource(), KEEP).deleteSome()).isOne();
    }

    /** More pages than one statement takes, and more than one pass has. */
    @Test
    void everyPageIsLookedAt() throws SQLException {
        fillWithReleased(10_000);
        assertThat(database.number("SELECT pg_relation_size('hold') / 8192")).isGreaterThan(2 * EndedHolds.PAGES);
        var holds = new EndedHolds(database.dataSource(), KEEP);
        int steps = 0;
        for (; database.number("SELECT count(*) FROM hold") > 0; steps++) {
            holds.deleteSome();
            assertThat(steps).isLessThan(100);
        }
        assertThat(holds.deleteSome()).isZero();
        fillWithReleased(10);
        assertThat(holds.deleteSome()).as("the next pass is tomorrow's").isZero();
    }

    @Test
    void somebodysLockCostsThesePagesTheirTurnAndNothingElse() throws SQLException {
        fillWithReleased(10_000);
        var holds = new EndedHolds(database.dataSource(), KEEP);
        try (var connection = database.dataSource().getConnection()) {
            connection.setAutoCommit(false);
            query(connection, "SELECT FROM hold ORDER BY ctid LIMIT 1 FOR UPDATE");
            for (int i = 0; i < 20; i++) {
                holds.deleteSome();
            }
        }
        assertThat(database.number("SELECT count(*) FROM hold"))
                .isEqualTo(
                        database.number("SELECT count(*) FROM hold WHERE ctid < '(%d,0)'".formatted(EndedHolds.PAGES)))
                .isPositive();
        assertThat(new EndedHolds(database.dataSource(), KEEP).deleteSome()).isPositive();
    }

    @Test
    void twoNodesDeleteEachHoldOnce() throws Exception {
        fillWithReleased(10_000);
        var first = new EndedHolds(database.dataSource(), KEEP);
        var second = new EndedHolds(database.dataSource(), KEEP);
        var deleted = new int[2];
        var other = Thread.ofVirtual().start(() -> deleted[1] = deleteAll(second));
        deleted[0] = deleteAll(first);
        other.join();
        assertThat(deleted[0] + deleted[1]).isEqualTo(10_000);
        assertThat(ids()).isEmpty();
    }

    @Test
    void aKeyWhoseHoldIsGoneIsDecidedAnew() throws SQLException {
        shop.receive("A", 1);
        var placing = Shop.placing(60, Line.of("A", 1));
        engine.execute(placing);
        engine.execute(ReleaseHold.of(placing.key().id()));
        assertThat(replayed(engine.execute(placing))).isTrue();
        age("31 days");
        new EndedHolds(database.dataSource(), KEEP).deleteSome();

        assertThat(engine.execute(ReleaseHold.of(placing.key().id()))).isInstanceOf(Outcome.UnknownHold.class);
        assertThat(replayed(engine.execute(placing))).isFalse();

        shop.assertLevel("A", 1, 1, 0);
    }

    // --- months of the ledger

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anOldMonthGoesAndTheBooksStillBalance(boolean archive) throws SQLException {
        months("2025_01", "2025_02", "2025_12");
        busyMonth("2025-01-20");
        busyMonth("2025-02-10");
        shop.place(600, Line.of("A", 3)); // today, in a month of its own
        TestDatabase.assertBooksAreRight(engine);
        long movements = database.number("SELECT count(*) FROM movement");
        long ofJanuary = database.number("SELECT count(*) FROM movement WHERE at < '2025-02-01Z'");
        var months = months(archive);

        assertThat(months.letOneGo()).isTrue();
        TestDatabase.assertBooksAreRight(engine);
        assertThat(database.number("SELECT count(*) FROM movement")).isEqualTo(movements - ofJanuary);
        assertThat(database.number("SELECT sum(version) FROM ledger_opening")).isEqualTo(ofJanuary);

        assertThat(months.letOneGo()).isTrue();
        TestDatabase.assertBooksAreRight(engine);
        assertThat(tables("ledger_archive%"))
                .isEqualTo(archive ? List.of("ledger_archive_2025_01", "ledger_archive_2025_02") : List.of());

        assertThat(months.letOneGo()).as("December, which is empty").isTrue();
        assertThat(months.letOneGo()).isFalse();
        assertThat(tables("ledger_2025%")).isEmpty();
        shop.receive("B", 100);
        shop.place(600, Line.of("A", 1), Line.of("B", 1));
        TestDatabase.assertBooksAreRight(engine);
        assertThat(engine.movements(new Sku("A"), null, 100, null).movements()).hasSize(2);
    }

    @Test
    void aMonthThatIsNotWhollyOldStays() throws SQLException {
        database.execute("""
                DO $$ BEGIN EXECUTE format('CREATE TABLE ledger_2026_06 PARTITION OF ledger FOR VALUES FROM (%L) TO (%L)',
                    now() - interval '60 days', now() - interval '30 days' + interval '1 hour'); END $$""");
        assertThat(months(true).letOneGo()).isFalse();
        assertThat(new OldMonths(database.dataSource(), KEEP.minusHours(2), true, new CountDownLatch(1)).letOneGo())
                .isTrue();
    }

    /** Sums that went missing, or were added twice, must not go unseen. */
    @Test
    void theOpeningIsPartOfTheBooks() throws SQLException {
        months("2025_01");
        busyMonth("2025-01-20");
        months(true).letOneGo();
        TestDatabase.assertBooksAreRight(engine);
        for (var column : List.of("version", "on_hand", "held", "allocated", "shortfall")) {
            database.execute("UPDATE ledger_opening SET %s = %s + 1".formatted(column, column));
            assertThat(engine.invariants())
                    .as(column)
                    .filteredOn(invariant -> !invariant.ok())
                    .extracting(Invariant::name)
                    .containsExactly(column.equals("version") ? "ledger-is-gapless" : "ledger-sums-to-levels");
            database.execute("UPDATE ledger_opening SET %s = %s - 1".formatted(column, column));
        }
    }

    /** A check that began before a month left must not miss its movements. */
    @Test
    void aMonthDoesNotLeaveDuringACheckOfTheBooks() throws Exception {
        months("2025_01");
        busyMonth("2025-01-20");
        var going = new AtomicBoolean(true);
        var checks = new ArrayList<Invariant>();
        try (var connection = database.dataSource().getConnection()) {
            connection.setAutoCommit(false);
            query(connection, "LOCK TABLE stock_level IN ACCESS EXCLUSIVE MODE");
            var check = Thread.ofVirtual().start(() -> checks.addAll(engine.invariants()));
            database.awaitBlocked(1); // before its first query, which waits for the levels
            going.set(months(true).letOneGo());
            connection.rollback();
            check.join();
        }
        assertThat(going).isFalse();
        assertThat(checks).isNotEmpty().allMatch(Invariant::ok);
        assertThat(months(true).letOneGo()).isTrue();
    }

    @Test
    void behindALongReaderAMonthStaysAndNobodyWaitsLong() throws Exception {
        months("2025_01");
        busyMonth("2025-01-20");
        shop.receive("A", 1_000_000);
        var placings = new ArrayList<Long>();
        try (var reader = database.dataSource().getConnection()) {
            reader.setAutoCommit(false);
            query(reader, "SELECT count(*) FROM ledger");
            var months = months(true);
            var gone = new AtomicBoolean(true);
            var going = Thread.ofVirtual().start(() -> gone.set(letOneGo(months)));
            while (going.isAlive()) {
                long begin = System.nanoTime();
                shop.place(600, Line.of("A", 1));
                placings.add((System.nanoTime() - begin) / 1_000_000);
            }
            assertThat(gone).isFalse();
            assertThat(letOneGo(months)).as("not tried again at once").isFalse();
            assertThat(database.number("SELECT count(*) FROM ledger_opening")).isZero();
        }
        assertThat(placings)
                .hasSizeGreaterThan(10)
                .allMatch(millis -> millis < 2_000, "2 s"); // 0.2 s on an idle machine
        assertThat(months(true).letOneGo()).isTrue();
    }

    @Test
    void twoNodesLetAMonthGoOnce() throws Exception {
        months("2025_01", "2025_02");
        busyMonth("2025-01-20");
        busyMonth("2025-02-20");
        long movements = database.number("SELECT count(*) FROM movement WHERE at < '2025-03-01Z'");
        var nodes = new ArrayList<Thread>();
        for (int i = 0; i < 2; i++) {
            var months = months(false);
            nodes.add(Thread.ofVirtual().start(() -> {
                while (!tables("ledger_2025%").isEmpty()) {
                    letOneGo(months);
                }
            }));
        }
        for (Thread node : nodes) {
            node.join();
        }
        assertThat(database.number("SELECT sum(version) FROM ledger_opening")).isEqualTo(movements);
    }

    // --- all together

    @Test
    void holdsArePlacedMeanwhileAndTheEngineDoesItItself() throws Exception {
        months("2025_01", "2025_02");
        busyMonth("2025-01-20");
        busyMonth("2025-02-20");
        fillWithReleased(5_000);
        long before = database.number("SELECT held FROM stock_level WHERE sku = 'A'");
        long units = database.number("SELECT on_hand - held - allocated FROM stock_level WHERE sku = 'A'");
        var often = TestDatabase.UNSWEPT.withSweepInterval(Duration.ofMillis(5)).withKeep(BOTH);
        long placed = 0;
        long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        engine.close(); // it had the sweeper's lease
        try (var one = database.open(often);
                var _ = database.open(often)) {
            while (!tables("ledger_2025%").isEmpty()
                    || database.number("SELECT count(*) FROM hold WHERE expires_at < now() - interval '30 days'") > 0) {
                var outcome = one.execute(Shop.placing(600, Line.of("A", 1)));
                assertThat(outcome instanceof Outcome.Placed).isEqualTo(placed < units);
                placed += placed < units ? 1 : 0;
                assertThat(System.nanoTime() - end).as("a minute is over").isNegative();
            }
        }
        assertThat(database.number("SELECT held FROM stock_level WHERE sku = 'A'") - before)
                .isEqualTo(placed)
                .isPositive();
        assertThat(tables("ledger_archive%")).containsExactly("ledger_archive_2025_01", "ledger_archive_2025_02");
    }

    @Test
    void aClosingEngineDoesNotWaitForAMonth() throws Exception {
        months("2025_01");
        busyMonth("2025-01-20");
        try (var connection = database.dataSource().getConnection()) {
            connection.setAutoCommit(false);
            query(connection, "LOCK TABLE ledger_opening IN ACCESS EXCLUSIVE MODE"); // as a sum that takes long
            var retention = new Retention(database.dataSource(), BOTH);
            retention.turn();
            database.awaitBlocked(1);
            long begin = System.nanoTime();
            retention.close();
            assertThat(Duration.ofNanos(System.nanoTime() - begin))
                    .isLessThan(Duration.ofSeconds(3)); // 5 s if it waited
        }
        assertThat(tables("ledger_2025%")).containsExactly("ledger_2025_01");
    }

    @Test
    void whatAReplayNeedsMustBeKept() {
        var options = TestDatabase.UNSWEPT; // keys for 3 days
        assertThat(options.withKeep(new Keep(Duration.ofDays(3), Duration.ofDays(4), false)))
                .isNotEqualTo(options);
        for (var keep : List.of(
                new Keep(Duration.ofDays(3).minusSeconds(1), null, true),
                new Keep(null, Duration.ofDays(4).minusSeconds(1), true))) {
            assertThatThrownBy(() -> options.withKeep(keep)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    // --- words

    private Hold place() {
        return shop.place(60, Line.of("A", 2), Line.of("B", 1));
    }

    private void ship(Hold hold, Line... lines) {
        assertThat(engine.execute(new Ship(IdempotencyKey.random(), hold.id(), List.of(lines))))
                .isInstanceOf(Outcome.Moved.class);
    }

    /** As if all holds so far had been placed so long ago. */
    private void age(String interval) {
        database.execute(
                "UPDATE hold SET placed_at = placed_at - interval '%1$s', expires_at = expires_at - interval '%1$s'"
                        .formatted(interval),
                "UPDATE hold_deadline SET due_at = due_at - interval '%s'".formatted(interval));
    }

    private void fillWithReleased(int holds) {
        database.execute("""
                INSERT INTO hold (id, state, placed_at, expires_at, request_hash, lines)
                SELECT gen_random_uuid(), 2, now() - interval '40 days', now() - interval '39 days', n, ARRAY[1, 1]
                FROM generate_series(1, %d) n""".formatted(holds));
    }

    /** Movements of each kind of difference, single and in rows of many, as if made on that day. */
    private void busyMonth(String day) {
        if (database.number("SELECT count(*) FROM stock_level") == 0) {
            shop.receive("A", 100);
            shop.receive("B", 100);
        }
        var placings = new ArrayList<PlaceHold>();
        for (int i = 0; i < 45; i++) {
            placings.add(Shop.placing(600, Line.of("A", 1)));
        }
        engine.executeAll(placings);
        engine.execute(ConfirmHold.of(placings.getFirst().key().id()));
        engine.execute(ReleaseHold.of(placings.getLast().key().id()));
        ship(engine.hold(placings.getFirst().key().id()).orElseThrow(), Line.of("A", 1));
        // A month ends with a shortfall, so that its sum is not zero either.
        shop.receive("B", 100);
        shop.place(600, Line.of("B", 20));
        engine.execute(new Command.Count(IdempotencyKey.random(), StockKey.of("B"), 10, null, null));
        database.execute("UPDATE ledger SET at = '%s 12:00Z' WHERE at > now() - interval '1 day'".formatted(day));
    }

    private void months(String... months) {
        for (var month : months) {
            var begin = YearMonth.parse(month.replace('_', '-'));
            database.execute(
                    "CREATE TABLE ledger_%s PARTITION OF ledger FOR VALUES FROM ('%s-01 00:00+00') TO ('%s-01 00:00+00')"
                            .formatted(month, begin, begin.plusMonths(1)));
        }
    }

    private OldMonths months(boolean archive) {
        return new OldMonths(database.dataSource(), KEEP, archive, new CountDownLatch(1));
    }

    private static boolean letOneGo(OldMonths months) {
        try {
            return months.letOneGo();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static int deleteAll(EndedHolds holds) {
        try {
            int deleted = 0;
            for (int i = 0; i < 50; i++) {
                deleted += holds.deleteSome();
            }
            return deleted;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean replayed(Outcome outcome) {
        return ((Outcome.Placed) outcome).replayed();
    }

    private static void query(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private List<String> ids() {
        return database.rows("SELECT id FROM hold");
    }

    private List<String> tables(String like) {
        return database.rows(
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE '%s' ORDER BY 1".formatted(like));
    }
}
