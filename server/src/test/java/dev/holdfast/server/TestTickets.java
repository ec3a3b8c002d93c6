package dev.holdfast.server;

import dev.holdfast.local.LocalPostgres;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;

/** Places that somebody pays for, and their tickets. */
final class TestTickets {
    static final Duration PATIENCE = Duration.ofSeconds(30);

    final TestHouse house;
    private final TestClient server;
    private final LocalPostgres postgres;
    private final String database;

    TestTickets(TestClient server, LocalPostgres postgres, String database) {
        this.server = server;
        this.house = new TestHouse(server);
        this.postgres = postgres;
        this.database = database;
    }

    /** The path of an order of these places, paid by Ada. */
    String paid(String event, String wish) {
        Reply hold = house.hold(event, wish);
        assertThat(hold.status()).as(hold.text()).isEqualTo(201);
        Reply checkout = server.postNew("/v1/checkouts", """
                {"holdId": "%s", "payment": "tok_approve", "buyer": "ada"}""".formatted(hold.at("/id")));
        assertThat(checkout.at("/state")).as(checkout.text()).isEqualTo("COMPLETED");
        return "/v1/orders/" + checkout.at("/id");
    }

    /** The ticket of a seat that is paid for. */
    JsonNode one(String event, String label) {
        Reply reply = server.get(paid(event, "{\"seats\": [\"" + label + "\"]}") + "/tickets");
        assertThat(reply.json().at("/tickets").size()).as(reply.text()).isEqualTo(1);
        return reply.json().at("/tickets/0");
    }

    Reply checkIn(String event, String code, String gate, String... headers) {
        return server.post(event + "/check-ins", body(code, gate), headers);
    }

    static String body(String code, String gate) {
        return "{\"code\": \"" + code + "\", \"gate\": \"" + gate + "\"}";
    }

    String sku(String event, String label) {
        return "event:" + event.substring("/v1/events/".length()) + "/" + label;
    }

    /** Tickets of which this is true. */
    long count(String condition) {
        try (var connection =
                        DriverManager.getConnection(postgres.jdbcUrl(database), postgres.user(), postgres.password());
                var rows =
                        connection.createStatement().executeQuery("SELECT count(*) FROM ticket WHERE " + condition)) {
            rows.next();
            return rows.getLong(1);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    void sql(String update) {
        try (var connection =
                        DriverManager.getConnection(postgres.jdbcUrl(database), postgres.user(), postgres.password());
                var statement = connection.createStatement()) {
            assertThat(statement.executeUpdate(update)).as(update).isEqualTo(1);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
