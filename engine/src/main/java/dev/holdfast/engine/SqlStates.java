package dev.holdfast.engine;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;

/** What an error of the database means for the batch that met it. */
final class SqlStates {
    static final String CONNECTION_EXCEPTION = "08000";

    private SqlStates() {}

    /**
     * Whether the connection is gone, or is one that can no longer write: class 08, 57P01–57P03 (shutdown, crash, starting up),
     * 53300 (too many connections), 25006 (became a replica), 25P03 (idle too long).
     */
    static boolean isLost(SQLException e) {
        var state = e.getSQLState();
        return e instanceof SQLTransientConnectionException
                || state == null
                || state.startsWith("08") // connection exception
                || state.startsWith("57P")
                || state.equals("53300")
                || state.equals("25006")
                || state.equals("25P03");
    }

    /**
     * Deadlock, serialization, lock or statement timeout, a key that another node inserted first, a row that has moved (22012, see
     * {@link Sql#UPDATE_HOLDS}), out of disk or memory.
     */
    static boolean isPassing(SQLException e) {
        return switch (e.getSQLState()) {
            case "40001", "40P01", "55P03", "57014", "23505", "22012" -> true;
            case String state -> state.startsWith("53") || state.startsWith("58");
        };
    }

    /** A key that is taken, or a row that is not as the statement wants it (22012, the division by zero in our SQL). */
    static boolean isRefusedRow(SQLException e) {
        return "23505".equals(e.getSQLState()) || "22012".equals(e.getSQLState());
    }

    /** Lock or statement timeout: seconds have gone by, and the whole lane has waited; the caller decides about more. */
    static boolean hasWaited(SQLException e) {
        return "55P03".equals(e.getSQLState()) || "57014".equals(e.getSQLState());
    }

    /** No such table. */
    static boolean isGone(SQLException e) {
        return "42P01".equals(e.getSQLState());
    }
}
