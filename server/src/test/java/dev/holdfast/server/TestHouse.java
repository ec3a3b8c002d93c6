package dev.holdfast.server;

import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;

/** A venue and events in it. */
final class TestHouse {
    private final TestClient server;

    TestHouse(TestClient server) {
        this.server = server;
    }

    /** Rows A, B, … of so many seats each in the section "Stalls", category "stalls"; labels A-1, A-2, …; and an area "Floor" of 10. */
    String venue(int rows, int seats) {
        String venue = server.postNew("/v1/venues", "{\"name\": \"House\"}").at("/id");
        var csv = new StringBuilder("section,row,kind,number,label,category,capacity\n");
        for (int row = 0; row < rows; row++) {
            for (int seat = 1; seat <= seats; seat++) {
                String name = rowName(row);
                csv.append("Stalls,%s,row,%d,%s-%d,stalls,\n".formatted(name, seat, name, seat));
            }
        }
        csv.append(",,area,,Floor,standing,10\n");
        Reply map = server.send("PUT", "/v1/venues/" + venue + "/map", csv.toString(), "Content-Type", "text/csv");
        assertThat(map.status()).as(map.text()).isIn(200, 201);
        return venue;
    }

    static String rowName(int row) {
        return row < 26 ? String.valueOf((char) ('A' + row)) : "R" + row;
    }

    /** The path of an event that is on sale; {@code more} begins with a comma. */
    String event(String venue, String more) {
        Reply event = create(venue, more);
        assertThat(event.status()).as(event.text()).isEqualTo(201);
        assertThat(event.at("/ready")).isEqualTo("true");
        return "/v1/events/" + event.at("/id");
    }

    Reply create(String venue, String more) {
        return server.postNew("/v1/events", body(venue, more));
    }

    static String body(String venue, String more) {
        return """
                {"venueId": "%s", "name": "Hamlet", "startsAt": "%s", "prices": [
                 {"category": "stalls", "amountMinor": 4500, "currency": "EUR"},
                 {"category": "standing", "amountMinor": 2000, "currency": "EUR"}]%s}""".formatted(venue, Instant.now().plus(Duration.ofDays(30)), more);
    }

    Reply hold(String event, String body, String... headers) {
        return server.postNew(event + "/holds", body, headers);
    }

    Reply seats(String event, String... labels) {
        return hold(event, "{\"seats\": [\"" + String.join("\", \"", labels) + "\"]}");
    }

    Reply best(String event, int count, String more) {
        return hold(event, "{\"bestAvailable\": {\"count\": " + count + more + "}}");
    }

    static java.util.List<String> labels(Reply hold) {
        return hold.json().at("/seats").values().stream()
                .map(seat -> seat.path("label").asString())
                .toList();
    }

    /** Each seat's state, as a digit. */
    String states(String event) {
        JsonNode seats = server.get(event + "/seats").json();
        byte[] states = Base64.getDecoder().decode(seats.path("states").asString());
        var digits = new StringBuilder();
        for (int i = 0; i < seats.path("seats").asInt(); i++) {
            digits.append(states[i / 4] >> (2 * (i % 4)) & 3);
        }
        return digits.toString();
    }
}
