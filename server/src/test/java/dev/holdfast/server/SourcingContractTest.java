package dev.holdfast.server;

import dev.holdfast.engine.Level;
import dev.holdfast.engine.Sku;
import dev.holdfast.local.LocalPostgres;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

import static dev.holdfast.server.TestServer.newKey;
import static dev.holdfast.server.TestServer.newSku;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Lines without a location, with the catalogue's locations: berlin, then hamburg, then a store. */
@ExtendWith(SharedServer.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SourcingContractTest {
    private static final String DATABASE = "sourcing";

    private final LocalPostgres postgres;
    private final TestServer server;

    SourcingContractTest(LocalPostgres postgres) {
        this.postgres = postgres;
        postgres.createDatabase(DATABASE);
        server = TestServer.start(postgres, DATABASE);
    }

    @BeforeAll
    void locations() {
        location("berlin", 1);
        location("hamburg", 2);
        location("store-7", 3);
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private void location(String code, int priority) {
        Reply reply = server.put("/v1/locations/" + code, """
                {"name": "%s", "kind": "WAREHOUSE", "priority": %d}""".formatted(code, priority));
        assertThat(reply.status()).as(reply.text()).isEqualTo(201);
    }

    /** Available here and there. */
    private String stocked(long berlin, long hamburg, long store) {
        String sku = newSku();
        List.of("berlin", "hamburg", "store-7").forEach(code -> {
            long units = code.equals("berlin") ? berlin : code.equals("hamburg") ? hamburg : store;
            if (units > 0) {
                server.receive(sku, code, units);
            }
        });
        return sku;
    }

    private static String body(String sku, long units, String sourcing) {
        return """
                {"lines": [{"sku": "%s", "quantity": %d}], "sourcing": %s}""".formatted(sku, units, sourcing).replace('\'', '"');
    }

    private String hold(String sku, long units, String sourcing) {
        return lines(server.postNew("/v1/holds", body(sku, units, sourcing)));
    }

    /** Where units came from, or why they did not. */
    private static String lines(Reply reply) {
        return reply.status() == 201 ? lines(reply.json().at("/lines")) : reply.status() + " " + reply.code();
    }

    private static String lines(JsonNode lines) {
        return StreamSupport.stream(lines.spliterator(), false)
                .map(line -> line.path("location").asString() + " "
                        + line.path("quantity").asLong())
                .collect(Collectors.joining(", "));
    }

    @Test
    void eachPolicyHasItsOrder() {
        String sku = stocked(2, 5, 9);
        assertThat(hold(sku, 3, "{'policy': 'PRIORITY'}")).isEqualTo("berlin 2, hamburg 1");
        assertThat(hold(sku, 5, "{'policy': 'PRIORITY', 'split': false}")).isEqualTo("store-7 5");
        assertThat(hold(sku, 1, "{'policy': 'NEAREST', 'distances': {'hamburg': 280.5, 'store-7': 3}}"))
                .isEqualTo("store-7 1");
        assertThat(hold(sku, 6, "{'policy': 'FEWEST_PARCELS', 'locations': ['store-7', 'hamburg']}"))
                .isEqualTo("hamburg 4, store-7 2");
        assertThat(hold(sku, 1, "{'policy': 'FEWEST_PARCELS', 'distances': {'hamburg': 2, 'store-7': 1}}"))
                .isEqualTo("store-7 1");
        assertThat(hold(sku, 1, "{'policy': 'PRIORITY'}")).isEqualTo("409 insufficient-stock");
    }

    @Test
    void anOrderOfDistancesNeedsDistancesAndNothingElse() {
        String sku = stocked(1, 1, 1);
        for (String[] wrong : new String[][] {
            {"{'policy': 'PRIORITY', 'distances': {'berlin': 1}}", "sourcing.distances"},
            {"{'policy': 'NEAREST', 'locations': ['berlin']}", "sourcing.distances"},
            {"{'policy': 'NEAREST', 'distances': {'berlin': 1}, 'locations': ['berlin']}", "sourcing.locations"},
            {"{'policy': 'PRIORITY', 'locations': ['berlin', 'hamburg', 'berlin']}", "sourcing.locations[2]"},
        }) {
            Reply reply = server.postNew("/v1/holds", body(sku, 1, wrong[0]));
            assertThat(reply.at("/violations/0/field")).as(wrong[0]).isEqualTo(wrong[1]);
            assertThat(reply.json().at("/violations").size()).isOne();
        }
    }

    @Test
    void aLineWithALocationStaysWhereItIsAndWithoutASourcingIsAtMain() {
        String sku = stocked(2, 5, 0);
        Reply reply = server.postNew("/v1/holds", """
                {"lines": [{"sku": "%1$s", "quantity": 1}, {"sku": "%1$s", "location": "hamburg", "quantity": 2}],
                 "sourcing": {"policy": "PRIORITY"}}""".formatted(sku));
        assertThat(lines(reply)).isEqualTo("hamburg 2, berlin 1");
        assertThat(server.get(reply.header("Location")).json().at("/lines"))
                .isEqualTo(reply.json().at("/lines"));

        Reply plain = server.postNew("/v1/holds", """
                {"lines": [{"sku": "%s", "quantity": 1}]}""".formatted(sku));
        assertThat(plain.json().at("/lines").toString())
                .isEqualTo("[{\"sku\":\"%s\",\"location\":\"main\"}]".formatted(sku));
    }

    @Test
    void aRefusalNamesEveryCandidateThatKnowsTheSku() {
        String sku = stocked(2, 5, 0);
        hold(sku, 1, "{'policy': 'PRIORITY'}");
        Reply reply = server.postNew("/v1/holds", body(sku, 7, "{'policy': 'PRIORITY'}"));

        assertThat(reply.code()).isEqualTo("insufficient-stock");
        assertThat(StreamSupport.stream(reply.json().at("/lines").spliterator(), false)
                        .map(line -> line.path("location").asString() + " "
                                + line.path("requested").asLong() + "/"
                                + line.path("available").asLong() + "/"
                                + line.path("heldByOthers").asLong()))
                .containsExactly("berlin 7/1/1", "hamburg 7/5/0");
        Reply unknown = server.postNew(
                "/v1/holds", body(newSku(), 1, "{'policy': 'PRIORITY', 'locations': ['hamburg', 'berlin']}"));
        assertThat(unknown.code()).isEqualTo("unknown-sku");
        assertThat(unknown.json().at("/lines").size()).isEqualTo(2);
    }

    @Test
    void aRetryGetsItsFirstAnswerWhateverTheCatalogueSaysByThen() {
        List.of("r1", "r2", "r3").forEach(code -> location(code, 50));
        String sku = newSku();
        List.of("r1", "r2", "r3").forEach(code -> server.receive(sku, code, 5));
        String key = newKey();
        String saleKey = newKey();
        String byPriority = body(sku, 1, "{'policy': 'PRIORITY'}");
        String byDistance = body(sku, 1, "{'policy': 'NEAREST', 'distances': {'r1': 2, 'r3': 1}}");
        Reply hold = server.post("/v1/holds", byPriority, "Idempotency-Key", key);
        Reply sale = server.post("/v1/sales", byDistance, "Idempotency-Key", saleKey);
        assertThat(lines(hold) + ", " + lines(sale)).isEqualTo("r1 1, r3 1");

        server.put("/v1/locations/r1", """
                {"name": "R", "kind": "STORE", "priority": 60}""", "If-Match", "*");
        server.send("DELETE", "/v1/locations/r3", null, "If-Match", "*");

        Reply holdAgain = server.post("/v1/holds", byPriority, "Idempotency-Key", key);
        Reply saleAgain = server.post("/v1/sales", byDistance, "Idempotency-Key", saleKey);
        assertThat(holdAgain.header("Idempotent-Replayed") + holdAgain.text()).isEqualTo("true" + hold.text());
        assertThat(saleAgain.header("Idempotent-Replayed") + saleAgain.text()).isEqualTo("true" + sale.text());
        assertThat(lines(server.postNew("/v1/holds", byPriority))).isEqualTo("r2 1");
        assertThat(server.postNew("/v1/sales", byDistance).at("/violations/0/field"))
                .isEqualTo("sourcing.distances.r3");
        for (String other : List.of(
                body(sku, 1, "{'policy': 'FEWEST_PARCELS'}"),
                body(sku, 1, "{'policy': 'PRIORITY', 'split': true}"),
                body(sku, 1, "{'policy': 'PRIORITY', 'locations': ['r1']}"),
                body(sku, 2, "{'policy': 'PRIORITY'}"))) {
            assertThat(server.post("/v1/holds", other, "Idempotency-Key", key).code())
                    .isEqualTo("idempotency-key-reused");
        }
    }

    @Test
    void eachHoldOfABatchHasItsOwn() {
        String sku = stocked(1, 5, 0);
        Reply reply = server.post("/v1/holds/batch", """
                {"holds": [
                  {"idempotencyKey": "%s", "lines": [{"sku": "%5$s", "quantity": 1}], "sourcing": {"policy": "PRIORITY"}},
                  {"idempotencyKey": "%s", "lines": [{"sku": "%5$s", "quantity": 1}], "sourcing": {"policy": "PRIORITY"}},
                  {"idempotencyKey": "%s", "lines": [{"sku": "%5$s", "quantity": 1}],
                   "sourcing": {"policy": "PRIORITY", "locations": ["nowhere"]}},
                  {"idempotencyKey": "%s", "lines": [{"sku": "%5$s", "location": "hamburg", "quantity": 1}]}]}""".formatted(newKey(), newKey(), newKey(), newKey(), sku));

        assertThat(lines(reply.json().at("/results/0/hold/lines"))).isEqualTo("berlin 1");
        assertThat(lines(reply.json().at("/results/1/hold/lines"))).isEqualTo("hamburg 1");
        assertThat(reply.at("/results/2/problem/violations/0/field")).isEqualTo("sourcing.locations[0]");
        assertThat(lines(reply.json().at("/results/3/hold/lines"))).isEqualTo("hamburg 1");
    }

    @Test
    void whatIsNotForSaleIsRefusedWithoutALocationToo() {
        String sku = stocked(5, 0, 0);
        server.postNew("/v1/products", "{\"name\": \"Mug\", \"skus\": [{\"sku\": \"" + sku + "\"}]}");
        Reply reply = server.postNew("/v1/holds", body(sku, 1, "{'policy': 'PRIORITY'}"));

        assertThat(reply.code()).isEqualTo("not-for-sale");
        assertThat(reply.json().at("/lines").toString())
                .isEqualTo("[{\"sku\":\"%s\",\"location\":null,\"lifecycle\":\"DRAFT\"}]".formatted(sku));
    }

    @Test
    void anExpiredHoldAtAnotherCandidateIsNoReasonToRefuse() {
        String sku = stocked(0, 1, 1);
        Reply hold = server.postNew("/v1/holds", """
                {"lines": [{"sku": "%s", "location": "hamburg", "quantity": 1}], "ttlSeconds": 1}""".formatted(sku));
        assertThat(hold(sku, 1, "{'policy': 'PRIORITY', 'locations': ['store-7']}"))
                .isEqualTo("store-7 1");
        await().until(() -> Instant.now().isAfter(Instant.parse(hold.at("/expiresAt"))));

        assertThat(hold(sku, 1, "{'policy': 'PRIORITY'}")).isEqualTo("hamburg 1");
    }

    @Test
    void aHundredBuyersOfTenUnitsAtThreeLocations() throws Exception {
        String sku = stocked(3, 3, 4);
        List<Callable<Reply>> buyers = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            String policy = i % 2 == 0 ? "PRIORITY" : "FEWEST_PARCELS";
            buyers.add(() -> server.postNew("/v1/holds", body(sku, 1, "{'policy': '" + policy + "'}")));
        }
        List<String> answers = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Reply> answer : threads.invokeAll(buyers)) {
                answers.add(lines(answer.get()));
            }
        }

        assertThat(answers).filteredOn("409 insufficient-stock"::equals).hasSize(90);
        assertThat(answers).filteredOn("berlin 1"::equals).hasSize(3);
        assertThat(server.engine().levels(new Sku(sku)).stream().mapToLong(Level::held))
                .containsExactlyInAnyOrder(3L, 3L, 4L);
    }

    @Test
    void anotherServerKnowsANewOrderWithinASecondAndAConfiguredPolicyIsForWhoSaysNothing() {
        String sku = stocked(9, 9, 9);
        String plain = """
                {"lines": [{"sku": "%s", "quantity": 1}]}""".formatted(sku);
        String key = newKey();
        try (TestServer other = TestServer.start(
                postgres, DATABASE, "--holdfast.sourcing.policy=priority", "--holdfast.sourcing.split=false")) {
            assertThat(lines(other.postNew("/v1/holds", plain))).isEqualTo("berlin 1");
            assertThat(lines(other.postNew("/v1/holds", plain.replace("1}", "10}"))))
                    .isEqualTo("409 insufficient-stock");
            server.receive(sku, "main", 1);
            Reply first = server.post("/v1/holds", plain, "Idempotency-Key", key);
            assertThat(lines(first)).isEqualTo("main 1");
            assertThat(other.post("/v1/holds", plain, "Idempotency-Key", key).text())
                    .isEqualTo(first.text());

            location("munich", 0);
            server.receive(sku, "munich", 1_000);
            await().atMost(Duration.ofSeconds(1))
                    .pollInterval(Duration.ofMillis(10))
                    .untilAsserted(() ->
                            assertThat(lines(other.postNew("/v1/holds", plain))).isEqualTo("munich 1"));
        }
    }

    /** More locations than can be candidates: the head of the list is asked. */
    @Test
    void aLargeCatalogueIsNoReasonToRefuse() {
        for (int i = 0; i < 40; i++) {
            location("store-%d".formatted(100 + i), 100 + i);
        }
        String sku = stocked(0, 0, 1);
        server.receive(sku, "store-139", 1);
        assertThat(hold(sku, 1, "{'policy': 'PRIORITY'}")).isEqualTo("store-7 1");
        assertThat(hold(sku, 1, "{'policy': 'PRIORITY'}")).isEqualTo("409 insufficient-stock");
        assertThat(hold(sku, 1, "{'policy': 'PRIORITY', 'locations': ['store-139']}"))
                .isEqualTo("store-139 1");
    }
}
