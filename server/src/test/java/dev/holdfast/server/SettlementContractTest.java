package dev.holdfast.server;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static dev.holdfast.server.TestServer.newKey;
import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(SharedServer.class)
final class SettlementContractTest {
    private final TestServer server;

    SettlementContractTest(TestServer server) {
        this.server = server;
    }

    private String lease(String sku, long quantity) {
        Reply reply = server.postNew("/v1/holds", """
                {"lines": [{"sku": "%s", "quantity": %d}], "ttlSeconds": 86400, "channel": "till"}""".formatted(sku, quantity));
        assertThat(reply.status()).as(reply.text()).isEqualTo(201);
        return "/v1/holds/" + reply.at("/id");
    }

    private static String sale(String saleId, String sku, long quantity) {
        return """
                {"saleId": "%s", "soldAt": "2026-11-20T10:00:00Z", "lines": [{"sku": "%s", "quantity": %d}]}""".formatted(saleId, sku, quantity);
    }

    private Reply settle(String lease, boolean close, String... sales) {
        return server.post(
                lease + "/settlements", "{\"sales\": [" + String.join(",", sales) + "], \"close\": " + close + "}");
    }

    @Test
    void salesAreSettledOnceHoweverOftenTheyAreTold() {
        String sku = server.receive(5);
        String lease = lease(sku, 3);
        String first = sale(newKey(), sku, 1);
        String second = sale(newKey(), sku, 1);

        Reply settled = settle(lease, false, first);
        Reply again = settle(lease, true, second, first);

        assertThat(settled.status()).as(settled.text()).isEqualTo(200);
        assertThat(settled.json().at("/results/0/sale/lines/0").toString())
                .isEqualTo(
                        "{\"sku\":\"%s\",\"location\":\"main\",\"quantity\":1,\"leased\":1,\"found\":0,\"shortfall\":0}"
                                .formatted(sku));
        assertThat(again.json().at("/results/1/sale")).isEqualTo(settled.json().at("/results/0/sale"));
        assertThat(server.get(lease).at("/state")).isEqualTo("CONFIRMED");
        assertThat(server.level(sku).onHand()).isEqualTo(3);
        assertThat(server.level(sku).held()).isZero();
    }

    @Test
    void whatWasPromisedToOthersIsShortAndSaidAloud() {
        String sku = server.receive(2);
        String lease = lease(sku, 1);
        server.send("POST", lease + "/release", null);
        lease(sku, 2);

        Reply settled = settle(lease, false, sale(newKey(), sku, 3));

        assertThat(settled.number("/results/0/sale/lines/0/found")).isEqualTo(1);
        assertThat(settled.number("/results/0/sale/lines/0/shortfall")).isEqualTo(2);
        assertThat(server.level(sku).onHand()).isZero();
        assertThat(server.level(sku).shortfall()).isEqualTo(2);
        assertThat(server.get("/actuator/prometheus").text()).contains("holdfast_settlement_shortfall_total");
    }

    @Test
    void eachSaleAnswersForItself() {
        String sku = server.receive(5);
        String lease = lease(sku, 3);
        String key = newKey();

        Reply settled = settle(
                lease,
                false,
                sale(key, sku, 1),
                sale(key, sku, 2),
                sale(newKey(), "never-seen", 1),
                "{\"saleId\": \"x\", \"lines\": [{\"sku\": \"%s\", \"quantity\": 0}], \"soldAt\": \"noon\"}"
                        .formatted(sku),
                "{\"lines\": []}",
                sale(newKey(), sku, 1));

        assertThat(settled.status()).as(settled.text()).isEqualTo(200);
        assertThat(settled.json().at("/results").values().stream()
                        .map(result -> result.at("/status").intValue()))
                .containsExactly(201, 422, 404, 400, 400, 201);
        assertThat(settled.at("/results/3/saleId")).isEqualTo("x");
        assertThat(settled.json().at("/results/3/problem/violations").values().stream()
                        .map(violation -> violation.at("/field").stringValue()))
                .containsExactlyInAnyOrder("lines[0].quantity", "soldAt");
        assertThat(server.level(sku).onHand()).isEqualTo(3);
    }

    @Test
    void aLeaseThatNobodyKnowsSettlesNothing() {
        String sku = server.receive(5);
        Reply refused = settle("/v1/holds/01936f3e-7b3c-7d4e-8f5a-0123456789ab", true, sale(newKey(), sku, 1));
        assertThat(refused.status()).isEqualTo(404);
        assertThat(refused.at("/code")).isEqualTo("unknown-hold");
        assertThat(server.level(sku).onHand()).isEqualTo(5);
    }
}
