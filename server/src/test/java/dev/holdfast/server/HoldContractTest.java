package dev.holdfast.server;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static dev.holdfast.server.TestServer.newKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

@ExtendWith(SharedServer.class)
final class HoldContractTest {
    private static final String UNKNOWN = "/v1/holds/01936f3e-7b3c-7d4e-8f5a-0123456789ab";

    private final TestServer server;

    HoldContractTest(TestServer server) {
        this.server = server;
    }

    private static String hold(String sku, long quantity) {
        return """
                {"lines": [{"sku": "%s", "quantity": %d}]}""".formatted(sku, quantity);
    }

    private String place(String sku, long quantity) {
        Reply reply = server.postNew("/v1/holds", hold(sku, quantity));
        assertThat(reply.status()).as(reply.text()).isEqualTo(201);
        return reply.at("/id");
    }

    @Test
    void aHoldIsCreatedWithEverythingItWasAskedFor() {
        String sku = server.receive(10);

        Reply reply = server.postNew("/v1/holds", """
                {"lines": [{"sku": "%s", "location": "main", "quantity": 3}], "ttlSeconds": 90, "channel": "web",
                 "reference": "cart-1"}""".formatted(sku));

        assertThat(reply.status()).isEqualTo(201);
        assertThat(reply.header("Location")).isEqualTo("/v1/holds/" + reply.at("/id"));
        assertThat(reply.header("Content-Type")).isEqualTo("application/json");
        assertThat(reply.headers().firstValue("Idempotent-Replayed")).isEmpty();
        assertThat(reply.json().propertyNames())
                .containsExactly("id", "state", "lines", "expiresAt", "expiresInSeconds", "channel", "reference");
        assertThat(reply.at("/state")).isEqualTo("ACTIVE");
        assertThat(reply.json().at("/lines").toString())
                .isEqualTo("[{\"sku\":\"%s\",\"location\":\"main\",\"quantity\":3}]".formatted(sku));
        assertThat(reply.number("/expiresInSeconds")).isEqualTo(90);
        assertThat(Instant.parse(reply.at("/expiresAt"))).isAfter(Instant.now());
        assertThat(reply.at("/channel")).isEqualTo("web");
        assertThat(reply.at("/reference")).isEqualTo("cart-1");
        assertThat(server.level(sku).held()).isEqualTo(3);
        Reply seen = server.get(reply.header("Location"));
        assertThat(seen.status()).isEqualTo(200);
        assertThat(seen.at("/expiresAt")).isEqualTo(reply.at("/expiresAt"));
        assertThat(seen.number("/expiresInSeconds")).isBetween(60L, 90L);
    }

    @Test
    void withoutTtlItIsTenMinutes() {
        assertThat(server.postNew("/v1/holds", hold(server.receive(1), 1)).number("/expiresInSeconds"))
                .isEqualTo(600);
    }

    @Test
    void linesOfOneStockAreSummed() {
        String sku = server.receive(10);

        Reply reply = server.postNew("/v1/holds", """
                {"lines": [{"sku": "%1$s", "quantity": 6}, {"sku": "%1$s", "location": "main", "quantity": 5}]}""".formatted(sku));

        assertThat(reply.status()).isEqualTo(409);
        assertThat(reply.number("/lines/0/requested")).isEqualTo(11);
        assertThat(server.level(sku).held()).isZero();
    }

    @Test
    void everyShortLineIsNamedAtOnceAndNothingIsTaken() {
        String plenty = server.receive(10);
        String few = server.receive(2);
        String none = server.receive(1);
        place(none, 1);

        Reply reply = server.postNew("/v1/holds", """
                {"lines": [{"sku": "%s", "quantity": 1}, {"sku": "%s", "quantity": 3}, {"sku": "%s", "quantity": 1}]}""".formatted(plenty, few, none));

        assertThat(reply.status()).isEqualTo(409);
        assertThat(reply.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(reply.code()).isEqualTo("insufficient-stock");
        assertThat(reply.json().at("/lines").size()).isEqualTo(2);
        assertThat(reply.json().at("/lines/0").propertyNames())
                .containsExactly("sku", "location", "requested", "available", "heldByOthers", "nextReleaseAt");
        assertThat(reply.at("/lines/0/sku")).isEqualTo(few);
        assertThat(reply.number("/lines/0/requested")).isEqualTo(3);
        assertThat(reply.number("/lines/0/available")).isEqualTo(2);
        assertThat(reply.number("/lines/0/heldByOthers")).isZero();
        assertThat(reply.json().at("/lines/0/nextReleaseAt").isNull()).isTrue();
        assertThat(reply.at("/lines/1/sku")).isEqualTo(none);
        assertThat(reply.number("/lines/1/heldByOthers")).isEqualTo(1);
        assertThat(Instant.parse(reply.at("/lines/1/nextReleaseAt"))).isAfter(Instant.now());
        assertThat(server.level(plenty).version()).isEqualTo(1);
    }

    @Test
    void aRetryGetsTheFirstAnswerByteForByteEvenAfterTheHoldHasEnded() {
        String sku = server.receive(10);
        String key = newKey();
        Reply first = server.post("/v1/holds", hold(sku, 2), "Idempotency-Key", key);
        server.post("/v1/holds/" + first.at("/id") + "/release", "");

        Reply second = server.post("/v1/holds", hold(sku, 2), "Idempotency-Key", "\"" + key + "\"");

        assertThat(second.status()).isEqualTo(201);
        assertThat(second.header("Idempotent-Replayed")).isEqualTo("true");
        assertThat(second.header("Location")).isEqualTo(first.header("Location"));
        assertThat(second.text()).isEqualTo(first.text());
        assertThat(server.level(sku).held()).isZero();
    }

    @Test
    void aKeyBelongsToOneRequest() {
        String sku = server.receive(10);
        String key = newKey();
        server.post("/v1/holds", hold(sku, 2), "Idempotency-Key", key);

        Reply other = server.post("/v1/holds", hold(sku, 3), "Idempotency-Key", key);

        assertThat(other.status()).isEqualTo(422);
        assertThat(other.code()).isEqualTo("idempotency-key-reused");
        assertThat(server.level(sku).held()).isEqualTo(2);
    }

    @Test
    void aRefusalIsNotRemembered() {
        String sku = server.receive(1);
        String key = newKey();
        assertThat(server.post("/v1/holds", hold(sku, 2), "Idempotency-Key", key)
                        .status())
                .isEqualTo(409);
        server.receive(sku, "main", 1);

        Reply again = server.post("/v1/holds", hold(sku, 2), "Idempotency-Key", key);

        assertThat(again.status()).isEqualTo(201);
        assertThat(again.headers().firstValue("Idempotent-Replayed")).isEmpty();
    }

    @Test
    void aUuidV7KeyIsTheId() {
        String key = "01936f3e-7b3c-7d4e-8f5a-" + newKey().substring(24);
        assertThat(server.post("/v1/holds", hold(server.receive(1), 1), "Idempotency-Key", key)
                        .at("/id"))
                .isEqualTo(key);
    }

    @Test
    void aConfirmedHoldIsAllocatedAndStaysSo() {
        String sku = server.receive(5);
        String path = "/v1/holds/" + place(sku, 2);

        Reply confirmed = server.post(path + "/confirm", "{}");

        assertThat(confirmed.status()).isEqualTo(200);
        assertThat(confirmed.at("/state")).isEqualTo("CONFIRMED");
        assertThat(confirmed.number("/expiresInSeconds")).isZero();
        assertThat(server.level(sku).held()).isZero();
        assertThat(server.level(sku).allocated()).isEqualTo(2);
        Reply again = server.send("POST", path + "/confirm", null);
        assertThat(again.status()).isEqualTo(200);
        assertThat(again.text()).isEqualTo(confirmed.text());
        assertRefused(server.send("POST", path + "/release", null), 409, "hold-confirmed");
        assertRefused(server.post(path + "/extend", "{\"ttlSeconds\": 5}"), 409, "hold-confirmed");
        assertThat(server.level(sku).version()).isEqualTo(3);
    }

    @Test
    void aReleasedHoldGivesItsUnitsBackOnce() {
        String sku = server.receive(5);
        String path = "/v1/holds/" + place(sku, 2);

        Reply released = server.send("POST", path + "/release", null);

        assertThat(released.status()).isEqualTo(200);
        assertThat(released.at("/state")).isEqualTo("RELEASED");
        assertThat(server.level(sku).available()).isEqualTo(5);
        Reply again = server.send("POST", path + "/release", null);
        assertThat(again.status()).isEqualTo(200);
        assertThat(again.text()).isEqualTo(released.text());
        assertRefused(server.send("POST", path + "/confirm", null), 409, "hold-released");
        assertRefused(server.post(path + "/extend", "{\"ttlSeconds\": 5}"), 409, "hold-released");
        assertThat(server.level(sku).version()).isEqualTo(3);
    }

    @Test
    void anExpiredHoldIsGone() {
        String sku = server.receive(5);
        Reply placed = server.postNew("/v1/holds", """
                {"lines": [{"sku": "%s", "quantity": 2}], "ttlSeconds": 1}""".formatted(sku));
        String path = "/v1/holds/" + placed.at("/id");

        await().atMost(Duration.ofSeconds(20))
                .until(() -> server.get(path).at("/state").equals("EXPIRED"));

        assertThat(server.get(path).number("/expiresInSeconds")).isZero();
        assertRefused(server.send("POST", path + "/confirm", null), 410, "hold-expired");
        assertRefused(server.send("POST", path + "/release", null), 410, "hold-expired");
        assertRefused(server.post(path + "/extend", "{\"ttlSeconds\": 5}"), 410, "hold-expired");
        assertThat(server.postNew("/v1/holds", hold(sku, 5)).status()).isEqualTo(201);
    }

    @Test
    void anExtendedHoldLivesLonger() {
        String path = "/v1/holds/" + place(server.receive(5), 1);

        Reply extended = server.post(path + "/extend", "{\"ttlSeconds\": 3600}");

        assertThat(extended.status()).isEqualTo(200);
        assertThat(extended.at("/state")).isEqualTo("ACTIVE");
        assertThat(extended.number("/expiresInSeconds")).isEqualTo(3600);
        assertThat(server.get(path).at("/expiresAt")).isEqualTo(extended.at("/expiresAt"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"extend", "confirm", "release"})
    void aKeyOnWhatFollowsIsHonoured(String verb) {
        String path = "/v1/holds/" + place(server.receive(5), 1) + "/" + verb;
        String body = verb.equals("extend") ? "{\"ttlSeconds\": 900}" : "{}";
        String key = newKey();
        Reply first = server.post(path, body, "Idempotency-Key", key);
        Instant answered = Instant.now();
        await().until(() -> Instant.now().isAfter(answered.plusMillis(5)));

        Reply second = server.post(path, body, "Idempotency-Key", key);

        assertThat(first.status()).isEqualTo(200);
        assertThat(first.headers().firstValue("Idempotent-Replayed")).isEmpty();
        assertThat(second.status()).isEqualTo(200);
        assertThat(second.header("Idempotent-Replayed")).isEqualTo("true");
        assertThat(second.text()).isEqualTo(first.text());
        String other = "/v1/holds/" + place(server.receive(5), 1) + "/" + verb;
        assertRefused(server.post(other, body, "Idempotency-Key", key), 422, "idempotency-key-reused");
    }

    @Test
    void anUnknownHoldIsUnknownToEveryCall() {
        assertRefused(server.get(UNKNOWN), 404, "unknown-hold");
        assertRefused(server.send("POST", UNKNOWN + "/confirm", null), 404, "unknown-hold");
        assertRefused(server.send("POST", UNKNOWN + "/release", null), 404, "unknown-hold");
        assertRefused(server.post(UNKNOWN + "/extend", "{\"ttlSeconds\": 5}"), 404, "unknown-hold");
    }

    @Test
    void aSaleIsTakenAndGone() {
        String sku = server.receive(5);
        String key = newKey();
        String body = """
                {"lines": [{"sku": "%s", "quantity": 2}], "channel": "till", "reference": "r-1"}""".formatted(sku);

        Reply sold = server.post("/v1/sales", body, "Idempotency-Key", key);

        assertThat(sold.status()).isEqualTo(201);
        assertThat(sold.json().propertyNames()).containsExactly("id", "lines", "channel", "reference", "at");
        assertThat(sold.number("/lines/0/quantity")).isEqualTo(2);
        assertThat(server.level(sku).onHand()).isEqualTo(3);
        Reply again = server.post("/v1/sales", body, "Idempotency-Key", key);
        assertThat(again.status()).isEqualTo(201);
        assertThat(again.header("Idempotent-Replayed")).isEqualTo("true");
        assertThat(again.text()).isEqualTo(sold.text());
        assertRefused(server.post("/v1/sales", hold(sku, 1), "Idempotency-Key", key), 422, "idempotency-key-reused");
        assertRefused(server.postNew("/v1/sales", hold(sku, 4)), 409, "insufficient-stock");
        assertThat(server.level(sku).onHand()).isEqualTo(3);
    }

    @Test
    void aBatchDecidesEachHoldForItselfInOrder() {
        String sku = server.receive(3);
        String key = newKey();

        Reply reply = server.post("/v1/holds/batch", """
                {"holds": [
                  {"idempotencyKey": "%2$s", "lines": [{"sku": "%1$s", "quantity": 2}]},
                  {"idempotencyKey": "%3$s", "lines": [{"sku": "%1$s", "quantity": 2}]},
                  {"idempotencyKey": "%4$s", "lines": [{"sku": "%1$s", "quantity": "1"}]},
                  {"lines": [{"sku": "%1$s", "quantity": 1}]},
                  {"idempotencyKey": "%5$s", "lines": [{"sku": "nobody-knows", "quantity": 1}]},
                  {"idempotencyKey": "%2$s", "lines": [{"sku": "%1$s", "quantity": 2}]},
                  {"idempotencyKey": "%2$s", "lines": [{"sku": "%1$s", "quantity": 1}]},
                  7,
                  {"idempotencyKey": "%6$s", "lines": [{"sku": "%1$s", "quantity": 1}], "ttlSeconds": 60}
                ]}""".formatted(sku, key, newKey(), newKey(), newKey(), newKey()));

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.json().at("/results").values().stream()
                        .map(result -> result.path("status").intValue() + " "
                                + result.at("/problem/code").asString("")))
                .containsExactly(
                        "201 ",
                        "409 insufficient-stock",
                        "400 invalid-request",
                        "400 idempotency-key-required",
                        "404 unknown-sku",
                        "201 ",
                        "422 idempotency-key-reused",
                        "400 invalid-request",
                        "201 ");
        assertThat(reply.at("/results/0/idempotencyKey")).isEqualTo(key);
        assertThat(reply.at("/results/5/hold/id")).isEqualTo(reply.at("/results/0/hold/id"));
        assertThat(reply.at("/results/2/problem/violations/0/field")).isEqualTo("lines[0].quantity");
        assertThat(reply.at("/results/2/problem/traceId")).hasSize(32);
        assertThat(reply.number("/results/8/hold/expiresInSeconds")).isEqualTo(60);
        assertThat(server.level(sku).held()).isEqualTo(3);
    }

    @Test
    void aBatchMayHaveAThousandHoldsOfAHundredLines() {
        List<String> skus =
                Stream.generate(() -> server.receive(1_000)).limit(100).toList();
        String lines = skus.stream()
                .map("{\"sku\": \"%s\", \"quantity\": 1}"::formatted)
                .collect(Collectors.joining(", "));
        String holds = Stream.generate(() -> "{\"idempotencyKey\": \"" + newKey() + "\", \"lines\": [" + lines + "]}")
                .limit(1_000)
                .collect(Collectors.joining(", "));

        Reply reply = server.post("/v1/holds/batch", "{\"holds\": [" + holds + "]}");

        assertThat(reply.status()).as(reply.code()).isEqualTo(200);
        assertThat(reply.json().at("/results").values())
                .hasSize(1_000)
                .allMatch(result -> result.path("status").intValue() == 201);
        assertThat(server.level(skus.getLast()).held()).isEqualTo(1_000);
    }

    private static void assertRefused(Reply reply, int status, String code) {
        assertThat(reply.code()).as(reply.text()).isEqualTo(code);
        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.number("/status")).isEqualTo(status);
    }

    private Reply post(String path, String key, String body) {
        return server.post(path, body, "Idempotency-Key", key);
    }

    @Test
    void aHoldSupersedesAnotherWhoseUnitsItMayHave() {
        String sku = server.receive(5);
        String old = place(sku, 4);

        Reply refused = server.postNew("/v1/holds", superseding(sku, 6, old));
        assertRefused(refused, 409, "insufficient-stock");
        assertThat(refused.number("/lines/0/available")).isEqualTo(5);
        assertThat(refused.number("/lines/0/heldByOthers")).isZero();
        Reply placed = server.postNew("/v1/holds", superseding(sku, 5, old));

        assertThat(placed.status()).as(placed.text()).isEqualTo(201);
        assertThat(server.level(sku).held()).isEqualTo(5);
        assertRefused(server.send("POST", "/v1/holds/" + old + "/confirm", null), 409, "hold-released");
        server.send("POST", "/v1/holds/" + placed.at("/id") + "/confirm", null);
        assertRefused(server.postNew("/v1/holds", superseding(sku, 1, placed.at("/id"))), 409, "hold-confirmed");
        assertThat(server.post("/v1/holds/batch", """
                        {"holds": [{"idempotencyKey": "%s", "supersedes": "%s",
                                    "lines": [{"sku": "%s", "quantity": 1}]}]}""".formatted(newKey(), placed.at("/id"), sku))
                        .at("/results/0/problem/code"))
                .isEqualTo("hold-confirmed");
    }

    private static String superseding(String sku, long quantity, String old) {
        return """
                {"lines": [{"sku": "%s", "quantity": %d}], "supersedes": "%s"}""".formatted(sku, quantity, old);
    }

    @Test
    void aHoldIsConfirmedAndReleasedInParts() {
        String sku = server.receive(5);
        String path = "/v1/holds/" + place(sku, 4);
        String key = newKey();
        String part = "{\"lines\": [{\"sku\": \"%s\", \"quantity\": %d}]}";

        Reply confirmed = post(path + "/confirm", key, part.formatted(sku, 1));

        assertThat(confirmed.status()).as(confirmed.text()).isEqualTo(200);
        assertThat(confirmed.at("/state")).isEqualTo("ACTIVE");
        assertThat(confirmed.json().at("/lines/0").toString())
                .isEqualTo("{\"sku\":\"%s\",\"location\":\"main\",\"quantity\":4,\"held\":3,\"confirmed\":1,"
                                .formatted(sku)
                        + "\"released\":0,\"shipped\":0}");
        Reply again = post(path + "/confirm", key, part.formatted(sku, 1));
        assertThat(again.text()).isEqualTo(confirmed.text());
        assertThat(again.header("Idempotent-Replayed")).isEqualTo("true");
        assertRefused(server.post(path + "/release", part.formatted(sku, 1)), 400, "idempotency-key-required");
        Reply tooMany = post(path + "/release", newKey(), part.formatted(sku, 4));
        assertRefused(tooMany, 409, "not-held");
        assertThat(tooMany.number("/held/0/quantity")).isEqualTo(3);
        assertThat(post(path + "/release", newKey(), part.formatted(sku, 1)).at("/state"))
                .isEqualTo("ACTIVE");
        Reply released = server.send("POST", path + "/release", null);
        assertThat(released.at("/state")).isEqualTo("CONFIRMED");
        assertThat(server.get(path).text()).isEqualTo(released.text());
        assertThat(released.number("/lines/0/released")).isEqualTo(3);
        assertRefused(server.send("POST", path + "/confirm", null), 409, "hold-confirmed");
        assertThat(server.level(sku).held()).isZero();
        assertThat(server.level(sku).allocated()).isEqualTo(1);
    }
}
