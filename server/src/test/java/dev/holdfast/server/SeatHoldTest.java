package dev.holdfast.server;

import dev.holdfast.local.LocalPostgres;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
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

/** Seats that are held by name, as the best there are, and in areas; on two nodes. */
@ExtendWith(SharedServer.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SeatHoldTest {
    private static final String DATABASE = "seats";

    private final TestServer server;
    private final TestServer otherServer;
    private final TestHouse house;
    private final TestHouse other;
    private final String venue;

    SeatHoldTest(LocalPostgres postgres) {
        postgres.createDatabase(DATABASE);
        server = TestServer.start(postgres, DATABASE);
        otherServer = TestServer.start(postgres, DATABASE);
        house = new TestHouse(server);
        other = new TestHouse(otherServer);
        venue = house.venue(2, 6);
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

    @Test
    void seatsAreHeldByName() {
        String event = house.event(venue, "");

        Reply hold = house.seats(event, "A-3", "B-1");

        assertThat(hold.status()).as(hold.text()).isEqualTo(201);
        assertThat(labels(hold)).containsExactly("A-3", "B-1");
        assertThat(hold.at("/seats/0/section")).isEqualTo("Stalls");
        assertThat(hold.at("/seats/0/row")).isEqualTo("A");
        assertThat(hold.at("/seats/0/number")).isEqualTo("3");
        assertThat(hold.at("/total/amountMinor")).isEqualTo("9000");
        assertThat(hold.at("/state")).isEqualTo("ACTIVE");
        assertThat(house.states(event)).isEqualTo("001000100000");
        assertThat(server.get(event + "/holds/" + hold.at("/id")).at("/seats/1/label"))
                .isEqualTo("B-1");
        assertThat(server.send("POST", "/v1/holds/" + hold.at("/id") + "/release", null)
                        .status())
                .isEqualTo(200);
        assertThat(house.states(event)).isEqualTo("000000000000");
    }

    @Test
    void whoLosesTheRaceIsToldWhichSeatsWent() {
        String event = house.event(venue, "");
        house.seats(event, "A-2", "A-3");

        Reply late = house.seats(event, "A-1", "A-2", "A-3", "A-4");

        assertThat(status(late)).isEqualTo("409 seats-taken");
        assertThat(late.json().at("/seats").toString()).isEqualTo("[\"A-2\",\"A-3\"]");
        assertThat(house.states(event)).isEqualTo("011000000000");
        assertThat(status(house.seats(event, "A-1", "Z-9"))).isEqualTo("404 unknown-seat");
    }

    @Test
    void theBestAreSideBySideAndNearTheStage() {
        String event = house.event(venue, "");

        assertThat(labels(house.best(event, 2, ""))).containsExactly("A-3", "A-4");
        assertThat(labels(house.best(event, 2, ", \"adjacent\": \"required\""))).hasSize(2);
        assertThat(status(house.best(event, 7, ", \"adjacent\": \"required\""))).isEqualTo("409 no-seats");
        assertThat(labels(house.best(event, 7, ", \"adjacent\": \"preferred\"")))
                .hasSize(7);
        assertThat(status(house.best(event, 2, ""))).isEqualTo("409 no-seats");
        assertThat(status(house.best(event, 1, ", \"category\": \"none\""))).isEqualTo("409 no-seats");
    }

    @Test
    void theSameKeyGetsTheSameSeatsAlthoughOthersWouldBeTheBestNow() {
        String event = house.event(venue, "");
        String body = "{\"bestAvailable\": {\"count\": 2}, \"reference\": \"cart 7\"}";
        String key = TestServer.newKey();
        Reply first = server.post(event + "/holds", body, "Idempotency-Key", key);

        Reply again = otherServer.post(event + "/holds", body, "Idempotency-Key", key);

        assertThat(again.status()).as(again.text()).isEqualTo(201);
        assertThat(again.header("Idempotent-Replayed")).isEqualTo("true");
        assertThat(again.at("/id")).isEqualTo(first.at("/id"));
        assertThat(labels(again)).isEqualTo(labels(first));
        assertThat(again.at("/reference")).isEqualTo("cart 7");
        Reply changed = server.post(event + "/holds", "{\"bestAvailable\": {\"count\": 3}}", "Idempotency-Key", key);
        assertThat(status(changed)).isEqualTo("422 idempotency-key-reused");
        assertThat(house.states(event).chars().filter(state -> state == '1').count())
                .isEqualTo(2);
    }

    @Test
    void placesInAnAreaHaveNoNumbers() {
        String event = house.event(venue, "");

        Reply hold = house.hold(event, "{\"area\": \"Floor\", \"quantity\": 7}");

        assertThat(hold.at("/seats/0/label")).as(hold.text()).isEqualTo("Floor");
        assertThat(hold.at("/seats/0/quantity")).isEqualTo("7");
        assertThat(hold.at("/total/amountMinor")).isEqualTo("14000");
        Reply tooMany = house.hold(event, "{\"area\": \"Floor\", \"quantity\": 4}");
        assertThat(status(tooMany)).isEqualTo("409 no-seats");
        assertThat(tooMany.at("/available")).isEqualTo("3");
        assertThat(server.get(event + "/seats").at("/areas/Floor")).isEqualTo("3");
    }

    /** Two requests of one buyer at the same instant are two, and the rule is one. */
    @Test
    void aBuyerGetsSoManySeatsHoweverHeAsks() throws InterruptedException, ExecutionException {
        String event = house.event(venue, ", \"rules\": {\"seatsPerBuyerMax\": 4}");
        List<Callable<Reply>> calls = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            TestHouse at = i % 2 == 0 ? house : other;
            calls.add(() -> at.hold(event, "{\"bestAvailable\": {\"count\": 2}, \"buyer\": \"ada\"}"));
        }
        List<Reply> replies = new ArrayList<>();
        try (var buyers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var reply : buyers.invokeAll(calls)) {
                replies.add(reply.get());
            }
        }

        assertThat(replies.stream().filter(reply -> reply.status() == 201)).hasSize(2);
        assertThat(replies.stream().filter(reply -> reply.status() != 201)).allSatisfy(reply -> {
            assertThat(status(reply)).isEqualTo("409 sale-rule");
            assertThat(reply.at("/rule")).isEqualTo("seatsPerBuyerMax");
            assertThat(reply.at("/left")).isEqualTo("0");
        });
        assertThat(status(house.hold(event, "{\"bestAvailable\": {\"count\": 4}, \"buyer\": \"bob\"}")))
                .isEqualTo("201");
        assertThat(house.best(event, 1, "").at("/rule")).isEqualTo("buyer");
        String held = replies.stream()
                .filter(reply -> reply.status() == 201)
                .findFirst()
                .orElseThrow()
                .at("/id");
        server.send("POST", "/v1/holds/" + held + "/release", null);
        assertThat(status(house.hold(event, "{\"bestAvailable\": {\"count\": 2}, \"buyer\": \"ada\"}")))
                .isEqualTo("201");
    }

    @Test
    void aPresaleNeedsACodeThatIsGoodForSoManyPlaces() {
        String event = house.event(venue, """
                , "rules": {"seatsMin": 2, "presale": {"until": "2999-01-01T00:00:00Z",
                  "codes": [{"code": "FANS", "places": 4}, {"code": "PRESS"}]}}""");
        String best = "{\"bestAvailable\": {\"count\": 2}, \"code\": \"%s\"}";

        assertThat(house.best(event, 2, "").at("/rule")).isEqualTo("code");
        assertThat(house.hold(event, best.formatted("FRIENDS")).at("/rule")).isEqualTo("code");
        assertThat(status(house.hold(event, best.formatted("FANS")))).isEqualTo("201");
        assertThat(status(house.hold(event, best.formatted("FANS")))).isEqualTo("201");
        assertThat(house.hold(event, best.formatted("FANS")).at("/rule")).isEqualTo("code");
        assertThat(status(house.hold(event, best.formatted("PRESS")))).isEqualTo("201");
        assertThat(house.hold(event, best.replace("2", "1").formatted("PRESS")).at("/rule"))
                .isEqualTo("seatsMin");
    }

    @Test
    void whatOneChannelSellsIsNotForOthers() {
        String event = house.event(venue, """
                , "allotments": [{"channel": "box-office", "seats": ["A-3", "A-4"], "areas": [{"area": "Floor", "places": 4}]}]""");

        assertThat(house.states(event)).isEqualTo("003300000000");
        assertThat(status(house.seats(event, "A-3"))).isEqualTo("409 seats-taken");
        assertThat(labels(house.best(event, 2, ""))).doesNotContain("A-3", "A-4");
        assertThat(labels(house.hold(event, "{\"bestAvailable\": {\"count\": 2}, \"channel\": \"box-office\"}")))
                .containsExactly("A-3", "A-4");
        assertThat(house.hold(event, "{\"area\": \"Floor\", \"quantity\": 7}").at("/available"))
                .isEqualTo("6");
    }

    @Test
    void singleSeatsAreNotLeftOverWhereTheRuleRefusesThat() {
        String event = house.event(venue, ", \"rules\": {\"orphans\": \"refuse\"}");

        Reply orphan = house.seats(event, "A-2", "A-3");

        assertThat(status(orphan)).isEqualTo("409 orphan-seats");
        assertThat(orphan.json().at("/seats").toString()).isEqualTo("[\"A-1\"]");
        assertThat(status(house.seats(event, "A-1", "A-2"))).isEqualTo("201");
        assertThat(status(house.seats(house.event(venue, ""), "A-2", "A-3"))).isEqualTo("201");
    }

    @Test
    void nothingIsSoldBeforeAndAfterTheSale() {
        String early = house.event(
                venue, ", \"onSaleFrom\": \"2999-01-01T00:00:00Z\", \"onSaleUntil\": \"2999-01-02T00:00:00Z\"");
        assertThat(status(house.best(early, 1, ""))).isEqualTo("409 not-on-sale");
        String late = house.event(venue, ", \"onSaleUntil\": \"2001-01-01T00:00:00Z\"");
        assertThat(status(house.best(late, 1, ""))).isEqualTo("409 not-on-sale");
    }

    /** The rules would not hold: whoever sells seats sells them here. */
    @Test
    void seatsAreNotHeldSoldOrReceivedAsGoods() {
        String event = house.event(venue, "");
        String sku = "event:" + event.substring("/v1/events/".length()) + "/A-1";
        String lines = "{\"lines\": [{\"sku\": \"%s\", \"quantity\": 1}]}".formatted(sku);

        assertThat(status(server.postNew("/v1/holds", lines))).isEqualTo("409 not-for-sale");
        assertThat(status(server.postNew("/v1/sales", lines))).isEqualTo("409 not-for-sale");
        assertThat(status(server.postNew("/v1/stock/receipts", "{\"sku\": \"%s\", \"quantity\": 1}".formatted(sku))))
                .isEqualTo("409 not-for-sale");
    }

    @Test
    void othersSeeAHoldAtOnceOnItsNodeAndSoonOnOthers() {
        String event = house.event(venue, "");
        assertThat(other.states(event)).isEqualTo("000000000000");
        Reply before = server.get(event + "/seats");
        assertThat(server.get(event + "/seats", "If-None-Match", before.header("ETag"))
                        .status())
                .isEqualTo(304);
        house.seats(event, "A-1", "A-2", "B-6");

        Reply changes = server.get(event + "/seats?since=" + before.at("/version"));

        assertThat(changes.json().at("/changes").toString())
                .isEqualTo("[{\"from\":0,\"to\":1,\"state\":\"HELD\"},{\"from\":11,\"to\":11,\"state\":\"HELD\"}]");
        assertThat(changes.json().has("states")).isFalse();
        assertThat(server.get(event + "/seats", "If-None-Match", before.header("ETag"))
                        .status())
                .isEqualTo(200);
        await().atMost(Duration.ofSeconds(10)).until(() -> other.states(event).equals("110000000001"));
        assertThat(otherServer
                        .get(event + "/seats?since=" + before.at("/version"))
                        .json()
                        .has("states"))
                .isTrue();
    }

    /** Of all who want the last two seats one gets them, wherever they ask. */
    @Test
    void theLastPairIsHeldOnce() throws InterruptedException, ExecutionException {
        String event = house.event(venue, "");
        house.best(event, 6, "");
        house.best(event, 4, "");
        List<Callable<Reply>> calls = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            TestHouse at = i % 2 == 0 ? house : other;
            calls.add(() -> at.best(event, 2, ", \"adjacent\": \"required\""));
        }
        var held = new ArrayList<String>();
        try (var buyers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var reply : buyers.invokeAll(calls)) {
                if (reply.get().status() == 201) {
                    held.addAll(labels(reply.get()));
                } else {
                    assertThat(status(reply.get())).isEqualTo("409 no-seats");
                }
            }
        }

        assertThat(held).hasSize(2);
        assertThat(new HashSet<>(held)).hasSize(2);
    }

    @Test
    void badRequestsSayWhatIsWrong() {
        String event = house.event(venue, "");

        assertThat(house.hold(event, "{}").status()).isEqualTo(400);
        assertThat(house.hold(event, "{\"seats\": [\"A-1\", \"A-1\"]}").at("/violations/0/field"))
                .isEqualTo("seats[1]");
        assertThat(house.hold(event, "{\"bestAvailable\": {\"count\": 1, \"adjacent\": \"maybe\"}}")
                        .at("/violations/0/message"))
                .contains("no, preferred, required");
        assertThat(house.hold(event, "{\"seats\": [\"A-1\"], \"area\": \"Floor\"}")
                        .status())
                .isEqualTo(400);
        assertThat(status(house.best("/v1/events/" + TestServer.newKey(), 1, "")))
                .isEqualTo("404 unknown-event");
        assertThat(house.create(venue, ", \"allotments\": [{\"channel\": \"x\", \"seats\": [\"Z-1\"]}]")
                        .at("/violations/0/field"))
                .isEqualTo("allotments");
        assertThat(server.postNew("/v1/events", TestHouse.body(venue, "").replace("stalls", "balcony"))
                        .at("/violations/0/message"))
                .contains("stalls");
    }
}
