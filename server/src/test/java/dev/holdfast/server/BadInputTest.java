package dev.holdfast.server;

import dev.holdfast.engine.Level;
import dev.holdfast.engine.Sku;
import dev.holdfast.local.LocalPostgres;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/** Every way to get a request wrong: a problem with a code each, never a 500, and nothing changed. */
@ExtendWith(SharedServer.class)
final class BadInputTest {
    private static final String HOLDS = "POST /v1/holds";
    private static final String SALES = "POST /v1/sales";
    private static final String RECEIPTS = "POST /v1/stock/receipts";
    private static final String ADJUSTMENTS = "POST /v1/stock/adjustments";
    private static final String COUNTS = "POST /v1/stock/counts";
    private static final String TRANSFERS = "POST /v1/stock/transfers";
    private static final String BATCH = "POST /v1/holds/batch";
    private static final String VENUES = "POST /v1/venues";
    private static final String LIMITS = "PUT /v1/stock/$/limits";
    private static final String SOME_HOLD = "/v1/holds/01936f3e-7b3c-7d4e-8f5a-0123456789ab";
    private static final String EXTEND = "POST " + SOME_HOLD + "/extend";

    private static final int INVALID = 400;

    private final TestServer server;
    private final LocalPostgres postgres;

    BadInputTest(TestServer server, LocalPostgres postgres) {
        this.server = server;
        this.postgres = postgres;
    }

    /** Call | body with ' for " and $ for a SKU of 10 units | the one field that is wrong. */
    static Stream<Arguments> violations() {
        String tooLong = "x".repeat(101);
        return Stream.of(
                // whole numbers, and only those
                arguments(HOLDS, "{'lines': [{'sku': '$', 'quantity': 0}]}", "lines[0].quantity"),
                arguments(HOLDS, "{'lines': [{'sku': '$', 'quantity': -1}]}", "lines[0].quantity"),
                arguments(HOLDS, "{'lines': [{'sku': '$', 'quantity': '1'}]}", "lines[0].quantity"),
                arguments(HOLDS, "{'lines': [{'sku': '$', 'quantity': 1.5}]}", "lines[0].quantity"),
                arguments(HOLDS, "{'lines': [{'sku': '$', 'quantity': 1.0}]}", "lines[0].quantity"),
                arguments(HOLDS, "{'lines': [{'sku': '$', 'quantity': 1e0}]}", "lines[0].quantity"),
                arguments(HOLDS, "{'lines': [{'sku': '$', 'quantity': true}]}", "lines[0].quantity"),
                arguments(HOLDS, "{'lines': [{'sku': '$', 'quantity': null}]}", "lines[0].quantity"),
                arguments(HOLDS, "{'lines': [{'sku': '$', 'quantity': [1]}]}", "lines[0].quantity"),
                arguments(HOLDS, "{'lines': [{'sku': '$'}]}", "lines[0].quantity"),
                arguments(HOLDS, "{'lines': [{'sku': '$', 'quantity': 1000000001}]}", "lines[0].quantity"),
                arguments(HOLDS, "{'lines': [{'sku': '$', 'quantity': 9223372036854775808}]}", "lines[0].quantity"),
                arguments(HOLDS, "{'lines': [{'sku': '$', 'quantity': 18446744073709551617}]}", "lines[0].quantity"),
                // names
                arguments(HOLDS, "{'lines': [{'quantity': 1}]}", "lines[0].sku"),
                arguments(HOLDS, "{'lines': [{'sku': null, 'quantity': 1}]}", "lines[0].sku"),
                arguments(HOLDS, "{'lines': [{'sku': 7, 'quantity': 1}]}", "lines[0].sku"),
                arguments(HOLDS, "{'lines': [{'sku': '', 'quantity': 1}]}", "lines[0].sku"),
                arguments(HOLDS, "{'lines': [{'sku': ' $', 'quantity': 1}]}", "lines[0].sku"),
                arguments(HOLDS, "{'lines': [{'sku': 'a\\u0000b', 'quantity': 1}]}", "lines[0].sku"),
                arguments(HOLDS, "{'lines': [{'sku': 'a\\ud800b', 'quantity': 1}]}", "lines[0].sku"),
                arguments(HOLDS, "{'lines': [{'sku': '" + tooLong + "', 'quantity': 1}]}", "lines[0].sku"),
                arguments(HOLDS, "{'lines': [{'sku': '$', 'location': 7, 'quantity': 1}]}", "lines[0].location"),
                arguments(HOLDS, "{'lines': [{'sku': '$', 'location': '', 'quantity': 1}]}", "lines[0].location"),
                // lines
                arguments(HOLDS, "{}", "lines"),
                arguments(HOLDS, "{'lines': null}", "lines"),
                arguments(HOLDS, "{'lines': []}", "lines"),
                arguments(HOLDS, "{'lines': {}}", "lines"),
                arguments(HOLDS, "{'lines': 'all'}", "lines"),
                arguments(HOLDS, "{'lines': [7]}", "lines[0]"),
                arguments(HOLDS, "{'lines': [null]}", "lines[0]"),
                arguments(HOLDS, "{'lines': [" + repeated("{'sku': '$', 'quantity': 1}", 101) + "]}", "lines"),
                arguments(HOLDS, "[]", ""),
                arguments(HOLDS, "7", ""),
                arguments(HOLDS, "null", ""),
                // the rest of a hold
                arguments(HOLDS, "{'lines': [{'sku': '$', 'quantity': 1}], 'ttlSeconds': 0}", "ttlSeconds"),
                arguments(HOLDS, "{'lines': [{'sku': '$', 'quantity': 1}], 'ttlSeconds': -5}", "ttlSeconds"),
                arguments(HOLDS, "{'lines': [{'sku': '$', 'quantity': 1}], 'ttlSeconds': 86401}", "ttlSeconds"),
                arguments(HOLDS, "{'lines': [{'sku': '$', 'quantity': 1}], 'ttlSeconds': '60'}", "ttlSeconds"),
                arguments(HOLDS, "{'lines': [{'sku': '$', 'quantity': 1}], 'channel': 7}", "channel"),
                arguments(HOLDS, "{'lines': [{'sku': '$', 'quantity': 1}], 'channel': ''}", "channel"),
                arguments(
                        HOLDS,
                        "{'lines': [{'sku': '$', 'quantity': 1}], 'channel': '" + "x".repeat(65) + "'}",
                        "channel"),
                arguments(
                        HOLDS,
                        "{'lines': [{'sku': '$', 'quantity': 1}], 'reference': '" + "x".repeat(256) + "'}",
                        "reference"),
                arguments(HOLDS, "{'lines': [{'sku': '$', 'quantity': 1}], 'reference': 'a\\nb'}", "reference"),
                arguments(HOLDS, "{'lines': [{'sku': '$', 'quantity': 1}], 'ttlSecond': 5}", "ttlSecond"),
                arguments(HOLDS, "{'lines': [{'sku': '$', 'quantity': 1, 'qty': 5}]}", "lines[0].qty"),
                // where units come from
                sourcing("[]", "sourcing"),
                sourcing("{}", "sourcing.policy"),
                sourcing("{'policy': 'ALPHABETICAL'}", "sourcing.policy"),
                sourcing("{'policy': 'priority'}", "sourcing.policy"),
                sourcing("{'policy': 'PRIORITY', 'split': 'yes'}", "sourcing.split"),
                sourcing("{'policy': 'PRIORITY', 'order': []}", "sourcing.order"),
                sourcing("{'policy': 'PRIORITY', 'locations': []}", "sourcing.locations"),
                sourcing("{'policy': 'PRIORITY', 'locations': {'a': 1}}", "sourcing.locations"),
                sourcing("{'policy': 'PRIORITY', 'locations': ['']}", "sourcing.locations[0]"),
                sourcing("{'policy': 'PRIORITY', 'locations': ['nowhere']}", "sourcing.locations[0]"),
                sourcing("{'policy': 'PRIORITY', 'locations': [" + numbered("'l%d'", 33) + "]}", "sourcing.locations"),
                sourcing("{'policy': 'NEAREST'}", "sourcing.distances"),
                sourcing("{'policy': 'NEAREST', 'distances': {}}", "sourcing.distances"),
                sourcing("{'policy': 'NEAREST', 'distances': ['main']}", "sourcing.distances"),
                sourcing("{'policy': 'NEAREST', 'distances': {'': 1}}", "sourcing.distances"),
                sourcing("{'policy': 'NEAREST', 'distances': {'nowhere': 1}}", "sourcing.distances.nowhere"),
                sourcing("{'policy': 'NEAREST', 'distances': {'main': -1}}", "sourcing.distances.main"),
                sourcing("{'policy': 'NEAREST', 'distances': {'main': 1e400}}", "sourcing.distances.main"),
                sourcing(
                        "{'policy': 'NEAREST', 'distances': {'main': 1" + "0".repeat(400) + "}}",
                        "sourcing.distances.main"),
                sourcing("{'policy': 'NEAREST', 'distances': {'main': 'NaN'}}", "sourcing.distances.main"),
                sourcing("{'policy': 'NEAREST', 'distances': {'main': null}}", "sourcing.distances.main"),
                sourcing(
                        "{'policy': 'NEAREST', 'distances': {" + numbered("'l%d': 1", 33) + "}}", "sourcing.distances"),
                arguments(
                        HOLDS,
                        "{'lines': [{'sku': '$', 'location': 'main', 'quantity': 1}], 'sourcing': {'policy': 'PRIORITY'}}",
                        "sourcing"),
                arguments(
                        SALES,
                        "{'lines': [{'sku': '$', 'quantity': 1}], 'sourcing': {'policy': 'NOWHERE'}}",
                        "sourcing.policy"),
                // venues
                arguments(VENUES, "{}", "name"),
                arguments(VENUES, "{'name': ' '}", "name"),
                arguments(VENUES, "{'name': 7}", "name"),
                arguments(VENUES, "{'name': 'a\\nb'}", "name"),
                arguments(VENUES, "{'name': '" + "x".repeat(201) + "'}", "name"),
                arguments(VENUES, "{'name': 'A', 'seats': 7}", "seats"),
                // the other calls
                arguments(SALES, "{'lines': [{'sku': '$', 'quantity': 0}]}", "lines[0].quantity"),
                arguments(SALES, "{'lines': [{'sku': '$', 'quantity': 1}], 'ttlSeconds': 5}", "ttlSeconds"),
                arguments(SALES, "{'lines': [{'sku': '$', 'quantity': 1}], 'channel': ' '}", "channel"),
                // carts and checkouts
                arguments("POST /v1/carts", "{'channel': ''}", "channel"),
                arguments(
                        "POST /v1/checkouts",
                        "{'lines': [{'sku': '$', 'quantity': 1}], 'payment': 'tok_approve', 'channel': ''}",
                        "channel"),
                arguments(SALES, "{'lines': [" + repeated("{'sku': '$', 'quantity': 1}", 101) + "]}", "lines"),
                arguments(RECEIPTS, "{'sku': '$', 'quantity': 0}", "quantity"),
                arguments(RECEIPTS, "{'sku': '$', 'quantity': 1.0}", "quantity"),
                arguments(RECEIPTS, "{'sku': '$', 'quantity': 1000000001}", "quantity"),
                arguments(RECEIPTS, "{'quantity': 1}", "sku"),
                arguments(RECEIPTS, "{'sku': '$', 'quantity': 1, 'note': 'x'}", "note"),
                arguments(ADJUSTMENTS, "{'sku': '$', 'delta': 0, 'reason': 'x'}", "delta"),
                arguments(ADJUSTMENTS, "{'sku': '$', 'delta': '1', 'reason': 'x'}", "delta"),
                arguments(ADJUSTMENTS, "{'sku': '$', 'delta': -1000000001, 'reason': 'x'}", "delta"),
                arguments(ADJUSTMENTS, "{'sku': '$', 'delta': 1}", "reason"),
                arguments(ADJUSTMENTS, "{'sku': '$', 'delta': 1, 'reason': ' '}", "reason"),
                arguments(
                        ADJUSTMENTS,
                        "{'sku': '$', 'delta': 1, 'reason': 'x', 'expectedVersion': -1}",
                        "expectedVersion"),
                arguments(
                        ADJUSTMENTS,
                        "{'sku': '$', 'delta': 1, 'reason': 'x', 'expectedVersion': '1'}",
                        "expectedVersion"),
                arguments(COUNTS, "{'sku': '$', 'counted': -1}", "counted"),
                arguments(COUNTS, "{'sku': '$', 'counted': 0.5}", "counted"),
                arguments(COUNTS, "{'sku': '$'}", "counted"),
                arguments(COUNTS, "{'sku': '$', 'counted': 1, 'reason': 5}", "reason"),
                arguments(TRANSFERS, "{'sku': '$', 'from': 'main', 'to': 'main', 'quantity': 1}", ""),
                arguments(TRANSFERS, "{'sku': '$', 'from': 'main', 'quantity': 1}", "to"),
                arguments(TRANSFERS, "{'sku': '$', 'to': 'b', 'quantity': 1}", "from"),
                arguments(TRANSFERS, "{'sku': '$', 'from': 'main', 'to': 'b', 'quantity': 0}", "quantity"),
                arguments(COUNTS, "{'sku': '$', 'counted': 1, 'expectedVersion': -1}", "expectedVersion"),
                arguments(LIMITS, "{'safetyStock': -1, 'backorderLimit': 0}", "safetyStock"),
                arguments(LIMITS, "{'safetyStock': 1}", "backorderLimit"),
                arguments(LIMITS, "{'safetyStock': 1, 'backorderLimit': 0, 'sku': '$'}", "sku"),
                arguments(BATCH, "{'holds': []}", "holds"),
                arguments(BATCH, "{'holds': 7}", "holds"),
                arguments(BATCH, "{}", "holds"),
                arguments(BATCH, "{'holds': [" + repeated("{}", 1001) + "]}", "holds"),
                arguments(EXTEND, "{}", "ttlSeconds"),
                arguments(EXTEND, "{'ttlSeconds': 0}", "ttlSeconds"),
                arguments(EXTEND, "{'ttlSeconds': 86401}", "ttlSeconds"),
                arguments("POST " + SOME_HOLD + "/confirm", "{'sure': true}", "sure"),
                arguments("POST " + SOME_HOLD + "/release", "{'sure': true}", "sure"),
                arguments("POST /v1/holds/not-a-uuid/confirm", null, "id"),
                arguments("POST /v1/holds/1-1-1-1-1/release", null, "id"),
                arguments("POST /v1/holds/not-a-uuid/extend", "{'ttlSeconds': 5}", "id"),
                arguments("GET /v1/holds/not-a-uuid", null, "id"),
                // queries
                arguments("GET /v1/stock/$/movements?limit=0", null, "limit"),
                arguments("GET /v1/stock/$/movements?limit=501", null, "limit"),
                arguments("GET /v1/stock/$/movements?limit=+5", null, "limit"),
                arguments("GET /v1/stock/$/movements?limit=many", null, "limit"),
                arguments("GET /v1/stock/$/movements?limit=99999999999", null, "limit"),
                arguments("GET /v1/stock/$/movements?limit=5&limit=6", null, "limit"),
                arguments("GET /v1/stock/$/movements?cursor=bogus", null, "cursor"),
                arguments("GET /v1/stock/$/movements?cursor=", null, "cursor"),
                arguments("GET /v1/stock/$/movements?location=", null, "location"),
                arguments("GET /v1/stock/$/movements?lmit=5", null, "lmit"),
                arguments("GET /v1/stock/" + tooLong, null, "sku"),
                arguments("GET /v1/stock/%01", null, "sku"),
                arguments("GET /v1/invariants?verbose=1", null, "verbose"),
                arguments(HOLDS + "?ttlSeconds=5", "{'lines': [{'sku': '$', 'quantity': 1}]}", "ttlSeconds"),
                arguments(SALES + "?a=1", "{'lines': [{'sku': '$', 'quantity': 1}]}", "a"),
                arguments(BATCH + "?a=1", "{'holds': [{}]}", "a"),
                arguments(RECEIPTS + "?dry=1", "{'sku': '$', 'quantity': 1}", "dry"),
                arguments(COUNTS + "?a=1", "{'sku': '$', 'counted': 1}", "a"),
                arguments(LIMITS + "?location=b", "{'safetyStock': 1, 'backorderLimit': 0}", "location"),
                arguments("POST " + SOME_HOLD + "/confirm?sure=1", null, "sure"),
                arguments("POST " + SOME_HOLD + "/release?sure=1", "{}", "sure"),
                arguments("GET /v1/availability", null, "sku"),
                arguments("GET /v1/availability?sku=", null, "sku"),
                arguments("GET /v1/availability?" + repeated("sku=A", 101).replace(", ", "&"), null, "sku"));
    }

    @ParameterizedTest
    @MethodSource("violations")
    void isNamedByItsField(String call, @Nullable String template, String field) throws SQLException {
        String sku = server.receive(10);
        Reply reply = unchanged(sku, () -> send(call, template, sku, "Idempotency-Key", TestServer.newKey()));

        assertProblem(reply, INVALID, "invalid-request");
        assertThat(reply.json().at("/violations").values().stream()
                        .map(violation -> violation.path("field").asString()))
                .containsExactly(field);
        assertThat(reply.at("/violations/0/message")).isNotBlank();
    }

    /** Call | body | headers | status | code. */
    static Stream<Arguments> refusals() {
        String hold = "{'lines': [{'sku': '$', 'quantity': 1}]}";
        String receipt = "{'sku': '$', 'quantity': 1}";
        String adjustment = "{'sku': '$', 'delta': 1, 'reason': 'x'}";
        String transfer = "{'sku': '$', 'from': 'main', 'to': 'b', 'quantity': 1}";
        String key = "Idempotency-Key: 1234";
        return Stream.of(
                // keys
                arguments(HOLDS, hold, "", 400, "idempotency-key-required"),
                arguments(SALES, hold, "", 400, "idempotency-key-required"),
                arguments(RECEIPTS, receipt, "", 400, "idempotency-key-required"),
                arguments(HOLDS, hold, "Idempotency-Key: ", 400, "invalid-idempotency-key"),
                arguments(HOLDS, hold, "Idempotency-Key: \"\"", 400, "invalid-idempotency-key"),
                arguments(HOLDS, hold, "Idempotency-Key: \"  \"", 400, "invalid-idempotency-key"),
                arguments(HOLDS, hold, "Idempotency-Key: \"abc", 400, "invalid-idempotency-key"),
                arguments(HOLDS, hold, "Idempotency-Key: \"a\"; b=c", 400, "invalid-idempotency-key"),
                arguments(HOLDS, hold, "Idempotency-Key: \"a\\b\"", 400, "invalid-idempotency-key"),
                arguments(HOLDS, hold, "Idempotency-Key: " + "k".repeat(256), 400, "invalid-idempotency-key"),
                arguments(HOLDS, hold, "Idempotency-Key: a|Idempotency-Key: b", 400, "invalid-idempotency-key"),
                arguments(SALES, hold, "Idempotency-Key: " + "k".repeat(256), 400, "invalid-idempotency-key"),
                arguments(RECEIPTS, receipt, "Idempotency-Key: " + "k".repeat(256), 400, "invalid-idempotency-key"),
                arguments(ADJUSTMENTS, adjustment, "Idempotency-Key: ", 400, "invalid-idempotency-key"),
                arguments(COUNTS, "{'sku': '$', 'counted': 1}", "Idempotency-Key: \"", 400, "invalid-idempotency-key"),
                arguments("POST " + SOME_HOLD + "/confirm", null, "Idempotency-Key: ", 400, "invalid-idempotency-key"),
                // versions
                arguments(ADJUSTMENTS, adjustment, "If-Match: 7", 400, "invalid-request"),
                arguments(ADJUSTMENTS, adjustment, "If-Match: \"x\"", 400, "invalid-request"),
                arguments(ADJUSTMENTS, adjustment, "If-Match: W/\"7\"", 400, "invalid-request"),
                arguments(ADJUSTMENTS, adjustment, "If-Match: \"7.3\"", 400, "invalid-request"),
                arguments(ADJUSTMENTS, adjustment, "If-Match: \"9999999999999999999\"", 400, "invalid-request"),
                arguments(ADJUSTMENTS, adjustment, "If-Match: \"9\"", 412, "version-changed"),
                arguments(
                        ADJUSTMENTS,
                        "{'sku': '$', 'delta': 1, 'reason': 'x', 'expectedVersion': 1}",
                        "If-Match: \"2\"",
                        400,
                        "invalid-request"),
                arguments(LIMITS, "{'safetyStock': 0, 'backorderLimit': 0}", "If-Match: 7", 400, "invalid-request"),
                arguments(COUNTS, "{'sku': '$', 'counted': 1}", "If-Match: \"9\"", 412, "version-changed"),
                arguments(COUNTS, "{'sku': '$', 'counted': 1, 'expectedVersion': 9}", "", 412, "version-changed"),
                arguments(COUNTS, "{'sku': '$', 'counted': 1}", "If-Match: 1", 400, "invalid-request"),
                arguments(TRANSFERS, transfer, "If-Match: \"9\"", 412, "version-changed"),
                arguments(TRANSFERS, transfer, "If-Match: W/\"1\"", 400, "invalid-request"),
                arguments(RECEIPTS, receipt, key + "|If-Match: \"1\"", 400, "invalid-request"),
                // bodies
                arguments(HOLDS, "", key, 400, "malformed-json"),
                arguments(HOLDS, "{", key, 400, "malformed-json"),
                arguments(HOLDS, "{'lines': [}", key, 400, "malformed-json"),
                arguments(HOLDS, hold + "x", key, 400, "malformed-json"),
                arguments(HOLDS, hold + hold, key, 400, "malformed-json"),
                arguments(HOLDS, "{'lines': [{'sku': '$', 'quantity': NaN}]}", key, 400, "malformed-json"),
                arguments(HOLDS, "{'lines': [{'sku': '$', 'quantity': 01}]}", key, 400, "malformed-json"),
                arguments(HOLDS, "{'lines': [{'sku': '$', 'quantity': 1, 'quantity': 2}]}", key, 400, "malformed-json"),
                arguments(HOLDS, "[".repeat(100_000), key, 400, "malformed-json"),
                arguments(HOLDS, "{'lines': " + "9".repeat(5_000) + "}", key, 400, "malformed-json"),
                arguments(RECEIPTS, "{", key, 400, "malformed-json"),
                arguments(BATCH, "{", "", 400, "malformed-json"),
                arguments(HOLDS, hold, key + "|Content-Type: text/plain", 415, "unsupported-media-type"),
                arguments(
                        HOLDS,
                        hold,
                        key + "|Content-Type: application/x-www-form-urlencoded",
                        415,
                        "unsupported-media-type"),
                arguments(HOLDS, hold, key + "|Content-Type: ", 415, "unsupported-media-type"),
                arguments(
                        HOLDS,
                        hold,
                        key + "|Content-Type: application/json; charset=utf-16",
                        415,
                        "unsupported-media-type"),
                arguments(BATCH, "{'holds': [{}]}", "Content-Type: text/plain", 415, "unsupported-media-type"),
                arguments(HOLDS, " ".repeat((1 << 20) + 1), key, 413, "body-too-large"),
                arguments("POST " + SOME_HOLD + "/confirm", " ".repeat((1 << 20) + 1), "", 413, "body-too-large"),
                // paths, methods, representations
                arguments("GET /v1/nothing", null, "", 404, "not-found"),
                arguments("GET /", null, "", 404, "not-found"),
                arguments("POST /v1/holds/", hold, key, 404, "not-found"),
                arguments("GET /actuator", null, "", 404, "not-found"),
                arguments("GET /actuator/env", null, "", 404, "not-found"),
                arguments("GET /actuator/health/nothing", null, "", 404, ""),
                arguments("GET /v1/holds", null, "", 405, "method-not-allowed"),
                arguments("DELETE " + SOME_HOLD, null, "", 405, "method-not-allowed"),
                arguments("PUT /v1/stock/receipts", receipt, key, 405, "method-not-allowed"),
                arguments("POST /v1/availability", "{}", "", 405, "method-not-allowed"),
                arguments("POST /v1/invariants", "{}", "", 405, "method-not-allowed"),
                arguments(HOLDS, hold, key + "|Accept: text/html", 406, "not-acceptable"),
                arguments(RECEIPTS, receipt, key + "|Accept: application/xml", 406, "not-acceptable"),
                arguments("GET /v1/stock/$", null, "Accept: text/html", 406, "not-acceptable"));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void isRefusedWithItsCode(String call, @Nullable String template, String headers, int status, String code)
            throws SQLException {
        String sku = server.receive(10);
        String[] pairs = Stream.of(headers.split("\\|", -1))
                .filter(header -> !header.isEmpty())
                .flatMap(header -> Stream.of(header.split(": ", 2)))
                .toArray(String[]::new);

        Reply reply = unchanged(sku, () -> send(call, template, sku, pairs));

        if (code.isEmpty()) {
            assertThat(reply.status()).isEqualTo(status); // Actuator's own, without a body
        } else {
            assertProblem(reply, status, code);
        }
        if (status == 405) {
            assertThat(reply.header("Allow")).isNotEmpty();
        }
    }

    @Test
    void everythingWrongIsSaidAtOnce() {
        Reply reply = server.postNew(
                "/v1/holds",
                "{\"lines\": [{\"sku\": 1, \"quantity\": 0}, {\"quantity\": 1}], \"ttlSeconds\": 0, \"x\": 1}");

        assertThat(reply.json().at("/violations").values().stream()
                        .collect(Collectors.toMap(
                                v -> v.path("field").asString(),
                                v -> v.path("message").asString())))
                .isEqualTo(Map.of(
                        "lines[0].sku", "must be a text",
                        "lines[0].quantity", "must be 1 to 1000000000",
                        "lines[1].sku", "is required",
                        "ttlSeconds", "must be 1 to 86400",
                        "x", "is unknown; there are sourcing, lines, ttlSeconds, channel, reference, supersedes"));
    }

    @Test
    void theLargestOfEverythingIsTaken() {
        String sku = "x".repeat(90) + TestServer.newSku();
        String location = "ü".repeat(100);
        Reply received = server.postNew("/v1/stock/receipts", """
                {"sku": "%s", "location": "%s", "quantity": 1000000000, "reference": "%s"}""".formatted(sku, location, "😀".repeat(127)));
        assertThat(received.status()).as(received.text()).isEqualTo(201);
        String line = """
                {"sku": "%s", "location": "%s", "quantity": 1}""".formatted(sku, location);

        Reply held = server.post(
                "/v1/holds",
                "{\"lines\": [" + repeated(line, 100) + "], \"ttlSeconds\": 86400, \"channel\": \"" + "c".repeat(64)
                        + "\", \"reference\": \"" + "r".repeat(255) + "\"}",
                "Idempotency-Key",
                TestServer.newKey() + "k".repeat(219),
                "Content-Type",
                "application/json; charset=UTF-8");

        assertThat(held.status()).as(held.text()).isEqualTo(201);
        assertThat(held.number("/lines/0/quantity")).isEqualTo(100);
        assertThat(held.number("/expiresInSeconds")).isEqualTo(86_400);
    }

    private static Arguments sourcing(String sourcing, String field) {
        return arguments(HOLDS, "{'lines': [{'sku': '$', 'quantity': 1}], 'sourcing': " + sourcing + "}", field);
    }

    private static String numbered(String template, int count) {
        return IntStream.range(0, count).mapToObj(template::formatted).collect(Collectors.joining(", "));
    }

    private interface Call {
        Reply send();
    }

    private Reply unchanged(String sku, Call call) throws SQLException {
        List<Level> levels = server.engine().levels(new Sku(sku));
        long rows = rows();
        Reply reply = call.send();
        assertThat(server.engine().levels(new Sku(sku))).isEqualTo(levels);
        assertThat(rows()).isEqualTo(rows);
        return reply;
    }

    /** Movements and holds there are. Tests run one after the other, so nobody else adds any; expiries (kind 8) come by themselves. */
    private long rows() throws SQLException {
        try (var connection =
                        DriverManager.getConnection(postgres.jdbcUrl("shared"), postgres.user(), postgres.password());
                var statement = connection.createStatement();
                var result = statement.executeQuery(
                        "SELECT (SELECT count(*) FROM movement WHERE kind <> 8) + (SELECT count(*) FROM hold)")) {
            result.next();
            return result.getLong(1);
        }
    }

    private Reply send(String call, @Nullable String template, String sku, String... headers) {
        String[] parts = call.split(" ", 2);
        return server.send(
                parts[0],
                parts[1].replace("$", sku),
                template == null ? null : template.replace('\'', '"').replace("$", sku),
                headers);
    }

    private static void assertProblem(Reply reply, int status, String code) {
        assertThat(reply.code()).as(reply.text()).isEqualTo(code);
        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.header("Content-Type")).isEqualTo("application/problem+json");
        List<String> names = new ArrayList<>(reply.json().propertyNames());
        assertThat(names).startsWith("type", "title", "status", "detail", "instance", "code", "retryable", "traceId");
        assertThat(reply.at("/type")).endsWith("/" + code);
        assertThat(reply.number("/status")).isEqualTo(status);
        assertThat(reply.at("/instance")).startsWith("/");
        assertThat(reply.at("/retryable")).isEqualTo("false");
        assertThat(reply.header("traceparent")).contains(reply.at("/traceId"));
    }

    private static String repeated(String element, int times) {
        return IntStream.range(0, times).mapToObj(_ -> element).collect(Collectors.joining(", "));
    }
}
