package dev.holdfast.server;

import dev.holdfast.engine.Command.Receive;
import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.engine.Quantity;
import dev.holdfast.engine.StockKey;
import dev.holdfast.local.LocalPostgres;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** A place is checked once more when its ticket is issued: what does not add up gets none, and is said aloud. */
@ExtendWith(SharedServer.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TicketIssueTest {
    private static final String DATABASE = "ticket_issues";

    private final TestServer server;
    private final TestTickets tickets;
    private final TestOrders orders;
    private final String event;

    TicketIssueTest(LocalPostgres postgres) {
        postgres.createDatabase(DATABASE);
        server = TestServer.start(postgres, DATABASE, "--logging.level.dev.holdfast.server.admission=off");
        tickets = new TestTickets(server, postgres, DATABASE);
        orders = new TestOrders(server);
        event = tickets.house.event(tickets.house.venue(4, 6), "");
    }

    @AfterAll
    void stop() {
        server.close();
    }

    /** The path of an order of these seats that waits for its payment. */
    private String placed(String... labels) {
        return orders.placed(List.of(labels).stream()
                .map(label -> TestOrders.line(tickets.sku(event, label), 1, 4_500))
                .toArray(dev.holdfast.server.order.Orders.NewLine[]::new));
    }

    private void pay(String order, long amountMinor) {
        orders.orders.paid(TestOrders.id(order), TestOrders.payment(amountMinor), TestOrders.CHECKOUT);
    }

    private List<String> labels(String order) {
        return server.get(order + "/tickets").json().at("/tickets").values().stream()
                .map(ticket -> ticket.at("/place/label").asString() + " "
                        + ticket.at("/state").asString())
                .toList();
    }

    private String refused(String order) {
        return server.get(order + "/tickets").json().at("/refused").toString();
    }

    private double refusals() {
        return server.get("/actuator/prometheus")
                .text()
                .lines()
                .filter(line -> line.startsWith("holdfast_tickets_refused_total"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    @Test
    void aSeatThatStockDoesNotAllocateGetsNoTicketUntilThatIsMended() {
        String order = placed("A-1", "A-2");
        String row = "WHERE sku = '" + tickets.sku(event, "A-1") + "'";
        tickets.sql("UPDATE stock_level SET allocated = 0 " + row);
        double before = refusals();

        pay(order, 9_000);

        assertThat(labels(order)).containsExactly("A-2 VALID");
        assertThat(refused(order)).isEqualTo("[\"A-1\"]");
        assertThat(refusals()).isEqualTo(before + 1);
        assertThat(server.get("/v1/audit?subject=order/" + TestOrders.id(order)).text())
                .contains("\"action\":\"refuse-tickets\"", "\"refused\":[\"A-1\"]");
        tickets.sql("UPDATE stock_level SET allocated = 1 " + row);
        tickets.sql(
                "UPDATE ticket_order SET due_at = clock_timestamp() WHERE order_id = '" + TestOrders.id(order) + "'");
        await().atMost(TestTickets.PATIENCE).until(() -> labels(order).equals(List.of("A-1 VALID", "A-2 VALID")));
        assertThat(refused(order)).isEqualTo("[]");
        assertThat(refusals()).as("said once").isEqualTo(before + 1);
    }

    @Test
    void aSeatThatACountDidNotFindGetsNone() {
        String order = placed("A-3");
        tickets.sql(
                "UPDATE stock_level SET on_hand = 0, shortfall = 1 WHERE sku = '" + tickets.sku(event, "A-3") + "'");

        pay(order, 4_500);

        assertThat(labels(order)).isEmpty();
        assertThat(refused(order)).isEqualTo("[\"A-3\"]");
    }

    @Test
    void aHoldThatIsNotConfirmedGetsNone() {
        String order = placed("A-4");
        tickets.sql("UPDATE hold SET state = 2 WHERE id = (SELECT hold_id FROM customer_order WHERE id = '"
                + TestOrders.id(order) + "')");

        pay(order, 4_500);

        assertThat(refused(order)).isEqualTo("[\"A-4\"]");
    }

    /** Somebody has received a seat twice, and so it was sold twice. */
    @Test
    void aSeatHasOneTicketWhateverStockSays() {
        var stock = StockKey.of(tickets.sku(event, "B-1"));
        server.engine().execute(new Receive(IdempotencyKey.random(), stock, Quantity.of(1), null));
        String first = placed("B-1");
        String second = placed("B-1", "B-2");
        pay(first, 4_500);
        assertThat(labels(first)).containsExactly("B-1 VALID");

        pay(second, 9_000);

        assertThat(labels(second)).containsExactly("B-2 VALID");
        assertThat(refused(second)).isEqualTo("[\"B-1\"]");
        assertThat(labels(first)).containsExactly("B-1 VALID");
    }

    @Test
    void whoeverAsksAtTheSameInstantSeesTheSameTickets() throws Exception {
        String order = placed("C-1", "C-2", "C-3", "C-4", "C-5", "C-6");
        pay(order, 27_000);
        List<Callable<String>> all = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            all.add(() -> server.get(order + "/tickets").text());
        }
        List<String> seen = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<String> answer : threads.invokeAll(all)) {
                seen.add(answer.get());
            }
        }

        assertThat(seen.stream().distinct()).hasSize(1);
        assertThat(labels(order)).hasSize(6);
    }

    /** Issued and voided, or never issued: nothing that is cancelled has a ticket that is good. */
    @Test
    void cancelledWhileItIsIssued() throws Exception {
        for (String label : List.of("D-1", "D-2", "D-3", "D-4", "D-5", "D-6")) {
            String order = placed(label);
            pay(order, 4_500);
            List<Callable<Integer>> both = List.of(
                    () -> server.get(order + "/tickets").status(),
                    () -> server.postNew(order + "/cancel", "{}").status());
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (Future<Integer> status : threads.invokeAll(both)) {
                    assertThat(status.get()).isEqualTo(200);
                }
            }

            assertThat(labels(order)).as(label).doesNotContain(label + " VALID");
            assertThat(refused(order)).as(label).isEqualTo("[]");
        }
    }
}
