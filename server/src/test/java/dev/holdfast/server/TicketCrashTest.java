package dev.holdfast.server;

import dev.holdfast.local.LocalPostgres;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/**
 * A server is killed with {@code kill -9} between a payment and its ticket: before it has read of it, and while it issues it; and while a ticket
 * is being cancelled. Another one does the rest.
 */
@ExtendWith(SharedServer.class)
final class TicketCrashTest {
    private static final String DATABASE = "ticket_crashes";

    private final LocalPostgres postgres;

    TicketCrashTest(LocalPostgres postgres) {
        this.postgres = postgres;
        postgres.createDatabase(DATABASE);
    }

    @Test
    void whatAKilledServerHasLeftIsDoneByAnotherOne() throws Exception {
        String key = TestServer.newKey();
        String event;
        String begun;
        String unread;
        String cancelled;
        String leaving;
        try (var keys = connection();
                var stocks = connection();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Reply>> unanswered;
            try (var doomed = DoomedServer.start(postgres, DATABASE, List.of())) {
                var tickets = new TestTickets(doomed.client(), postgres, DATABASE);
                event = tickets.house.event(tickets.house.venue(1, 6), "");
                cancelled = tickets.paid(event, "{\"seats\": [\"A-1\"]}");
                leaving = "/v1/tickets/"
                        + doomed.client().get(cancelled + "/tickets").at("/tickets/0/id");
                // as long as this lock is held, nobody reads on in the log of orders either
                lock(keys, "LOCK TABLE ticket_key IN ACCESS EXCLUSIVE MODE");
                begun = tickets.paid(event, "{\"seats\": [\"A-3\"]}");
                var asked = threads.submit(() -> doomed.client().get(begun + "/tickets"));
                await().atMost(TestTickets.PATIENCE).until(() -> waiting("ticket_key") > 0);
                unread = tickets.paid(event, "{\"seats\": [\"A-5\"]}");
                lock(stocks, "SELECT 1 FROM stock_level WHERE sku = '" + tickets.sku(event, "A-1") + "' FOR UPDATE");
                var cancelling =
                        threads.submit(() -> doomed.client().post(leaving + "/cancel", "{}", "Idempotency-Key", key));
                await().atMost(TestTickets.PATIENCE).until(() -> tickets.count("leaving_at IS NOT NULL") == 1);
                assertThat(tickets.count("true")).as("of the first order only").isEqualTo(1);
                unanswered = List.of(asked, cancelling);
            } // SIGKILL
            for (Future<Reply> answer : unanswered) {
                assertThatThrownBy(answer::get).isInstanceOf(ExecutionException.class);
            }
        }

        try (var server = TestServer.start(postgres, DATABASE)) {
            var tickets = new TestTickets(server, postgres, DATABASE);
            await().atMost(TestTickets.PATIENCE)
                    .until(() -> tickets.count("state = 'VALID'") == 2 && tickets.count("state = 'VOID'") == 1);

            assertThat(server.get(begun + "/tickets").at("/tickets/0/state")).isEqualTo("VALID");
            assertThat(server.get(unread + "/tickets").at("/tickets/0/state")).isEqualTo("VALID");
            Reply again = server.post(leaving + "/cancel", "{}", "Idempotency-Key", key);
            assertThat(again.status()).as(again.text()).isEqualTo(200);
            assertThat(again.header("Idempotent-Replayed")).isEqualTo("true");
            assertThat(again.at("/state")).isEqualTo("VOID");
            assertThat(server.get(cancelled).at("/refunds/0/amount/amountMinor"))
                    .isEqualTo("4500");
            assertThat(server.level(tickets.sku(event, "A-1")).allocated()).isZero();
            assertThat(tickets.count("true")).isEqualTo(3);
            assertThat(server.get("/v1/invariants").at("/ok")).isEqualTo("true");
        }
    }

    private Connection connection() throws SQLException {
        return DriverManager.getConnection(postgres.jdbcUrl(DATABASE), postgres.user(), postgres.password());
    }

    /** Until the connection is closed. */
    private static void lock(Connection connection, String sql) throws SQLException {
        connection.setAutoCommit(false);
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Statements that name this and wait for a lock. */
    private long waiting(String name) throws SQLException {
        try (var connection = connection();
                var rows = connection
                        .createStatement()
                        .executeQuery(
                                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%"
                                        + name + "%'")) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
