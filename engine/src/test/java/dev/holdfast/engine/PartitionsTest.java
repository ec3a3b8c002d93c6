package dev.holdfast.engine;

import dev.holdfast.engine.Command.Receive;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.postgresql.ds.PGSimpleDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/** The ledger always has a place for this month and the next two, whoever starts when. */
@Execution(ExecutionMode.CONCURRENT)
class PartitionsTest {
    private static final String PARTITIONS = """
            SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = 'ledger'::regclass ORDER BY 1
            """;

    private final TestDatabase database = TestDatabase.createEmpty();

    private List<String> wanted() {
        var month = YearMonth.parse(database.rows("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM')")
                .getFirst());
        return List.of(
                Partitions.name(month),
                Partitions.name(month.plusMonths(1)),
                Partitions.name(month.plusMonths(2)),
                "ledger_other");
    }

    @Test
    void enginesThatStartAtOnceCreateEachMonthOnce() throws Exception {
        Schema.migrate(database.dataSource());
        var starts = new ArrayList<Callable<StockEngine>>();
        for (int i = 0; i < 4; i++) {
            starts.add(() -> database.open(TestDatabase.UNSWEPT));
        }
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var engine : threads.invokeAll(starts)) {
                engine.get().close();
            }
        }
        assertThat(database.rows(PARTITIONS)).isEqualTo(wanted());
        try (var engine = database.open(TestDatabase.UNSWEPT)) {
            receive(engine, "A");
            assertThat(database.rows("SELECT DISTINCT tableoid::regclass FROM ledger"))
                    .containsExactly(wanted().getFirst());
            TestDatabase.assertBooksAreRight(engine);
        }
        assertThat(database.rows(PARTITIONS)).isEqualTo(wanted());
    }

    @Test
    void rowsThatFoundNoMonthMoveIntoItWhenItIsMade() {
        try (var engine = database.open(TestDatabase.UNSWEPT)) {
            receive(engine, "A");
            dropMonths();
            receive(engine, "A");
            receive(engine, "B");
            assertThat(database.number("SELECT count(*) FROM ledger_other")).isEqualTo(3);
        }
        try (var engine = database.open(TestDatabase.UNSWEPT)) {
            assertThat(database.rows(PARTITIONS)).isEqualTo(wanted());
            assertThat(database.number("SELECT count(*) FROM ledger_other")).isZero();
            assertThat(database.number("SELECT count(*) FROM " + wanted().getFirst()))
                    .isEqualTo(3);
            assertThat(engine.movements(new Sku("A"), null, 10, null).movements())
                    .hasSize(2);
            TestDatabase.assertBooksAreRight(engine);
        }
    }

    /** To move them would stop all writers for too long. The next month begins in its own place. */
    @Test
    void tooManyRowsStayWhereTheyAreAndDoNotKeepTheNextMonthsFromBeingMade() {
        Schema.migrate(database.dataSource());
        database.execute("""
                INSERT INTO ledger (stock_id, version, kind, at, cause)
                SELECT 1, n, 0, now(), gen_random_uuid() FROM generate_series(1, %d) n
                """.formatted(Partitions.MOVE_MAX + 1));
        database.open(TestDatabase.UNSWEPT).close();
        assertThat(database.rows(PARTITIONS)).isEqualTo(wanted().subList(1, 4));
        assertThat(database.number("SELECT count(*) FROM ledger_other")).isEqualTo(Partitions.MOVE_MAX + 1);
    }

    /** As long as a reader of the whole ledger takes: the engine starts without, and tries again later. */
    @Test
    void aLedgerThatIsLockedDoesNotKeepTheEngineFromStarting() throws Exception {
        Schema.migrate(database.dataSource());
        try (var connection = database.dataSource().getConnection();
                var statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("SELECT count(*) FROM ledger");
            try (var engine = database.open(TestDatabase.UNSWEPT)) {
                receive(engine, "A");
                assertThat(database.rows(PARTITIONS)).containsExactly("ledger_other");
            }
        }
    }

    @Test
    void manyMayCreateThemAtOnceAndAgain() throws Exception {
        Schema.migrate(database.dataSource());
        var creating = new ArrayList<Callable<Boolean>>();
        for (int i = 0; i < 8; i++) {
            creating.add(() -> new Partitions(database.dataSource()).createMissing());
        }
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var created : threads.invokeAll(creating)) {
                assertThat(created.get()).isTrue();
            }
        }
        assertThat(database.rows(PARTITIONS)).isEqualTo(wanted());
        assertThat(new Partitions(database.dataSource()).createMissing()).isTrue();
    }

    @Test
    void monthsAreThoseOfUtcWhereverTheSessionIs() {
        Schema.migrate(database.dataSource());
        var far = new PGSimpleDataSource() {
            @Override
            public Connection getConnection() throws SQLException {
                var connection = super.getConnection();
                try (var statement = connection.createStatement()) {
                    statement.execute("SET TIME ZONE 'Etc/GMT+12'");
                }
                return connection;
            }
        };
        var near = (PGSimpleDataSource) database.dataSource();
        far.setUrl(near.getURL());
        far.setUser(near.getUser());
        far.setPassword(near.getPassword());
        assertThat(new Partitions(far).createMissing()).isTrue();
        var month = wanted().getFirst();
        database.execute("""
                INSERT INTO ledger (stock_id, version, kind, at, cause)
                SELECT 1, 1, 0, '%s', gen_random_uuid()
                """.formatted(month.substring(7).replace('_', '-') + "-01 00:00:00+00"));
        assertThat(database.number("SELECT count(*) FROM " + month)).isEqualTo(1);
    }

    private void dropMonths() {
        for (String partition : wanted().subList(0, 3)) {
            database.execute(
                    "ALTER TABLE ledger DETACH PARTITION " + partition,
                    "INSERT INTO ledger_other SELECT * FROM " + partition,
                    "DROP TABLE " + partition);
        }
    }

    private static void receive(StockEngine engine, String sku) {
        assertThat(engine.execute(new Receive(IdempotencyKey.random(), StockKey.of(sku), Quantity.ONE, null)))
                .isInstanceOf(Outcome.Moved.class);
    }
}
