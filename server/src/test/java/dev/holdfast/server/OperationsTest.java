package dev.holdfast.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;

/** What operators and generated clients see. */
@ExtendWith(SharedServer.class)
final class OperationsTest {
    private final TestServer server;

    OperationsTest(TestServer server) {
        this.server = server;
    }

    @Test
    void aHundredBuyersOfTenUnits() throws Exception {
        String sku = server.receive(10);
        List<Callable<Reply>> buyers = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            buyers.add(() -> server.postNew("/v1/holds", """
                    {"lines": [{"sku": "%s", "quantity": 1}]}""".formatted(sku)));
        }
        List<String> answers = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Reply> answer : threads.invokeAll(buyers)) {
                answers.add(answer.get().status() + " " + answer.get().code());
            }
        }

        assertThat(answers).filteredOn("201 "::equals).hasSize(10);
        assertThat(answers).filteredOn("409 insufficient-stock"::equals).hasSize(90);
        Reply ledger = server.get("/v1/stock/" + sku + "/movements");
        long held = ledger.json().at("/data").values().stream()
                .mapToLong(movement -> movement.path("heldDelta").longValue())
                .sum();
        assertThat(held).isEqualTo(10).isEqualTo(server.level(sku).held());
        assertThat(server.level(sku).version()).isEqualTo(11);
    }

    @Test
    void aHundredRetriesOfOneIntentAreOneHold() throws Exception {
        String sku = server.receive(10);
        String key = TestServer.newKey();
        List<Callable<Reply>> retries = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            retries.add(() -> server.post(
                    "/v1/holds", "{\"lines\": [{\"sku\": \"" + sku + "\", \"quantity\": 1}]}", "Idempotency-Key", key));
        }
        List<Reply> answers = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Reply> answer : threads.invokeAll(retries)) {
                answers.add(answer.get());
            }
        }

        assertThat(answers).allMatch(answer -> answer.status() == 201);
        assertThat(answers)
                .filteredOn(answer -> answer.header("Idempotent-Replayed").isEmpty())
                .hasSize(1);
        assertThat(answers.stream().map(Reply::text).distinct()).hasSize(1);
        assertThat(server.level(sku).held()).isEqualTo(1);
    }

    @Test
    void theBooksAreRight() {
        Reply reply = server.get("/v1/invariants");

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.at("/ok")).as(reply.text()).isEqualTo("true");
        assertThat(reply.json().at("/checks").size()).isPositive();
        assertThat(reply.json().at("/checks/0").propertyNames()).containsExactly("name", "ok", "violations");
    }

    @Test
    void healthIsForProbes() {
        for (String probe : List.of("liveness", "readiness")) {
            Reply reply = server.get("/actuator/health/" + probe);
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.at("/status")).isEqualTo("UP");
        }
    }

    @Test
    void metersTellTheEngineAndTheRequestsByPattern() {
        server.receive(1);
        server.get("/v1/stock/nobody-knows");

        String meters = server.get("/actuator/prometheus").text();

        assertThat(meters)
                .contains("http_server_requests_seconds_count{")
                .contains("uri=\"/v1/stock/{sku}\"")
                .contains("uri=\"/v1/stock/receipts\"")
                .contains("http_server_requests_seconds_bucket{")
                .contains("holdfast_")
                .contains("hikaricp_connections_active")
                .contains("jvm_memory_used_bytes")
                .doesNotContain("nobody-knows");
    }

    @Test
    void theDocumentDescribesEveryCallWithItsProblems() {
        Reply reply = server.get("/v3/api-docs");

        assertThat(reply.at("/openapi")).startsWith("3.1");
        List<String> calls = new ArrayList<>();
        for (Map.Entry<String, JsonNode> path : reply.json().path("paths").properties()) {
            for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
                calls.add(method.getKey() + " " + path.getKey());
                JsonNode responses = method.getValue().path("responses");
                assertThat(responses.propertyNames()).contains("400", "500", "503");
                assertThat(method.getValue().path("operationId").asString()).isNotBlank();
                assertThat(responses
                                .at("/503/content/application~1problem+json/examples")
                                .isEmpty())
                        .isFalse();
            }
        }
        assertThat(calls)
                .containsExactlyInAnyOrder(
                        "post /v1/holds",
                        "post /v1/holds/batch",
                        "get /v1/holds/{id}",
                        "post /v1/holds/{id}/extend",
                        "post /v1/holds/{id}/confirm",
                        "post /v1/holds/{id}/release",
                        "post /v1/holds/{id}/settlements",
                        "post /v1/sales",
                        "post /v1/stock/receipts",
                        "post /v1/stock/adjustments",
                        "post /v1/stock/counts",
                        "post /v1/stock/transfers",
                        "get /v1/stock/{sku}",
                        "put /v1/stock/{sku}/limits",
                        "get /v1/stock/{sku}/movements",
                        "get /v1/availability",
                        "get /v1/products",
                        "post /v1/products",
                        "put /v1/products/batch",
                        "get /v1/products/{id}",
                        "put /v1/products/{id}",
                        "delete /v1/products/{id}",
                        "post /v1/products/{id}/activate",
                        "post /v1/products/{id}/pause",
                        "post /v1/products/{id}/discontinue",
                        "get /v1/locations",
                        "get /v1/locations/{code}",
                        "put /v1/locations/{code}",
                        "delete /v1/locations/{code}",
                        "get /v1/payments/sandbox/{id}",
                        "post /v1/payments/sandbox/{id}/authentication",
                        "post /v1/carts",
                        "get /v1/carts/{id}",
                        "put /v1/carts/{id}/lines",
                        "put /v1/carts/{id}/lines/{sku}",
                        "delete /v1/carts/{id}/lines/{sku}",
                        "get /v1/orders",
                        "get /v1/orders/{id}",
                        "get /v1/orders/{id}/events",
                        "post /v1/orders/{id}/pack",
                        "post /v1/orders/{id}/ship",
                        "post /v1/orders/{id}/deliver",
                        "post /v1/orders/{id}/cancel",
                        "post /v1/orders/{id}/return",
                        "post /v1/checkouts",
                        "get /v1/checkouts/{id}",
                        "post /v1/checkouts/{id}/cancel",
                        "get /v1/venues",
                        "post /v1/venues",
                        "get /v1/venues/{id}",
                        "put /v1/venues/{id}",
                        "delete /v1/venues/{id}",
                        "get /v1/venues/{id}/map",
                        "put /v1/venues/{id}/map",
                        "get /v1/events",
                        "post /v1/events",
                        "get /v1/events/{id}",
                        "put /v1/events/{id}",
                        "get /v1/events/{id}/seats",
                        "post /v1/events/{id}/holds",
                        "get /v1/events/{id}/holds/{holdId}",
                        "post /v1/events/{id}/waiting-list",
                        "get /v1/events/{id}/waiting-list/{waiter}",
                        "delete /v1/events/{id}/waiting-list/{waiter}",
                        "get /v1/orders/{id}/tickets",
                        "get /v1/tickets/keys",
                        "get /v1/tickets/{id}",
                        "get /v1/tickets/{id}/qr.png",
                        "get /v1/tickets/{id}/qr.svg",
                        "get /v1/tickets/{id}/ticket.pdf",
                        "post /v1/tickets/{id}/transfer",
                        "post /v1/tickets/{id}/reissue",
                        "post /v1/tickets/{id}/cancel",
                        "post /v1/events/{id}/check-ins",
                        "post /v1/events/{id}/check-ins/batch",
                        "get /v1/events/{id}/check-ins/conflicts",
                        "get /v1/audit",
                        "get /v1/invariants");
        assertThat(reply.json().at("/paths/~1v1~1checkouts/post/responses").propertyNames())
                .contains("201", "202", "404", "409", "412", "422");
        for (String name : List.of(
                "Checkout",
                "Hold",
                "Movement",
                "Stock",
                "Sale",
                "Problem",
                "HoldBatchResult",
                "Product",
                "Location",
                "Order",
                "OrderEvent",
                "AuditEntry",
                "VenueMap",
                "SourcingRequest")) {
            assertThat(reply.json().at("/components/schemas").has(name))
                    .as(name)
                    .isTrue();
        }
        assertThat(server.get("/swagger-ui/index.html").status()).isEqualTo(200);
    }

    /** The records behind the document only describe; the server names what it really reads when it refuses a field. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "POST | /v1/holds             | HoldRequest",
                "POST | /v1/sales             | SaleRequest",
                "POST | /v1/holds/batch       | HoldBatchRequest",
                "POST | /v1/stock/receipts    | ReceiptRequest",
                "POST | /v1/stock/adjustments | AdjustmentRequest",
                "POST | /v1/stock/counts      | CountRequest",
                "POST | /v1/stock/transfers   | TransferRequest",
                "PUT  | /v1/stock/A/limits    | LimitsRequest",
                "POST | /v1/products          | ProductRequest",
                "PUT  | /v1/products/batch    | ProductBatchRequest",
                "PUT  | /v1/locations/A       | LocationRequest",
                "POST | /v1/venues            | VenueRequest",
                "POST | /v1/events            | EventRequest",
                "POST | /v1/events/01936f3e-7b3c-7d4e-8f5a-0123456789ab/holds        | SeatHoldRequest",
                "POST | /v1/events/01936f3e-7b3c-7d4e-8f5a-0123456789ab/waiting-list | WaiterRequest",
                "POST | /v1/holds/01936f3e-7b3c-7d4e-8f5a-0123456789ab/extend  | ExtendRequest",
                "POST | /v1/carts             | CartRequest",
                "PUT  | /v1/carts/01936f3e-7b3c-7d4e-8f5a-0123456789ab/lines   | CartLinesRequest",
                "PUT  | /v1/carts/01936f3e-7b3c-7d4e-8f5a-0123456789ab/lines/A | CartQuantityRequest",
                "POST | /v1/checkouts         | CheckoutRequest",
                "POST | /v1/orders/01936f3e-7b3c-7d4e-8f5a-0123456789ab/ship   | OrderPartsRequest",
                "POST | /v1/orders/01936f3e-7b3c-7d4e-8f5a-0123456789ab/return | OrderReturnRequest",
                "POST | /v1/tickets/01936f3e-7b3c-7d4e-8f5a-0123456789ab/transfer        | TicketTransferRequest",
                "POST | /v1/events/01936f3e-7b3c-7d4e-8f5a-0123456789ab/check-ins       | CheckInRequest",
                "POST | /v1/events/01936f3e-7b3c-7d4e-8f5a-0123456789ab/check-ins/batch | CheckInBatchRequest",
            })
    void theDocumentHasExactlyTheFieldsThatAreRead(String method, String path, String schema) {
        JsonNode described = server.get("/v3/api-docs").json().at("/components/schemas/" + schema);

        boolean isCheckout = schema.equals("CheckoutRequest"); // needs lines unless it has a cart, which no schema says
        String body =
                isCheckout ? "{\"cartId\": \"01936f3e-7b3c-7d4e-8f5a-0123456789ab\", \"bogus\": 1}" : "{\"bogus\": 1}";

        Reply reply = server.send(method, path, body, "Idempotency-Key", TestServer.newKey());

        var required = new TreeSet<String>();
        var read = new TreeSet<String>();
        for (JsonNode violation : reply.json().at("/violations")) {
            String message = violation.path("message").asString();
            if (message.equals("is required")) {
                required.add(violation.path("field").asString());
            } else {
                read.addAll(List.of(
                        message.substring(message.indexOf("there are ") + 10).split(", ", -1)));
            }
        }
        assertThat(described.path("properties").propertyNames()).containsExactlyInAnyOrderElementsOf(read);
        assertThat(described.path("required").values().stream().map(JsonNode::asString))
                .containsExactlyInAnyOrderElementsOf(required);
        assertThat(described.path("additionalProperties").asBoolean(true)).isFalse();
    }

    @Test
    void nothingElseIsExposed() {
        for (String endpoint :
                List.of("env", "beans", "metrics", "heapdump", "threaddump", "shutdown", "loggers", "info")) {
            assertThat(server.get("/actuator/" + endpoint).status())
                    .as(endpoint)
                    .isEqualTo(404);
        }
        assertThat(Stream.of("/error", "/v1", "/webjars")
                        .map(path -> server.get(path).status()))
                .containsOnly(404);
    }
}
