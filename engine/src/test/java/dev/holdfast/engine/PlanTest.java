package dev.holdfast.engine;

import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.jdbc.PreferQueryMode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The plans of the lane and of the sweeper are made once and kept. Made while the statistics say "one row", they must still find every row by its key or
 * its address: a join turned round is quick on one row, and takes 40 ms a batch on a thousand.
 */
class PlanTest {
    private static final Pattern SCAN = Pattern.compile(
            "(?:Scan|Scan using \\w+) on (stock_level|hold|ledger\\w*|hold_deadline|idempotency_entry)\\b");

    @SuppressWarnings("NullAway.Init")
    private static DataSource database;

    @BeforeAll
    static void oneRowInEachTable() throws SQLException {
        database = TestDatabase.create().dataSource();
        try (var engine = StockEngine.open(database)) {
            engine.execute(new Command.Receive(
                    IdempotencyKey.random(), StockKey.of("A"), Quantity.of(5), "the first receipt"));
            engine.execute(Command.PlaceHold.of(IdempotencyKey.random(), Line.of("A", 1)));
        }
        // As text: EXPLAIN of a statement with parameters takes none.
        ((PGSimpleDataSource) database).setPreferQueryMode(PreferQueryMode.SIMPLE);
        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.execute("VACUUM ANALYZE");
        }
    }

    static Stream<String> statements() {
        return Stream.of(
                Sql.IDENTIFY,
                Sql.FORGET,
                Sql.NAMES,
                Sql.LOCK,
                Sql.LOCK_WITH_HOLDS,
                Sql.READ_CLOCK_AND_HOLDS,
                Sql.READ_ENTRIES,
                Sql.READ_MOVEMENTS,
                Sql.DUE_HOLDS,
                Sql.NEXT_RELEASES,
                Sql.UPDATE_LEVELS,
                Sql.UPDATE_HOLDS,
                Reads.MOVEMENTS,
                Sweeper.DUE,
                Sweeper.DELETE,
                Sweeper.FORGET,
                EndedHolds.DELETE);
    }

    @ParameterizedTest
    @MethodSource("statements")
    void every_row_is_found_by_key_or_address(String sql) throws SQLException {
        assertThat(scansWithoutCondition(plan(Sql.SESSION, sql))).isEmpty();
    }

    @Test
    void the_check_sees_a_join_that_can_be_turned_round() throws SQLException {
        var update = "UPDATE stock_level s SET version = u.version FROM unnest(?::bigint[], ?::bigint[]) u(id, version)"
                + " WHERE s.id = u.id";
        assertThat(scansWithoutCondition(plan(Sql.SESSION, update))).isNotEmpty();
    }

    private static List<String> plan(String session, String sql) throws SQLException {
        var lines = new ArrayList<String>();
        try (var connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(session);
            try (var rows = statement.executeQuery("EXPLAIN (GENERIC_PLAN) " + numbered(sql))) {
                while (rows.next()) {
                    lines.add(rows.getString(1));
                }
            }
        }
        return lines;
    }

    private static String numbered(String sql) {
        var number = new int[1];
        return Pattern.compile("\\?").matcher(sql).replaceAll(match -> "\\$" + ++number[0]);
    }

    private static List<String> scansWithoutCondition(List<String> plan) {
        var found = new ArrayList<String>();
        for (int i = 0; i < plan.size(); i++) {
            boolean byCondition = i + 1 < plan.size() && plan.get(i + 1).contains("Cond:");
            if (SCAN.matcher(plan.get(i)).find() && !byCondition) {
                found.add(plan.get(i));
            }
        }
        return found;
    }
}
