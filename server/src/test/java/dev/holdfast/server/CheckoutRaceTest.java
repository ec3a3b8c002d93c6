package dev.holdfast.server;

import dev.holdfast.engine.Command.ConfirmHold;
import dev.holdfast.engine.Command.PlaceHold;
import dev.holdfast.engine.IdempotencyKey;
import dev.holdfast.engine.Line;
import dev.holdfast.engine.Quantity;
import dev.holdfast.engine.StockKey;
import dev.holdfast.local.LocalPostgres;
import dev.holdfast.server.api.Caller;
import dev.holdfast.server.api.Money;
import dev.holdfast.server.order.Orders;
import dev.holdfast.server.order.Orders.NewLine;
import dev.holdfast.server.order.Orders.NewOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Two nodes that take checkouts up while they are under way still. */
@ExtendWith(SharedServer.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CheckoutRaceTest {
    private static final String DATABASE = "checkout_races";
    private static final int CHECKOUTS = 60;

    private final TestServer node;
    private final TestServer other;
    private final TestCheckouts checkouts;
    private final TestCheckouts others;

    CheckoutRaceTest(LocalPostgres postgres) {
        postgres.createDatabase(DATABASE);
        this.node = start(postgres);
        this.other = start(postgres);
        this.checkouts = new TestCheckouts(node);
        this.others = new TestCheckouts(other);
    }

    /** 0.1 s of silence, and both go on with it. */
    private static TestServer start(LocalPostgres postgres) {
        return TestServer.start(
                postgres,
                DATABASE,
                "--holdfast.checkout.taken-up-after=100ms",
                "--logging.level.dev.holdfast.server=off"); // what is made to fail is said
    }

    @AfterAll
    void stop() {
        List.of(other, node).forEach(TestServer::close);
    }

    private static <T> List<T> together(List<Callable<T>> calls) throws Exception {
        List<T> answers = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<T> answer : threads.invokeAll(calls)) {
                answers.add(answer.get());
            }
        }
        return answers;
    }

    @Test
    void aCheckoutThatAllNodesDriveIsPaidOnce() throws Exception {
        String sku = checkouts.goods(CHECKOUTS);
        List<Callable<Reply>> calls = new ArrayList<>();
        for (int i = 0; i < CHECKOUTS; i++) {
            TestCheckouts buyer = i % 2 == 0 ? checkouts : others;
            String token = i % 3 == 0 ? "tok_duplicate_callback" : i % 3 == 1 ? "tok_slow:400" : "tok_slow:150";
            calls.add(() -> buyer.begin(TestCheckouts.newId(), TestCheckouts.body(sku, 1, token)));
        }

        List<Reply> replies = together(calls);

        assertThat(replies).allSatisfy(reply -> assertThat(reply.at("/state")).isEqualTo("COMPLETED"));
        assertThat(replies).allSatisfy(reply -> {
            UUID id = UUID.fromString(reply.at("/id"));
            assertThat(node.get("/v1/orders/" + id).at("/state")).isEqualTo("PAID");
            assertThat(checkouts.payment(id).toString())
                    .contains("Captured[amount=Money[amountMinor=" + TestCheckouts.PRICE);
        });
        assertThat(node.level(sku).allocated()).isEqualTo(CHECKOUTS);
        assertThat(node.level(sku).held()).isZero();
        checkouts.assertBooksAreRight();
    }

    /** The hold ends once: confirmed, then it is bought, or released, and then nothing is. */
    @Test
    void cancelAgainstCapture() throws Exception {
        List<String> skus = new ArrayList<>();
        List<UUID> ids = new ArrayList<>();
        List<Callable<Reply>> calls = new ArrayList<>();
        for (int i = 0; i < CHECKOUTS; i++) {
            String sku = checkouts.goods(1);
            UUID id = TestCheckouts.newId();
            skus.add(sku);
            ids.add(id);
            calls.add(() -> checkouts.begin(id, TestCheckouts.body(sku, 1, "tok_approve")));
            calls.add(() -> {
                Reply cancelled = other.post("/v1/checkouts/" + id + "/cancel", "{}");
                while (cancelled.code().equals("unknown-checkout")) {
                    cancelled = other.post("/v1/checkouts/" + id + "/cancel", "{}");
                }
                return cancelled;
            });
        }

        List<Reply> replies = together(calls);

        for (int i = 0; i < CHECKOUTS; i++) {
            String state = checkouts.awaitEnd(ids.get(i)).at("/state");
            Reply cancelled = replies.get(2 * i + 1);
            assertThat(state).isIn("COMPLETED", "CANCELLED");
            assertThat(cancelled.at("/state") + cancelled.code())
                    .isEqualTo(state.equals("COMPLETED") ? "checkout-completed" : "CANCELLED");
            checkouts.assertWhole(ids.get(i), skus.get(i), 1);
        }
        checkouts.assertBooksAreRight();
    }

    /** As many that can never be paid as a look takes, and more, are all due before it. */
    @Test
    void aRefundIsNotHeldUpByThoseThatFail() {
        String broken = checkouts.goods(200);
        for (int i = 0; i < 200; i++) {
            placeWithoutPayment(broken);
        }
        String sku = checkouts.goods(1);
        UUID id = TestCheckouts.newId();
        checkouts.begin(id, TestCheckouts.body(sku, 1, "tok_approve"));

        assertThat(node.postNew("/v1/orders/" + id + "/cancel", "{}").at("/state"))
                .isEqualTo("REFUND_PENDING");

        await().atMost(Duration.ofSeconds(60))
                .until(() -> node.get("/v1/orders/" + id).at("/state").equals("REFUNDED"));
        assertThat(checkouts.payment(id).toString()).contains("refunded=Money[amountMinor=" + TestCheckouts.PRICE);
    }

    /** Its order does not take what is said of it; a try that ends so is put off too. */
    @Test
    void aRefundThatBreaksIsPutOff() {
        var database = node.bean(JdbcTemplate.class);
        UUID id = TestCheckouts.newId();
        checkouts.begin(id, TestCheckouts.body(checkouts.goods(1), 1, "tok_approve"));
        database.update("""
                UPDATE customer_order
                SET state = 'PLACED', refund_at = clock_timestamp(), refund_due_minor = 250,
                    refunds = '[{"number": 2, "amountMinor": 250}]'
                WHERE id = ?""", id);

        await().atMost(Duration.ofSeconds(60))
                .until(() -> !database.queryForList("SELECT FROM customer_order WHERE id = ? AND refund_tries > 0", id)
                        .isEmpty());

        database.update("UPDATE customer_order SET state = 'PAID' WHERE id = ?", id);
        await().atMost(Duration.ofSeconds(60))
                .until(() -> !node.get("/v1/orders/" + id)
                        .at("/refunds/0/refundedAt")
                        .isEmpty());
        checkouts.assertBooksAreRight();
    }

    /** A cancelled order whose money the provider has never heard of. */
    private void placeWithoutPayment(String sku) {
        var key = IdempotencyKey.random();
        node.engine().execute(PlaceHold.of(key, Line.of(sku, 1)));
        node.engine().execute(ConfirmHold.of(key.id()));
        var price = new Money(100, "EUR");
        var line = new NewLine(StockKey.of(sku), Quantity.of(1), price);
        UUID id = UUID.randomUUID();
        var payment = new Orders.Payment(id.toString(), price);
        node.bean(Orders.class)
                .place(new NewOrder(id, key.id(), "bob", null, List.of(line), payment), Caller.server("test"));
        assertThat(node.postNew("/v1/orders/" + id + "/cancel", "{}").at("/state"))
                .isEqualTo("REFUND_PENDING");
    }
}
