package dev.holdfast.bench;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What the database says was sold, read from outside after a run.
 *
 * @param units there were of all SKUs
 * @param booked units that the stock rows count as gone
 * @param ledger units that the ledger, or the control's hold rows, say went
 * @param holds rows of holds
 */
record Books(long units, long booked, long ledger, long holds) {
    /** Ten million holds take some ten seconds. */
    static final Duration CHECK_MAX = Duration.ofMinutes(10);

    private static final String ENGINE = """
            SELECT (SELECT sum(on_hand) FROM stock_level), (SELECT sum(held + allocated) FROM stock_level),
                   (SELECT coalesce(sum(held), 0) FROM movement WHERE held IS NOT NULL), (SELECT count(*) FROM hold)
            """;

    private static final String UNSAFE = """
            SELECT (SELECT sum(units) FROM unsafe_stock), (SELECT sum(units - available) FROM unsafe_stock),
                   (SELECT coalesce(sum(units), 0) FROM unsafe_hold), (SELECT count(DISTINCT id) FROM unsafe_hold)
            """;

    static Books ofEngine(Connection connection) throws SQLException {
        return read(connection, ENGINE);
    }

    static Books ofUnsafe(Connection connection) throws SQLException {
        return read(connection, UNSAFE);
    }

    private static Books read(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            row.next();
            return new Books(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4));
        }
    }

    /** Units promised beyond what there was; for the control that is the harm itself. */
    long oversold(long promisedUnits) {
        return Math.max(0, promisedUnits - units);
    }

    /** Units promised that no stock row knows of: sold again as soon as stock runs short. */
    long unbooked(long promisedUnits) {
        return Math.max(0, promisedUnits - booked);
    }

    /**
     * What cannot be in good books.
     *
     * @param promised holds that callers were told of
     * @param errors requests whose fate callers do not know: they may have taken effect
     */
    List<String> problems(Scenario scenario, long promised, long errors) {
        long promisedUnits = promised * scenario.linesPerHold();
        var problems = new ArrayList<String>();
        if (oversold(promisedUnits) > 0) {
            problems.add("%,d units promised of %,d".formatted(promisedUnits, units));
        }
        if (unbooked(promisedUnits) > 0) {
            problems.add("%,d units promised, %,d booked".formatted(promisedUnits, booked));
        }
        if (booked > units) {
            problems.add("%,d units booked of %,d".formatted(booked, units));
        }
        if (ledger != booked) {
            problems.add("the ledger says %,d units, the levels say %,d".formatted(ledger, booked));
        }
        if (promised > holds) {
            problems.add("%,d holds promised, %,d stored".formatted(promised, holds));
        }
        if (holds - promised > errors) {
            problems.add("%,d holds stored, %,d promised, %,d unknown".formatted(holds, promised, errors));
        }
        if (scenario == Scenario.SOLD_OUT && booked < units) {
            problems.add("%,d of %,d units sold, although many asked".formatted(booked, units));
        }
        return problems;
    }
}
