package dev.holdfast.engine;

import dev.holdfast.engine.Command.ConfirmHold;
import dev.holdfast.engine.Command.Ship;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.util.PSQLException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

/** Each invariant seen broken, by the name it is known under. */
class InvariantsTest {
    private final Shop shop = Shop.unswept();
    private final StockEngine engine = shop.engine();
    private final TestDatabase database = shop.database();

    @AfterEach
    void close() {
        engine.close();
    }

    /** @param undo puts right what the corruption broke, so that the next one is seen alone */
    private record Corruption(String name, String sql, String undo, List<String> broken) {}

    @TestFactory
    Stream<DynamicTest> everyCorruptionIsNamed() {
        shop.receive("A", 10);
        shop.receive("B", 10);
        shop.place(600, Line.of("A", 3));
        var hold = shop.place(600, Line.of("A", 4), Line.of("B", 2));
        engine.execute(ConfirmHold.of(hold.id()));
        engine.execute(new Ship(IdempotencyKey.random(), hold.id(), List.of(Line.of("A", 1))));
        TestDatabase.assertBooksAreRight(engine);
        database.execute("ALTER TABLE stock_level DROP CONSTRAINT units_not_negative, DROP CONSTRAINT promises_covered,"
                + " DROP CONSTRAINT shortfall_only_what_is_uncovered");
        return Stream.of(
                        broken(
                                "units vanished from a level",
                                "UPDATE stock_level SET on_hand = on_hand - 1 WHERE sku = 'A'",
                                "UPDATE stock_level SET on_hand = on_hand + 1 WHERE sku = 'A'",
                                "ledger-sums-to-levels"),
                        broken(
                                "more was promised than there is",
                                "UPDATE stock_level SET on_hand = 5 WHERE sku = 'A'",
                                "UPDATE stock_level SET on_hand = 9 WHERE sku = 'A'",
                                "promises-are-covered",
                                "ledger-sums-to-levels"),
                        broken(
                                "a limit is negative",
                                "UPDATE stock_level SET safety_stock = -1 WHERE sku = 'B'",
                                "UPDATE stock_level SET safety_stock = 0 WHERE sku = 'B'",
                                "promises-are-covered"),
                        broken(
                                "a movement is missing in the middle",
                                "UPDATE ledger SET stock_id = stock_id + 1000 WHERE version = 2",
                                "UPDATE ledger SET stock_id = stock_id - 1000 WHERE version = 2",
                                "ledger-is-gapless",
                                "ledger-sums-to-levels"),
                        broken(
                                "a version was skipped",
                                "UPDATE stock_level SET version = version + 1 WHERE sku = 'B'",
                                "UPDATE stock_level SET version = version - 1 WHERE sku = 'B'",
                                "ledger-is-gapless"),
                        broken(
                                "a level holds what no hold claims",
                                "UPDATE stock_level SET held = held + 1 WHERE sku = 'A'",
                                "UPDATE stock_level SET held = held - 1 WHERE sku = 'A'",
                                "ledger-sums-to-levels",
                                "held-is-live-holds"),
                        broken(
                                "a live hold ended unseen",
                                "UPDATE hold SET state = 2 WHERE state = 0",
                                "UPDATE hold SET state = 0 WHERE state = 2",
                                "held-is-live-holds"),
                        broken(
                                "a shipment was forgotten",
                                "UPDATE hold SET parts = NULL WHERE state = 1",
                                "UPDATE hold SET parts = '{4,0,0,1,2,0,0,0}' WHERE state = 1",
                                "allocated-is-confirmed-holds"),
                        broken(
                                "a deadline was lost",
                                "UPDATE hold_deadline SET stock_id = -stock_id",
                                "UPDATE hold_deadline SET stock_id = -stock_id",
                                "every-live-hold-has-a-deadline"),
                        broken(
                                "a hold was extended past its deadline row",
                                "UPDATE hold SET expires_at = expires_at + interval '1 second'",
                                "UPDATE hold SET expires_at = expires_at - interval '1 second'",
                                "every-live-hold-has-a-deadline"))
                .map(corruption -> dynamicTest(corruption.name(), () -> {
                    database.execute(corruption.sql());
                    assertThat(engine.invariants())
                            .filteredOn(invariant -> !invariant.ok())
                            .extracting(Invariant::name)
                            .isEqualTo(corruption.broken());
                    database.execute(corruption.undo());
                    TestDatabase.assertBooksAreRight(engine);
                }));
    }

    private static Corruption broken(String name, String sql, String undo, String... invariants) {
        return new Corruption(name, sql, undo, List.of(invariants));
    }

    @Test
    void aViolationSaysWhereAndWhat() {
        shop.receive("A", 10);
        database.execute("UPDATE stock_level SET held = 1");
        assertThat(engine.invariants())
                .filteredOn(invariant -> invariant.name().equals("held-is-live-holds"))
                .singleElement()
                .satisfies(invariant ->
                        assertThat(invariant.violations()).containsExactly("A@main: held 1, live holds 0"));
    }

    @Test
    void aCheckThatTakesTooLongIsEndedInTheDatabase() throws SQLException {
        try (var connection = database.dataSource().getConnection();
                var lock = connection.createStatement()) {
            connection.setAutoCommit(false);
            lock.execute("LOCK TABLE hold");
            assertThatThrownBy(() -> new Invariants(database.dataSource(), Duration.ofMillis(50)).check())
                    .isInstanceOf(EngineFailure.TimedOut.class);
            connection.rollback();
        }
        TestDatabase.assertBooksAreRight(engine);
    }

    @Test
    void checksAskedForDuringOneShareTheNext() throws Exception {
        var connections = new AtomicInteger();
        var counting = new PGSimpleDataSource() {
            @Override
            public Connection getConnection() throws SQLException {
                connections.incrementAndGet();
                return database.dataSource().getConnection();
            }
        };
        var invariants = new Invariants(counting);
        var answers = new ConcurrentLinkedQueue<List<Invariant>>();
        try (var connection = database.dataSource().getConnection();
                var lock = connection.createStatement()) {
            connection.setAutoCommit(false);
            lock.execute("LOCK TABLE hold");
            var first = Thread.ofVirtual().start(() -> answers.add(invariants.check()));
            database.awaitBlocked(1);
            var others = Stream.generate(() -> Thread.ofVirtual().start(() -> answers.add(invariants.check())))
                    .limit(14)
                    .toList();
            Awaitility.await().until(() -> others.stream().allMatch(t -> t.getState() == Thread.State.WAITING));
            connection.rollback();
            first.join();
            for (Thread other : others) {
                other.join();
            }
        }
        assertThat(answers).hasSize(15).allSatisfy(answer -> assertThat(answer).allMatch(Invariant::ok));
        assertThat(connections).hasValue(2);
    }

    @Test
    void theDatabaseRefusesALevelThatMustNotBe() {
        shop.receive("A", 10);
        for (String change : List.of(
                "on_hand = -1",
                "held = 11",
                "allocated = 11",
                "held = -1",
                "shortfall = 1",
                "shortfall = -1",
                "on_hand = 1000000000000001")) {
            assertThat(catchThrowable(() -> database.execute("UPDATE stock_level SET " + change)))
                    .as(change)
                    .hasRootCauseInstanceOf(PSQLException.class)
                    .rootCause()
                    .hasMessageContaining("violates check constraint");
        }
    }
}
