package dev.holdfast.server;

import dev.holdfast.engine.Command;
import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.engine.Line;
import dev.holdfast.engine.StockEngine;
import dev.holdfast.server.payment.Payment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What a buyer sees of a checkout. */
@ExtendWith(SharedServer.class)
final class CheckoutContractTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final TestServer server;
    private final TestCheckouts checkouts;
    private final JdbcTemplate database;

    CheckoutContractTest(TestServer server) {
        this.server = server;
        this.checkouts = new TestCheckouts(server);
        this.database = server.bean(JdbcTemplate.class);
    }

    @Test
    void whatIsPaidIsAnOrder() {
        String sku = checkouts.goods(5);
        UUID id = TestCheckouts.newId();

        Reply reply = checkouts.begin(id, TestCheckouts.body(sku, 2, "tok_approve"));

        assertThat(reply.status()).as(reply.text()).isEqualTo(201);
        assertThat(reply.header("Location")).isEqualTo("/v1/checkouts/" + id);
        assertThat(reply.at("/state")).isEqualTo("COMPLETED");
        assertThat(reply.at("/orderId")).isEqualTo(id.toString());
        assertThat(reply.number("/total/amountMinor")).isEqualTo(2 * TestCheckouts.PRICE);
        assertThat(server.get("/v1/orders/" + id).at("/buyer")).isEqualTo("ada");
        checkouts.assertWhole(id, sku, 2);
        checkouts.assertBooksAreRight();
    }

    @ParameterizedTest
    @CsvSource({
        "tok_decline,                    DECLINED,  declined",
        "tok_insufficient_funds,         DECLINED,  insufficient-funds",
        "tok_expired_card,               DECLINED,  expired-card",
        "tok_nonsense,                   DECLINED,  unusable-method",
        "tok_slow:100,                   COMPLETED, ''",
        "tok_duplicate_callback,         COMPLETED, ''",
        "tok_callback_first,             COMPLETED, ''",
        "tok_provider_down:200,          COMPLETED, ''",
        "tok_transfer:200,               COMPLETED, ''",
    })
    void eachFateHasItsEnd(String token, String state, String reason) {
        String sku = checkouts.goods(5);
        UUID id = TestCheckouts.newId();

        checkouts.begin(id, TestCheckouts.body(sku, 2, token));
        Reply end = checkouts.awaitEnd(id);

        assertThat(end.at("/state")).isEqualTo(state);
        assertThat(end.at("/reason")).isEqualTo(reason);
        checkouts.assertWhole(id, sku, 2);
        checkouts.assertBooksAreRight();
    }

    @Test
    void theSameKeyIsTheSameCheckout() throws Exception {
        String sku = checkouts.goods(5);
        UUID id = TestCheckouts.newId();
        List<Callable<Reply>> calls = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            calls.add(() -> checkouts.begin(id, TestCheckouts.body(sku, 1, "tok_slow:100")));
        }

        List<Reply> replies = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Reply> reply : threads.invokeAll(calls)) {
                replies.add(reply.get());
            }
        }

        assertThat(replies).allMatch(reply -> reply.at("/state").equals("COMPLETED"));
        assertThat(replies)
                .filteredOn(reply -> reply.header("Idempotent-Replayed").isEmpty())
                .hasSize(1);
        checkouts.assertWhole(id, sku, 1);
        Reply other = checkouts.begin(id, TestCheckouts.body(sku, 1, "tok_approve"));
        assertThat(other.status() + other.code()).isEqualTo("422idempotency-key-reused");
    }

    @Test
    void whoCancelsAndWhatALatePaymentBecameIsKept() {
        String sku = checkouts.goods(5);
        UUID id = TestCheckouts.newId();
        checkouts.begin(id, TestCheckouts.body(sku, 2, "tok_transfer:500"), "Prefer", "wait=0");
        server.send("POST", "/v1/checkouts/" + id + "/cancel", null, "Prefer", "wait=0", "Holdfast-Actor", "anna");

        Reply end = checkouts.awaitEnd(id);

        assertThat(end.at("/state")).isEqualTo("REFUNDED");
        Reply audit = server.get("/v1/audit?subject=checkout/" + id);
        assertThat(audit.json().at("/data").values())
                .extracting(entry -> entry.path("actor").asString() + " "
                        + entry.path("action").asString() + " "
                        + entry.at("/after/state").asString())
                .containsExactly("holdfast:checkout late-payment REFUNDED", "anna cancel UNDOING");
        assertThat(audit.number("/data/0/after/amountMinor")).isEqualTo(2 * TestCheckouts.PRICE);
        checkouts.assertWhole(id, sku, 2);
    }

    /** Somebody may have sold it by himself. */
    @Test
    void aHoldThatWasPlacedWithTheSameKeyIsNotTheCheckouts() {
        String sku = checkouts.goods(5);
        UUID id = TestCheckouts.newId();
        Reply hold = server.post(
                "/v1/holds",
                "{\"lines\": [{\"sku\": \"%s\", \"quantity\": 2}], \"channel\": \"web\"}".formatted(sku),
                "Idempotency-Key",
                id.toString());
        assertThat(hold.status()).as(hold.text()).isEqualTo(201);
        server.post("/v1/holds/" + id + "/confirm", "");

        Reply checkout = checkouts.begin(id, TestCheckouts.body(sku, 2, "tok_approve"));

        assertThat(checkout.status() + checkout.code()).isEqualTo("422idempotency-key-reused");
        assertThat(server.level(sku).allocated()).isEqualTo(2);
        assertThat(server.get("/v1/orders/" + id).code()).isEqualTo("unknown-order");
    }

    /** By who knows the hold's id: what is left is not what would be paid for. */
    @Test
    void whoseUnitsWereReleasedInPartPaysNothing() {
        String sku = checkouts.goods(5);
        UUID id = TestCheckouts.newId();
        checkouts.begin(id, TestCheckouts.body(sku, 3, "tok_slow:500"), "Prefer", "wait=0");
        Reply part = server.postNew(
                "/v1/holds/" + id + "/release", "{\"lines\": [{\"sku\": \"%s\", \"quantity\": 1}]}".formatted(sku));
        assertThat(part.status()).as(part.text()).isEqualTo(200);

        Reply end = checkouts.awaitEnd(id);

        assertThat(end.at("/state")).isEqualTo("CANCELLED");
        assertThat(end.at("/reason")).isEqualTo("hold-released");
        checkouts.assertWhole(id, sku, 3);
        checkouts.assertBooksAreRight();
    }

    /** Which is not paid for: the money had come by itself, so it goes back before the other units do. */
    @Test
    void whoseUnitsWereReleasedInPartGetsBackWhatCameByItself() {
        String sku = checkouts.goods(5);
        UUID id = TestCheckouts.newId();
        checkouts.begin(id, TestCheckouts.body(sku, 3, "tok_transfer:500"), "Prefer", "wait=0");
        server.postNew(
                "/v1/holds/" + id + "/release", "{\"lines\": [{\"sku\": \"%s\", \"quantity\": 1}]}".formatted(sku));

        Reply end = checkouts.awaitEnd(id);

        assertThat(end.at("/state")).isEqualTo("REFUNDED");
        assertThat(end.at("/reason")).isEqualTo("hold-released");
        checkouts.assertWhole(id, sku, 3);
        checkouts.assertBooksAreRight();
    }

    @Test
    void whatIsNotPaidInFullGoesBack() {
        String sku = checkouts.goods(5);
        UUID id = TestCheckouts.newId();
        checkouts.begin(id, TestCheckouts.body(sku, 3, "tok_requires_action"));
        database.update(TestCheckouts.REFUNDED_IN_PART + " WHERE id = ?", id);

        Reply end = checkouts.awaitEnd(id);

        assertThat(end.at("/state")).isEqualTo("REFUNDED");
        assertThat(end.at("/reason")).isEqualTo("payment-incomplete");
        checkouts.assertWhole(id, sku, 3);
        checkouts.assertBooksAreRight();
    }

    /** One driver has found it paid and is about to place the order; another one has begun to give the money back. */
    @Test
    void whatIsBeingRefundedIsNotBought() {
        String sku = checkouts.goods(5);
        UUID id = TestCheckouts.newId();
        checkouts.begin(id, TestCheckouts.body(sku, 3, "tok_slow:500"), "Prefer", "wait=0");
        server.bean(TransactionTemplate.class).executeWithoutResult(_ -> {
            database.queryForList("SELECT FROM checkout WHERE id = ? FOR UPDATE", id); // nobody ends it
            await().atMost(PATIENCE)
                    .until(() -> server.get("/v1/payments/sandbox/" + id)
                            .at("/state")
                            .equals("captured"));
            database.update(
                    "UPDATE checkout SET state = 'UNDOING', ends_as = 'REFUNDED', version = version + 1 WHERE id = ?",
                    id);
        });

        assertThat(checkouts.awaitEnd(id).at("/state")).isEqualTo("REFUNDED");
        checkouts.assertWhole(id, sku, 3);
        checkouts.assertBooksAreRight();
    }

    /** The provider was away until after the hold's deadline: whoever was told nothing for so long has bought elsewhere. */
    @Test
    void whoCouldNotBeAskedForMoneyInTimeIsNotAskedLater() {
        String sku = checkouts.goods(5);
        UUID id = TestCheckouts.newId();
        checkouts.begin(id, TestCheckouts.body(sku, 3, "tok_provider_down:1500"), "Prefer", "wait=0");
        database.update("UPDATE checkout SET hold_until = clock_timestamp(), version = version + 1 WHERE id = ?", id);

        Reply end = checkouts.awaitEnd(id);

        assertThat(end.at("/state")).isEqualTo("EXPIRED");
        assertThat(end.at("/reason")).isEqualTo("payment-too-late");
        checkouts.assertWhole(id, sku, 3);
    }

    /** Ten want one of three each; the others are told at once, and nothing came of their checkouts. */
    @Test
    void whatIsNotThereIsNotSold() throws Exception {
        String sku = checkouts.goods(3);
        List<Callable<Reply>> calls = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            calls.add(() -> checkouts.begin(TestCheckouts.newId(), TestCheckouts.body(sku, 1, "tok_approve")));
        }

        List<Reply> replies = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Reply> reply : threads.invokeAll(calls)) {
                replies.add(reply.get());
            }
        }

        assertThat(replies).filteredOn(reply -> reply.status() == 201).hasSize(3);
        assertThat(replies)
                .filteredOn(reply -> reply.code().equals("insufficient-stock"))
                .hasSize(7);
        assertThat(server.level(sku).allocated()).isEqualTo(3);
        checkouts.assertBooksAreRight();
    }

    @Test
    void aBuyerDoesWhatIsRequired() {
        String sku = checkouts.goods(1);
        UUID id = TestCheckouts.newId();
        Reply waiting = checkouts.begin(id, TestCheckouts.body(sku, 1, "tok_requires_action"));
        assertThat(waiting.status() + waiting.at("/state")).isEqualTo("202WAITING_FOR_BUYER");
        assertThat(waiting.at("/actionUrl")).isNotEmpty();
        assertThat(server.level(sku).held()).isEqualTo(1);

        checkouts.authenticate(id);

        assertThat(checkouts.awaitEnd(id).at("/state")).isEqualTo("COMPLETED");
        checkouts.assertWhole(id, sku, 1);
    }

    @Test
    void whatIsCancelledLeavesNothing() {
        String sku = checkouts.goods(1);
        UUID id = TestCheckouts.newId();
        checkouts.begin(id, TestCheckouts.body(sku, 1, "tok_requires_action"));

        Reply cancelled = server.post("/v1/checkouts/" + id + "/cancel", "{}");

        assertThat(cancelled.status() + cancelled.at("/state")).isEqualTo("200CANCELLED");
        assertThat(server.post("/v1/checkouts/" + id + "/cancel", "{}").at("/state"))
                .isEqualTo("CANCELLED");
        server.post("/v1/payments/sandbox/" + id + "/authentication", "{}");
        checkouts.assertWhole(id, sku, 1);
        checkouts.assertBooksAreRight();
    }

    @Test
    void whatIsBoughtIsNotCancelledHereButItsOrderIsAndTheMoneyGoesBack() {
        String sku = checkouts.goods(1);
        UUID id = TestCheckouts.newId();
        checkouts.begin(id, TestCheckouts.body(sku, 1, "tok_approve"));

        Reply refused = server.post("/v1/checkouts/" + id + "/cancel", "{}");
        server.postNew("/v1/orders/" + id + "/cancel", "{}");

        assertThat(refused.status() + refused.code()).isEqualTo("409checkout-completed");
        await().atMost(PATIENCE)
                .until(() -> server.get("/v1/orders/" + id).at("/state").equals("REFUNDED"));
        assertThat(checkouts.payment(id).toString()).contains("refunded=Money[amountMinor=" + TestCheckouts.PRICE);
        assertThat(server.level(sku).available()).isEqualTo(1);
        checkouts.assertBooksAreRight();
    }

    @Test
    void whatCostsNothingIsBoughtWithoutAPayment() {
        String sku = server.receive(5);
        checkouts.priced(sku, 0);
        UUID id = TestCheckouts.newId();

        Reply reply = checkouts.begin(id, "{\"lines\": [{\"sku\": \"%s\", \"quantity\": 2}]}".formatted(sku));

        assertThat(reply.status() + reply.at("/state")).as(reply.text()).isEqualTo("201COMPLETED");
        assertThat(reply.number("/total/amountMinor")).isZero();
        assertThat(server.get("/v1/orders/" + id).at("/state")).isEqualTo("PAID");
        assertThat(server.level(sku).allocated()).isEqualTo(2);
        Reply cancelled = server.postNew("/v1/orders/" + id + "/cancel", "{}");
        assertThat(cancelled.at("/state")).as("nothing is due").isEqualTo("CANCELLED");
        assertThat(server.level(sku).available()).isEqualTo(5);

        UUID second = TestCheckouts.newId();
        Reply declined = checkouts.begin(second, TestCheckouts.body(checkouts.cart(sku, 5), "tok_decline"));
        assertThat(declined.at("/state")).as("nobody is asked for nothing").isEqualTo("COMPLETED");
        assertThat(List.of(id, second))
                .allMatch(payment -> checkouts.payment(payment).equals(new Payment.Absent()));
        checkouts.assertBooksAreRight();
    }

    /** Its hold was over, by somebody who knows its id. */
    @Test
    void whatCostsNothingGoesBackWithoutAPayment() {
        String sku = server.receive(5);
        checkouts.priced(sku, 0);
        UUID id = TestCheckouts.newId();
        server.bean(StockEngine.class)
                .execute(new PlaceHold(
                        new IdempotencyKey("checkout", id), List.of(Line.of(sku, 2)), Command.TTL_DEFAULT, null, null));
        server.post("/v1/holds/" + id + "/release", "{}");

        Reply end = checkouts.begin(id, "{\"lines\": [{\"sku\": \"%s\", \"quantity\": 2}]}".formatted(sku));

        assertThat(end.at("/state") + " " + end.at("/reason")).isEqualTo("CANCELLED hold-released");
        assertThat(checkouts.payment(id)).isEqualTo(new Payment.Absent());
        assertThat(server.level(sku).available()).isEqualTo(5);
        checkouts.assertBooksAreRight();
    }

    @Test
    void refusals() {
        String unpriced = server.receive(1);
        String sku = checkouts.goods(1);

        assertThat(checkouts
                        .begin(TestCheckouts.newId(), TestCheckouts.body(unpriced, 1, "tok_approve"))
                        .code())
                .isEqualTo("no-price");
        assertThat(server.post("/v1/checkouts", TestCheckouts.body(sku, 1, "tok_approve"))
                        .code())
                .isEqualTo("idempotency-key-required");
        Reply unpaid = checkouts.begin(
                TestCheckouts.newId(), "{\"lines\": [{\"sku\": \"%s\", \"quantity\": 1}]}".formatted(sku));
        assertThat(unpaid.status() + unpaid.at("/violations/0/field")).isEqualTo("400payment");
        assertThat(checkouts
                        .begin(TestCheckouts.newId(), TestCheckouts.body(sku, 1, " "))
                        .code())
                .isEqualTo("invalid-request");
        assertThat(checkouts.get(IdempotencyKey.randomUuidV7()).code()).isEqualTo("unknown-checkout");
        assertThat(server.post("/v1/checkouts/" + UUID.randomUUID() + "/cancel", "{}")
                        .code())
                .isEqualTo("unknown-checkout");
        assertThat(server.level(sku).held()).isZero();
    }
}
