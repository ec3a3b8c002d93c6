package dev.holdfast.server;

import dev.holdfast.local.LocalPostgres;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

import static dev.holdfast.server.TestHouse.labels;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Seats that are paid for, and those that come back to whoever waits for them; on two nodes. */
@ExtendWith(SharedServer.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SeatSaleTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String DATABASE = "seatsales";

    private final TestServer server;
    private final TestServer otherServer;
    private final TestHouse house;
    private final TestShop shop;
    private final String venue;

    SeatSaleTest(LocalPostgres postgres) {
        postgres.createDatabase(DATABASE);
        server = TestServer.start(postgres, DATABASE);
        otherServer = TestServer.start(postgres, DATABASE);
        house = new TestHouse(server);
        shop = new TestShop(server);
        venue = house.venue(1, 4);
    }

    @AfterEach
    void booksAreRight() {
        assertThat(server.get("/v1/invariants").at("/ok")).isEqualTo("true");
    }

    @AfterAll
    void stop() {
        otherServer.close();
        server.close();
    }

    private static String status(Reply reply) {
        return (reply.status() + " " + reply.code()).strip();
    }

    private Reply pay(Reply hold, String token) {
        return shop.begin(
                TestShop.newId(),
                "{\"holdId\": \"%s\", \"payment\": \"%s\", \"buyer\": \"ada\"}".formatted(hold.at("/id"), token));
    }

    private Reply wait(String event, int count) {
        return server.postNew(
                event + "/waiting-list",
                "{\"count\": " + count + ", \"category\": \"stalls\", \"adjacent\": \"required\"}");
    }

    private Reply waiter(Reply waiter) {
        return otherServer.get("/v1/events/" + waiter.at("/eventId") + "/waiting-list/" + waiter.at("/id"));
    }

    private Reply awaitState(Reply waiter, String state) {
        await().atMost(PATIENCE).until(() -> waiter(waiter).at("/state").equals(state));
        return waiter(waiter);
    }

    private void release(Reply hold) {
        assertThat(server.send("POST", "/v1/holds/" + hold.at("/id") + "/release", null)
                        .status())
                .isEqualTo(200);
    }

    @Test
    void aHoldIsPaidForWithItsSeatsAndWithoutItsRules() {
        String event = house.event(venue, ", \"rules\": {\"seatsPerBuyerMax\": 2}");
        Reply hold = house.hold(event, "{\"seats\": [\"A-1\", \"A-2\"], \"buyer\": \"ada\"}");

        Reply paid = pay(hold, "tok_approve");

        assertThat(paid.at("/state")).as(paid.text()).isEqualTo("COMPLETED");
        Reply order = server.get("/v1/orders/" + paid.at("/id"));
        assertThat(order.json().at("/lines").values().stream()
                        .map(line -> line.path("sku").asString().replaceFirst(".*/", "")))
                .as(order.text())
                .containsExactlyInAnyOrder("A-1", "A-2");
        assertThat(order.at("/total/amountMinor")).isEqualTo("9000");
        assertThat(house.states(event)).isEqualTo("2200");
        assertThat(server.get(event + "/holds/" + hold.at("/id")).at("/state")).isEqualTo("CONFIRMED");
        assertThat(house.hold(event, "{\"seats\": [\"A-3\"], \"buyer\": \"ada\"}")
                        .at("/rule"))
                .isEqualTo("seatsPerBuyerMax");
    }

    @Test
    void whoseCardIsDeclinedLetsTheSeatsGo() {
        String event = house.event(venue, "");
        Reply hold = house.seats(event, "A-1");

        assertThat(pay(hold, "tok_decline").at("/state")).isEqualTo("DECLINED");

        await().atMost(PATIENCE).until(() -> house.states(event).equals("0000"));
        assertThat(status(pay(hold, "tok_approve"))).isEqualTo("409 hold-released");
        String unknown = "{\"holdId\": \"%s\", \"payment\": \"t\"}".formatted(UUID.randomUUID());
        assertThat(status(shop.begin(TestShop.newId(), unknown))).isEqualTo("404 unknown-hold");
    }

    /** Tabs that pay one hold: it is one buyer's seats, paid once. */
    @Test
    void aHoldIsPaidForOnce() throws InterruptedException, ExecutionException {
        String event = house.event(venue, "");
        Reply hold = house.seats(event, "A-1", "A-2");
        List<Callable<Reply>> tabs = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            tabs.add(() -> pay(hold, "tok_slow:50"));
        }
        int paid = 0;
        try (var buyers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var tab : buyers.invokeAll(tabs)) {
                Reply reply = tab.get();
                if (reply.status() == 201) {
                    assertThat(reply.at("/state")).isEqualTo("COMPLETED");
                    paid++;
                } else {
                    assertThat(reply.code()).isIn("checkout-running", "checkout-completed", "hold-confirmed");
                }
            }
        }

        assertThat(paid).isEqualTo(1);
        assertThat(house.states(event)).isEqualTo("2200");
    }

    @Test
    void seatsThatComeBackGoToTheFirstInLineWhoCanUseThem() {
        String event = house.event(venue, "");
        Reply pair = house.seats(event, "A-1", "A-2");
        Reply other = house.seats(event, "A-3", "A-4");
        Reply four = wait(event, 4);
        Reply two = wait(event, 2);
        assertThat(two.at("/ahead")).as(two.text()).isEqualTo("1");

        release(pair);

        assertThat(status(house.seats(event, "A-1"))).isEqualTo("409 seats-taken");
        Reply offered = awaitState(two, "OFFERED");
        Reply hold = server.get(event + "/holds/" + offered.at("/holdId"));
        assertThat(labels(hold)).containsExactly("A-1", "A-2");
        assertThat(waiter(four).at("/state")).isEqualTo("WAITING");
        assertThat(pay(hold, "tok_approve").at("/state")).isEqualTo("COMPLETED");
        awaitState(two, "TAKEN");

        assertThat(server.send("DELETE", event + "/waiting-list/" + four.at("/id"), null)
                        .at("/state"))
                .isEqualTo("LEFT");
        release(other);
        await().atMost(PATIENCE).until(() -> house.states(event).equals("2200"));
        assertThat(status(house.seats(event, "A-3", "A-4"))).isEqualTo("201");
    }

    @Test
    void whoDoesNotWantThemOrDoesNotAnswerPassesThemOn() {
        String event = house.event(venue, ", \"rules\": {\"offerSeconds\": 2}");
        Reply all = house.seats(event, "A-1", "A-2", "A-3", "A-4");
        Reply first = wait(event, 4);
        Reply second = wait(event, 4);
        Reply third = wait(event, 4);

        release(all);
        awaitState(first, "OFFERED");
        Reply gone = server.send("DELETE", event + "/waiting-list/" + first.at("/id"), null);
        assertThat(gone.at("/state")).as(gone.text()).isEqualTo("DECLINED");
        awaitState(second, "OFFERED");
        awaitState(second, "EXPIRED");

        Reply offered = awaitState(third, "OFFERED");
        assertThat(labels(server.get(event + "/holds/" + offered.at("/holdId"))))
                .hasSize(4);
    }

    @Test
    void whatNobodyInLineCanUseIsForEverybody() {
        String event = house.event(venue, "");
        Reply one = house.seats(event, "A-1");
        house.seats(event, "A-2", "A-3", "A-4");
        Reply two = wait(event, 2);

        release(one);

        await().atMost(PATIENCE).until(() -> house.states(event).startsWith("0"));
        assertThat(waiter(two).at("/state")).isEqualTo("WAITING");
        assertThat(status(house.seats(event, "A-1"))).isEqualTo("201");
    }
}
