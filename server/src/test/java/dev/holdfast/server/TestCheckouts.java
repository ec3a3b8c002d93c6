package dev.holdfast.server;

import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.engine.Level;
import dev.holdfast.server.payment.Payment;
import dev.holdfast.server.payment.PaymentGateway;
import java.time.Duration;
import java.util.Arrays;
import java.util.UUID;

import static org.assertj.core.api.Assertions.assertThat;

/** Goods with a price, checkouts of them, and a look from the outside at what came of one. */
final class TestCheckouts {
    static final long PRICE = 1_250;
    private static final Duration WITHIN = Duration.ofSeconds(10);

    private final TestServer server;

    TestCheckouts(TestServer server) {
        this.server = server;
    }

    /** A SKU that is for sale, with so many units at main. */
    String goods(long units) {
        String sku = server.receive(units);
        priced(sku);
        return sku;
    }

    void priced(String sku) {
        Reply product = server.postNew("/v1/products", """
                {"name": "Goods", "skus": [{"sku": "%s", "price": {"amountMinor": %d, "currency": "EUR"}}]}""".formatted(sku, PRICE));
        assertThat(product.status()).as(product.text()).isEqualTo(201);
        Reply active = server.send("POST", "/v1/products/" + product.at("/id") + "/activate", null);
        assertThat(active.status()).as(active.text()).isEqualTo(200);
    }

    static UUID newId() {
        return IdempotencyKey.randomUuidV7();
    }

    static String body(String sku, long quantity, String token) {
        return """
                {"lines": [{"sku": "%s", "quantity": %d}], "payment": "%s", "buyer": "ada", "channel": "web"}""".formatted(sku, quantity, token);
    }

    Reply begin(UUID id, String body, String... headers) {
        String[] all = Arrays.copyOf(headers, headers.length + 2);
        all[headers.length] = "Idempotency-Key";
        all[headers.length + 1] = id.toString();
        return server.post("/v1/checkouts", body, all);
    }

    Reply get(UUID id) {
        return server.get("/v1/checkouts/" + id);
    }

    Payment payment(UUID id) {
        return (Payment) server.bean(PaymentGateway.class).find(id, WITHIN);
    }

    /** Paid and allocated, or neither money nor units; nothing in between. Of a SKU that only this checkout is about. */
    void assertWhole(UUID id, String sku, long units) {
        Reply checkout = get(id);
        Level level = server.level(sku);
        Reply order = server.get("/v1/orders/" + id);
        assertThat(level.held()).as(checkout.text()).isZero();
        if (checkout.at("/state").equals("COMPLETED")) {
            assertThat(order.at("/state")).as(order.text()).isEqualTo("PAID");
            assertThat(level.allocated()).isEqualTo(units);
            assertThat(payment(id))
                    .isInstanceOfSatisfying(
                            Payment.Captured.class,
                            captured ->
                                    assertThat(captured.amount().amountMinor()).isEqualTo(PRICE * units));
        } else {
            assertThat(order.code()).as(checkout.text()).isEqualTo("unknown-order");
            assertThat(level.allocated()).as(checkout.text()).isZero();
            assertThat(payment(id)).isInstanceOfAny(Payment.Declined.class, Payment.Voided.class, Payment.Absent.class);
        }
    }
}
