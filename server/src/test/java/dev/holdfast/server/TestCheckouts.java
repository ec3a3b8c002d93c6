package dev.holdfast.server;

import dev.holdfast.engine.Level;
import dev.holdfast.server.payment.Payment;
import dev.holdfast.server.payment.PaymentGateway;
import java.time.Duration;
import java.util.UUID;

import static org.assertj.core.api.Assertions.assertThat;

/** The same on a server in this process, and a look from the outside at what came of a checkout. */
final class TestCheckouts extends TestShop {
    /** What somebody does at the provider himself: takes the money, and gives a part of it back. */
    static final String REFUNDED_IN_PART =
            "UPDATE sandbox_payment SET state = 'CAPTURED', captured_minor = amount_minor,"
                    + " refunded_minor = 100, refunds = '{\"by hand\": 100}', version = version + 1";

    private static final Duration WITHIN = Duration.ofSeconds(10);

    private final TestServer server;

    TestCheckouts(TestServer server) {
        super(server);
        this.server = server;
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
            switch (payment(id)) {
                case Payment.Declined _, Payment.Voided _, Payment.Absent _ ->
                    assertThat(checkout.at("/state")).isNotEqualTo("REFUNDED");
                case Payment.Refunded(var captured, var refunded) -> {
                    assertThat(checkout.at("/state")).isEqualTo("REFUNDED");
                    assertThat(refunded).isEqualTo(captured);
                }
                case Payment money -> throw new AssertionError(money + " is kept by " + checkout.text());
            }
        }
    }
}
