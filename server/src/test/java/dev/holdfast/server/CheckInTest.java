package dev.holdfast.server;

import dev.holdfast.local.LocalPostgres;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;

/** A ticket lets one in: at one gate, at many at the same instant on two nodes, and at gates that could not ask. */
@ExtendWith(SharedServer.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CheckInTest {
    private static final String DATABASE = "check_ins";
    private static final int ROUNDS = 10;

    private final TestServer server;
    private final TestServer other;
    private final TestTickets tickets;
    private final String venue;

    CheckInTest(LocalPostgres postgres) {
        postgres.createDatabase(DATABASE);
        server = TestServer.start(postgres, DATABASE);
        other = TestServer.start(postgres, DATABASE);
        tickets = new TestTickets(server, postgres, DATABASE);
        venue = tickets.house.venue(3, 12);
    }

    @AfterEach
    void booksAreRight() {
        assertThat(server.get("/v1/invariants").at("/ok")).isEqualTo("true");
    }

    @AfterAll
    void stop() {
        other.close();
        server.close();
    }

    private String event() {
        return tickets.house.event(venue, "");
    }

    private static String status(Reply reply) {
        return reply.status() < 400 ? "" + reply.status() : reply.status() + " " + reply.code();
    }

    private static String code(JsonNode ticket) {
        return ticket.at("/code").asString();
    }

    private static String path(JsonNode ticket) {
        return "/v1/tickets/" + ticket.at("/id").asString();
    }

    @Test
    void oneComesInAndTheNextIsToldWhenAndWhere() {
        String event = event();
        JsonNode ticket = tickets.one(event, "A-1");

        Reply in = tickets.checkIn(event, code(ticket), "north");
        Reply second = tickets.checkIn(event, code(ticket), "south");

        assertThat(in.status()).as(in.text()).isEqualTo(200);
        assertThat(in.at("/ticketId")).isEqualTo(ticket.at("/id").asString());
        assertThat(in.at("/place/number")).isEqualTo("1");
        assertThat(in.at("/holder")).isEqualTo("ada");
        assertThat(in.at("/gate")).isEqualTo("north");
        assertThat(status(second)).isEqualTo("409 already-admitted");
        assertThat(second.at("/admittedAt")).isEqualTo(in.at("/admittedAt"));
        assertThat(second.at("/gate")).isEqualTo("north");
        Reply after = server.get(path(ticket));
        assertThat(after.at("/state")).isEqualTo("ADMITTED");
        assertThat(after.at("/admittedAt")).isEqualTo(in.at("/admittedAt"));
    }

    @Test
    void whoeverWasNotAnsweredAsksAgain() {
        String event = event();
        JsonNode ticket = tickets.one(event, "A-1");
        String key = TestServer.newKey();
        Reply first = tickets.checkIn(event, code(ticket), "north", "Idempotency-Key", key);

        Reply again = new TestTicketsAt(other).checkIn(event, code(ticket), "north", key);

        assertThat(first.status()).as(first.text()).isEqualTo(200);
        assertThat(first.header("Idempotent-Replayed")).isEmpty();
        assertThat(again.header("Idempotent-Replayed")).isEqualTo("true");
        assertThat(again.json()).isEqualTo(first.json());
        assertThat(status(tickets.checkIn(event, code(ticket), "south", "Idempotency-Key", key)))
                .isEqualTo("422 idempotency-key-reused");
        assertThat(status(tickets.checkIn(event, code(tickets.one(event, "A-3")), "north", "Idempotency-Key", key)))
                .isEqualTo("422 idempotency-key-reused");
    }

    /** At another node. */
    private record TestTicketsAt(TestServer server) {
        Reply checkIn(String event, String code, String gate, String key) {
            return server.post(event + "/check-ins", TestTickets.body(code, gate), "Idempotency-Key", key);
        }
    }

    @Test
    void whatIsNoTicketOfThisEventIsTurnedAway() {
        String event = event();
        JsonNode ticket = tickets.one(event(), "A-1");

        assertThat(status(tickets.checkIn(event, code(ticket), "north"))).isEqualTo("409 wrong-event");
        assertThat(status(tickets.checkIn(event, "HF1:ABC", "north"))).isEqualTo("400 invalid-ticket");
        String forged = code(ticket).replaceFirst("....$", "0000");
        assertThat(status(tickets.checkIn(event, forged, "north"))).isEqualTo("400 invalid-ticket");
        assertThat(status(tickets.checkIn("/v1/events/01936f3e-7b3c-7d4e-8f5a-0123456789ab", code(ticket), "north")))
                .isEqualTo("404 unknown-event");
        tickets.sql("DELETE FROM ticket WHERE id = '" + ticket.at("/id").asString() + "'");
        assertThat(status(tickets.checkIn("/v1/events/" + ticket.at("/event/id").asString(), code(ticket), "north")))
                .as("signed by us and not in the books")
                .isEqualTo("400 invalid-ticket");
    }

    /** Many gates on two nodes, at the same instant, round after round. */
    @Test
    void ofManyGatesAtTheSameInstantOneSaysYes() throws Exception {
        String event = event();
        for (int round = 0; round < ROUNDS; round++) {
            String code = code(tickets.one(event, "B-" + (round + 1)));
            List<Callable<Reply>> gates = new ArrayList<>();
            for (int gate = 0; gate < 24; gate++) {
                TestServer node = gate % 2 == 0 ? server : other;
                String body = TestTickets.body(code, "gate-" + gate);
                gates.add(() -> node.post(event + "/check-ins", body));
            }

            List<String> answers =
                    together(gates).stream().map(CheckInTest::status).toList();

            assertThat(answers).filteredOn("200"::equals).hasSize(1);
            assertThat(answers).filteredOn("409 already-admitted"::equals).hasSize(23);
        }
    }

    /** Whoever is first: either he is in and the code stays, or the code is dead and he is not. */
    @Test
    void anOldCodeAndItsReissueNeverBothLetIn() throws Exception {
        String event = event();
        for (int round = 0; round < ROUNDS; round++) {
            JsonNode ticket = tickets.one(event, "C-" + (round + 1));

            List<Reply> both = together(List.of(
                    () -> server.post(event + "/check-ins", TestTickets.body(code(ticket), "north")),
                    () -> other.postNew(path(ticket) + "/reissue", "{}")));

            boolean isIn = both.getFirst().status() == 200;
            assertThat(both.stream().map(CheckInTest::status).toList())
                    .isEqualTo(isIn ? List.of("200", "409 already-admitted") : List.of("409 ticket-void", "200"));
            if (!isIn) {
                Reply in = tickets.checkIn(event, both.getLast().at("/code"), "north");
                assertThat(in.status()).as(in.text()).isEqualTo(200);
            }
        }
    }

    /** Either he is in and has paid, or he has his money and the seat is for sale. */
    @Test
    void nobodyComesInWithATicketThatIsPaidBack() throws Exception {
        String event = event();
        for (int round = 0; round < ROUNDS; round++) {
            String label = "A-" + (round + 1);
            JsonNode ticket = tickets.one(event, label);

            List<Reply> both = together(List.of(
                    () -> server.post(event + "/check-ins", TestTickets.body(code(ticket), "north")),
                    () -> other.postNew(path(ticket) + "/cancel", "{}")));

            boolean isIn = both.getFirst().status() == 200;
            assertThat(both.stream().map(CheckInTest::status).toList())
                    .isEqualTo(isIn ? List.of("200", "409 already-admitted") : List.of("409 ticket-void", "200"));
            assertThat(server.get(path(ticket)).at("/state")).isEqualTo(isIn ? "ADMITTED" : "VOID");
            assertThat(server.level(tickets.sku(event, label)).allocated()).isEqualTo(isIn ? 1 : 0);
        }
    }

    @Test
    void gatesThatCouldNotAskReportInAnyOrderTwiceAndInPart() {
        String event = event();
        JsonNode one = tickets.one(event, "A-1");
        JsonNode two = tickets.one(event, "A-3");
        JsonNode dead = tickets.one(event, "A-5");
        server.postNew(path(dead) + "/reissue", "{}");
        Instant evening = Instant.now().minusSeconds(600);
        String south = offline(code(one), "south", evening.plusSeconds(60));
        String north = offline(code(one), "north", evening);
        String alone = offline(code(two), "north", evening.plusSeconds(5));
        String old = offline(code(dead), "south", evening);
        String none = offline("HF1:NONE", "south", evening);

        Reply first = batch(server, event, south, "{\"code\": 7}", none, old);
        assertThat(statuses(first))
                .as(first.text())
                .containsExactly("200", "400 invalid-request", "400 invalid-ticket", "409 ticket-void");
        assertThat(server.get(path(one)).at("/gate")).isEqualTo("south");

        Reply second = batch(other, event, alone, north, south);
        assertThat(statuses(second)).as(second.text()).containsExactly("200", "200", "409 already-admitted");
        assertThat(second.at("/results/1/checkIn/others/0/gate")).isEqualTo("south");
        assertThat(second.at("/results/2/problem/gate")).isEqualTo("north");
        assertThat(server.get(path(one)).at("/gate")).isEqualTo("north");
        assertThat(server.get(path(two)).at("/state")).isEqualTo("ADMITTED");
        assertThat(server.get(path(dead)).at("/state")).isEqualTo("VALID");

        Reply twice = batch(server, event, south, north, alone);
        assertThat(statuses(twice)).as(twice.text()).containsExactly("409 already-admitted", "200", "200");

        Reply conflicts = server.get(event + "/check-ins/conflicts");
        assertThat(conflicts.json().at("/data").values().stream()
                        .map(conflict -> conflict.at("/place/label").asString() + " "
                                + conflict.at("/admissions").values().stream()
                                        .map(admission -> admission.at("/gate").asString() + " "
                                                + admission.at("/good").asBoolean())
                                        .toList()))
                .containsExactlyInAnyOrder("A-1 [north true, south true]", "A-5 [south false]");
        assertThat(conflicts.at("/nextCursor")).isEmpty();
        Reply page = server.get(event + "/check-ins/conflicts?limit=1");
        Reply next = server.get(event + "/check-ins/conflicts?limit=1&cursor=" + page.at("/nextCursor"));
        assertThat(List.of(page.at("/data/0/ticketId"), next.at("/data/0/ticketId")))
                .isEqualTo(List.of(conflicts.at("/data/0/ticketId"), conflicts.at("/data/1/ticketId")));
    }

    /** The gate's report and the one that could ask: the one that was earlier stays, also if it becomes known later. */
    @Test
    void anEarlierEntryBecomesKnownLater() {
        String event = event();
        JsonNode ticket = tickets.one(event, "A-1");
        Instant before = Instant.now().minusSeconds(60);
        assertThat(tickets.checkIn(event, code(ticket), "north").status()).isEqualTo(200);

        Reply late = batch(server, event, offline(code(ticket), "south", before));

        assertThat(statuses(late)).as(late.text()).containsExactly("200");
        assertThat(late.at("/results/0/checkIn/others/0/gate")).isEqualTo("north");
        assertThat(server.get(path(ticket)).at("/gate")).isEqualTo("south");
        assertThat(server.get(event + "/check-ins/conflicts").json().at("/data").size())
                .isEqualTo(1);
    }

    private static Reply batch(TestServer node, String event, String... elements) {
        Reply reply = node.post(event + "/check-ins/batch", "{\"checkIns\": [" + String.join(", ", elements) + "]}");
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        return reply;
    }

    private static String offline(String code, String gate, Instant at) {
        return "{\"code\": \"%s\", \"gate\": \"%s\", \"at\": \"%s\"}".formatted(code, gate, at);
    }

    private static List<String> statuses(Reply batch) {
        return batch.json().at("/results").values().stream()
                .map(result -> (result.at("/status").intValue() + " "
                                + result.at("/problem/code").asString(""))
                        .strip())
                .toList();
    }

    private static List<Reply> together(List<Callable<Reply>> calls) throws Exception {
        var start = new CyclicBarrier(calls.size());
        List<Callable<Reply>> waiting = calls.stream()
                .<Callable<Reply>>map(call -> () -> {
                    start.await();
                    return call.call();
                })
                .toList();
        List<Reply> replies = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Reply> reply : threads.invokeAll(waiting)) {
                replies.add(reply.get());
            }
        }
        return replies;
    }
}
