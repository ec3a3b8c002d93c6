package dev.holdfast.server;

import dev.holdfast.local.LocalPostgres;
import dev.holdfast.server.CatalogueListTest.Watched;
import dev.holdfast.server.order.Orders.NewOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static dev.holdfast.server.TestOrders.CHECKOUT;
import static dev.holdfast.server.TestOrders.line;
import static dev.holdfast.server.TestOrders.payment;
import static org.assertj.core.api.Assertions.assertThat;

/** Orders are found whole, and with as many statements for many as for one. */
@ExtendWith(SharedServer.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class OrderListTest {
    private static final int ORDERS = 60;

    private final TestServer server;
    private final TestOrders orders;

    /** In the order in which they were placed. */
    private final List<String> placed = new ArrayList<>();

    OrderListTest(LocalPostgres postgres) {
        postgres.createDatabase("orders");
        this.server = TestServer.start(List.of(Watched.class), postgres, "orders");
        this.orders = new TestOrders(server);
    }

    /** Two lines each; every second is paid, every third by ann, every fifth at the till, every tenth has a pen. */
    @BeforeAll
    void fill() {
        for (String sku : List.of("CUP", "POT", "PEN")) {
            server.receive(sku, "main", 1_000);
        }
        for (int i = 0; i < ORDERS; i++) {
            placed.add(orders.placed(orders.of(
                            i % 3 == 0 ? "ann" : "bob",
                            i % 5 == 0 ? "till" : "web",
                            i % 2 == 0 ? payment(350) : null,
                            line("CUP", 1, 100),
                            line(i % 10 == 0 ? "PEN" : "POT", 1, 250)))
                    .substring("/v1/orders/".length()));
        }
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private List<String> ids(String query) {
        Reply reply = server.get("/v1/orders?" + query);
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        return reply.json().at("/data").values().stream()
                .map(order -> order.path("id").asString())
                .toList();
    }

    private static List<String> statements(Runnable request) {
        Watched.STATEMENTS.clear();
        request.run();
        return List.copyOf(Watched.STATEMENTS);
    }

    @ParameterizedTest
    @CsvSource({
        "limit=200, 60",
        "limit=200&state=PAID, 30",
        "limit=200&state=DELIVERED, 0",
        "limit=200&buyer=ann, 20",
        "limit=200&channel=till, 12",
        "limit=200&sku=PEN, 6",
        "limit=200&sku=CUP, 60",
        "limit=200&sku=NONE, 0",
        "limit=200&buyer=ann&channel=till, 4",
        "limit=200&buyer=ann&state=PAID&sku=PEN, 2",
        "limit=200&from=2000-01-01T00:00:00Z, 60",
        "limit=200&to=2000-01-01T00:00:00Z, 0",
    })
    void everyFilterFindsItsOrders(String query, int count) {
        assertThat(ids(query)).hasSize(count);
    }

    @Test
    void timesAreFromThenToBeforeThen() {
        String at = server.get("/v1/orders/" + placed.get(20)).at("/placedAt");

        assertThat(ids("limit=200&from=" + at)).hasSize(ORDERS - 20);
        assertThat(ids("limit=200&to=" + at)).hasSize(20);
    }

    @ParameterizedTest
    @ValueSource(strings = {"limit=7", "limit=7&buyer=bob", "limit=7&sku=POT", "limit=7&state=PLACED"})
    void pagesShowEveryOrderOnceTheNewestFirst(String query) {
        List<String> seen = new ArrayList<>();
        String cursor = "";
        do {
            String page = query + (cursor.isEmpty() ? "" : "&cursor=" + cursor);
            seen.addAll(ids(page));
            cursor = server.get("/v1/orders?" + page).at("/nextCursor");
        } while (!cursor.isEmpty());

        assertThat(seen).isEqualTo(ids(query.replace("limit=7", "limit=200")));
        List<String> newestFirst = new ArrayList<>(placed.reversed());
        newestFirst.retainAll(seen);
        assertThat(seen).isEqualTo(newestFirst);
    }

    @Test
    void aCursorBelongsToItsList() {
        String cursor = server.get("/v1/orders?limit=1").at("/nextCursor");

        assertThat(server.get("/v1/orders?limit=2&cursor=" + cursor).status()).isEqualTo(200);
        assertThat(server.get("/v1/orders?limit=1&buyer=ann&cursor=" + cursor).status())
                .isEqualTo(400);
        assertThat(server.get("/v1/orders?state=LOST").at("/violations/0/field"))
                .isEqualTo("state");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 10, 50})
    void aListIsOneStatement(int limit) {
        assertThat(statements(() -> assertThat(ids("limit=" + limit)).hasSize(limit)))
                .hasSize(1);
        assertThat(statements(() -> ids("sku=CUP&state=PAID&limit=" + limit))).hasSize(1);
        assertThat(statements(() -> server.get("/v1/orders/" + placed.getFirst())))
                .hasSize(1);
        assertThat(statements(() -> server.get("/v1/orders/" + placed.getFirst() + "/events")))
                .hasSize(1);
    }

    /** What the checkout pays for an order, and the warehouse for its way. */
    @Test
    void placingIsOneStatementAndPayingTwo() throws Exception {
        NewOrder paid = orders.of(payment(100), line("CUP", 1, 100));
        NewOrder unpaid = orders.of(null, line("CUP", 1, 100));

        assertThat(statements(() -> onRequestThread(() -> orders.orders.place(paid, CHECKOUT))))
                .hasSize(1);
        assertThat(statements(() -> onRequestThread(() -> orders.orders.place(unpaid, CHECKOUT))))
                .hasSize(1);
        assertThat(statements(() -> onRequestThread(() -> orders.orders.paid(unpaid.id(), payment(100), CHECKOUT))))
                .hasSize(2);
        String order = "/v1/orders/" + paid.id();
        assertThat(statements(() -> server.postNew(order + "/pack", "{}"))).hasSize(4);
        assertThat(statements(() -> server.postNew(order + "/ship", "{}"))).hasSize(7);
        assertThat(server.get(order).at("/state")).isEqualTo("SHIPPED");
        removeFromList(paid.id(), unpaid.id());
    }

    private void removeFromList(UUID... ids) throws Exception {
        try (var connection = server.bean(javax.sql.DataSource.class).getConnection();
                var delete = connection.prepareStatement("DELETE FROM customer_order WHERE id = ANY (?)")) {
            delete.setArray(1, connection.createArrayOf("uuid", ids));
            delete.execute();
        }
    }

    /** Statements of other threads are not counted. */
    private static void onRequestThread(Runnable work) {
        Thread thread = Thread.ofVirtual().name("tomcat-handler-of-a-test").start(work);
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
