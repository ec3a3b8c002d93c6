package dev.holdfast.server;

import dev.holdfast.local.LocalPostgres;
import dev.holdfast.server.payment.Payment;
import dev.holdfast.server.payment.PaymentGateway;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;

/** Carts that are checked out, on two nodes; the units are held when they are put in. */
@ExtendWith(SharedServer.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CheckoutCartTest {
    private static final String DATABASE = "checkout_carts";

    private final LocalPostgres postgres;
    private final TestServer node;
    private final TestServer other;
    private final TestCheckouts checkouts;
    private final TestCheckouts others;

    CheckoutCartTest(LocalPostgres postgres) {
        this.postgres = postgres;
        postgres.createDatabase(DATABASE);
        this.node = TestServer.start(postgres, DATABASE, "--holdfast.cart.hold=on-add");
        this.other = TestServer.start(postgres, DATABASE, "--holdfast.cart.hold=on-add");
        this.checkouts = new TestCheckouts(node);
        this.others = new TestCheckouts(other);
    }

    @AfterEach
    void booksAreRight() {
        checkouts.assertBooksAreRight();
    }

    @AfterAll
    void stop() {
        List.of(other, node).forEach(TestServer::close);
    }

    private static String status(Reply reply) {
        return (reply.status() + " " + reply.code()).strip();
    }

    private Reply pay(String cart, String token) {
        return checkouts.begin(TestCheckouts.newId(), TestCheckouts.body(cart, token));
    }

    private static List<Reply> together(List<Callable<Reply>> calls) throws Exception {
        List<Reply> replies = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Reply> reply : threads.invokeAll(calls)) {
                replies.add(reply.get());
            }
        }
        return replies;
    }

    @Test
    void theLastUnitIsBoughtByWhoHasItInTheCart() {
        String sku = checkouts.goods(1);
        String cart = checkouts.cart(sku, 1);
        UUID id = TestCheckouts.newId();

        Reply bought = checkouts.begin(id, TestCheckouts.body(cart, "tok_approve"));

        assertThat(bought.at("/state")).as(bought.text()).isEqualTo("COMPLETED");
        assertThat("/v1/carts/" + bought.at("/cartId")).isEqualTo(cart);
        assertThat(bought.at("/channel")).isEqualTo("web");
        assertThat(status(node.get(cart))).isEqualTo("404 unknown-cart");
        checkouts.assertWhole(id, sku, 1);
        Reply again = others.begin(id, TestCheckouts.body(cart, "tok_approve"));
        assertThat(again.status() + again.header("Idempotent-Replayed")).isEqualTo("201true");
        Reply later = pay(cart, "tok_approve");
        assertThat(status(later)).isEqualTo("409 checkout-completed");
        assertThat(later.at("/orderId")).isEqualTo(id.toString());
    }

    @Test
    void ofTabsThatPayOneCartOnePays() throws Exception {
        for (int round = 0; round < 5; round++) {
            String sku = checkouts.goods(10);
            String cart = checkouts.cart(sku, 2);
            List<UUID> ids = new ArrayList<>();
            List<Callable<Reply>> tabs = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                UUID id = TestCheckouts.newId();
                ids.add(id);
                TestCheckouts tab = i % 2 == 0 ? checkouts : others;
                tabs.add(() -> tab.begin(id, TestCheckouts.body(cart, "tok_slow:50")));
            }

            List<Reply> replies = together(tabs);

            assertThat(replies)
                    .filteredOn(reply -> reply.at("/state").equals("COMPLETED"))
                    .hasSize(1);
            assertThat(replies)
                    .filteredOn(reply -> reply.status() != 201)
                    .hasSize(7)
                    .allSatisfy(reply -> assertThat(reply.code()).isIn("checkout-running", "checkout-completed"));
            assertThat(ids)
                    .filteredOn(id -> checkouts.payment(id).equals(new Payment.Absent()))
                    .as("who was not charged")
                    .hasSize(7);
            assertThat(node.level(sku).allocated()).isEqualTo(2);
            assertThat(node.level(sku).held()).isZero();
        }
    }

    @Test
    void theSameKeyTwiceAtOnceIsOneCheckout() throws Exception {
        String sku = checkouts.goods(5);
        String cart = checkouts.cart(sku, 2);
        UUID id = TestCheckouts.newId();
        List<Callable<Reply>> calls = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            TestCheckouts tab = i % 2 == 0 ? checkouts : others;
            calls.add(() -> tab.begin(id, TestCheckouts.body(cart, "tok_slow:50")));
        }

        List<Reply> replies = together(calls);

        assertThat(replies).allMatch(reply -> reply.at("/state").equals("COMPLETED"));
        assertThat(replies)
                .filteredOn(reply -> reply.header("Idempotent-Replayed").isEmpty())
                .hasSize(1);
        checkouts.assertWhole(id, sku, 2);
    }

    @Test
    void whatWasDeclinedIsACartAsBefore() {
        String sku = checkouts.goods(3);
        String cart = checkouts.cart(sku, 2);

        assertThat(pay(cart, "tok_decline").at("/state")).isEqualTo("DECLINED");
        assertThat(node.level(sku).held()).as("its units are everybody's").isZero();
        assertThat(node.get(cart).number("/lines/0/quantity")).isEqualTo(2);
        assertThat(checkouts.put(cart, sku, 3).status()).isEqualTo(200);
        assertThat(pay(cart, "tok_insufficient_funds").at("/state")).isEqualTo("DECLINED");
        Reply bought = pay(cart, "tok_approve");

        assertThat(bought.at("/state")).as(bought.text()).isEqualTo("COMPLETED");
        checkouts.assertWhole(UUID.fromString(bought.at("/id")), sku, 3);
    }

    @Test
    void aChangeOfTheCartEndsThePaymentOfWhatWasInIt() {
        String sku = checkouts.goods(3);
        String cart = checkouts.cart(sku, 1);
        UUID id = TestCheckouts.newId();
        assertThat(checkouts
                        .begin(id, TestCheckouts.body(cart, "tok_requires_action"))
                        .at("/state"))
                .isEqualTo("WAITING_FOR_BUYER");
        Reply second = pay(cart, "tok_approve");
        assertThat(status(second)).isEqualTo("409 checkout-running");
        assertThat(second.at("/checkoutId")).isEqualTo(id.toString());

        assertThat(checkouts.put(cart, sku, 3).status()).isEqualTo(200);
        others.authenticate(id);

        Reply end = checkouts.awaitEnd(id);
        assertThat(end.at("/state") + " " + end.at("/reason")).isEqualTo("CANCELLED cart-changed");
        assertThat(checkouts.payment(id)).isInstanceOf(Payment.Voided.class);
        assertThat(node.level(sku).held()).as("by the cart").isEqualTo(3);
        Reply bought = pay(cart, "tok_approve");
        checkouts.assertWhole(UUID.fromString(bought.at("/id")), sku, 3);
    }

    @Test
    void aHoldThatExpiredDuringThePaymentIsPlacedAgain() throws Exception {
        String sku = checkouts.goods(2);
        String cart = checkouts.cart(sku, 2);
        UUID id = TestCheckouts.newId();
        checkouts.begin(id, TestCheckouts.body(cart, "tok_requires_action"));
        checkouts.letExpire(id, postgres, DATABASE);

        checkouts.authenticate(id);

        assertThat(checkouts.awaitEnd(id).at("/state")).isEqualTo("COMPLETED");
        checkouts.assertWhole(id, sku, 2);
        assertThat(status(node.get(cart))).isEqualTo("404 unknown-cart");
    }

    @Test
    void whatWasChangedAfterTheHoldExpiredIsNotPaid() throws Exception {
        String sku = checkouts.goods(2);
        String cart = checkouts.cart(sku, 1);
        UUID id = TestCheckouts.newId();
        checkouts.begin(id, TestCheckouts.body(cart, "tok_requires_action"));
        checkouts.letExpire(id, postgres, DATABASE);
        assertThat(checkouts.put(cart, sku, 2).status()).isEqualTo(200);

        checkouts.authenticate(id);

        Reply end = checkouts.awaitEnd(id);
        assertThat(end.at("/state") + " " + end.at("/reason")).isEqualTo("CANCELLED cart-changed");
        assertThat(node.level(sku).held()).as("by the cart").isEqualTo(2);
    }

    @Test
    void aCancelledCheckoutGivesTheCartBack() {
        String sku = checkouts.goods(1);
        String cart = checkouts.cart(sku, 1);
        UUID id = TestCheckouts.newId();
        checkouts.begin(id, TestCheckouts.body(cart, "tok_requires_action"));

        assertThat(other.post("/v1/checkouts/" + id + "/cancel", "{}").at("/state"))
                .isEqualTo("CANCELLED");
        checkouts.assertWhole(id, sku, 1);

        assertThat(pay(cart, "tok_approve").at("/state")).isEqualTo("COMPLETED");
    }

    /** The hold is confirmed by then, and a cart whose hold is confirmed is bought: unless the payment goes away. */
    @Test
    void aPaymentThatIsCancelledFromOutsideGivesTheCartBack() {
        String sku = checkouts.goods(1);
        String cart = checkouts.cart(sku, 1);
        UUID id = TestCheckouts.newId();
        checkouts.begin(id, TestCheckouts.body(cart, "tok_requires_action"));
        node.post("/v1/holds/" + hold(id) + "/confirm", "{}");
        assertThat(status(checkouts.put(cart, sku, 1))).isEqualTo("409 hold-confirmed");
        node.bean(PaymentGateway.class).cancel(id, Duration.ofSeconds(10));
        node.post("/v1/checkouts/" + id + "/cancel", "{}");

        Reply end = checkouts.awaitEnd(id);
        assertThat(end.at("/state") + " " + end.at("/reason")).isEqualTo("DECLINED payment-cancelled");
        checkouts.assertWhole(id, sku, 1);
        assertThat(pay(cart, "tok_approve").at("/state")).isEqualTo("COMPLETED");
    }

    private String hold(UUID id) {
        try (var connection =
                        DriverManager.getConnection(postgres.jdbcUrl(DATABASE), postgres.user(), postgres.password());
                var rows = connection
                        .createStatement()
                        .executeQuery("SELECT hold_id FROM checkout WHERE id = '" + id + "'")) {
            rows.next();
            return rows.getString(1);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    /** It asks for something else, so nobody would pay for what was held for it. */
    @Test
    void theKeyOfACartsCheckoutHoldsNothingForLines() {
        String sku = checkouts.goods(5);
        UUID id = TestCheckouts.newId();
        checkouts.begin(id, TestCheckouts.body(checkouts.cart(sku, 2), "tok_decline"));

        Reply lines = checkouts.begin(id, TestCheckouts.body(sku, 3, "tok_approve"));

        assertThat(status(lines)).isEqualTo("422 idempotency-key-reused");
        assertThat(node.level(sku).held()).isZero();
    }

    @Test
    void theKeyOfACartThatWasBoughtMakesNoOther() {
        String sku = checkouts.goods(2);
        String key = TestCheckouts.newId().toString();
        String cart = "/v1/carts/"
                + node.post("/v1/carts", "{}", "Idempotency-Key", key).at("/id");
        checkouts.put(cart, sku, 1);
        assertThat(pay(cart, "tok_approve").at("/state")).isEqualTo("COMPLETED");

        assertThat(status(other.post("/v1/carts", "{}", "Idempotency-Key", key)))
                .isEqualTo("404 unknown-cart");
        assertThat(status(node.get(cart))).isEqualTo("404 unknown-cart");
    }

    @Test
    void nobodyPaysAPriceThatHeHasNotSeen() {
        String sku = node.receive(1);
        String product = checkouts.priced(sku);
        String cart = checkouts.cart(sku, 1);
        Reply moved = node.put(product, TestCheckouts.product(sku, 2 * TestCheckouts.PRICE), "If-Match", "*");
        assertThat(moved.status()).as(moved.text()).isEqualTo(200);

        Reply refused = pay(cart, "tok_approve");

        assertThat(status(refused)).isEqualTo("409 price-changed");
        assertThat(refused.number("/lines/0/price/amountMinor")).isEqualTo(2 * TestCheckouts.PRICE);
        assertThat(refused.number("/lines/0/priceWhenAdded/amountMinor")).isEqualTo(TestCheckouts.PRICE);
        checkouts.put(cart, sku, 1);
        assertThat(pay(cart, "tok_approve").number("/total/amountMinor")).isEqualTo(2 * TestCheckouts.PRICE);
    }

    @Test
    void refusals() {
        String sku = checkouts.goods(2);
        String cart = checkouts.cart(sku, 1);
        String id = cart.substring("/v1/carts/".length());
        checkouts.put(cart, sku, 2);

        assertThat(status(checkouts.begin(
                        TestCheckouts.newId(),
                        "{\"cartId\": \"" + id + "\", \"cartVersion\": 2, \"payment\": \"tok_approve\"}")))
                .isEqualTo("412 version-changed");
        assertThat(status(checkouts.begin(
                        TestCheckouts.newId(),
                        "{\"cartId\": \"" + id + "\", \"channel\": \"web\", \"payment\": \"tok_approve\"}")))
                .isEqualTo("400 invalid-request");
        assertThat(status(checkouts.begin(
                        TestCheckouts.newId(),
                        "{\"cartId\": \"" + id + "\", \"lines\": [], \"payment\": \"tok_approve\"}")))
                .isEqualTo("400 invalid-request");
        assertThat(status(pay("/v1/carts/" + UUID.randomUUID(), "tok_approve"))).isEqualTo("404 unknown-cart");
        node.put(cart + "/lines", "{\"lines\": []}");
        assertThat(status(pay(cart, "tok_approve"))).isEqualTo("409 empty-cart");
    }
}
