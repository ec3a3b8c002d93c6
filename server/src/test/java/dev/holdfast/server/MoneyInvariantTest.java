package dev.holdfast.server;

import dev.holdfast.engine.Invariant;
import dev.holdfast.server.api.FeatureInvariants;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/** Books that do not agree are made in transactions that are rolled back: nobody else sees them. */
@ExtendWith(SharedServer.class)
final class MoneyInvariantTest {
    private static final String NAME = "the money kept is that of paid orders";
    private static final long TOTAL = TestShop.PRICE;

    private final TestServer server;
    private final TestCheckouts checkouts;
    private final JdbcTemplate database;

    MoneyInvariantTest(TestServer server) {
        this.server = server;
        this.checkouts = new TestCheckouts(server);
        this.database = server.bean(JdbcTemplate.class);
    }

    private UUID checkout(String token) {
        UUID id = TestCheckouts.newId();
        checkouts.begin(id, TestCheckouts.body(checkouts.goods(1), 1, token));
        return id;
    }

    /** What is said of it once that is done to its rows. */
    private List<String> violations(UUID id, String... updates) {
        return server.bean(TransactionTemplate.class).execute(transaction -> {
            transaction.setRollbackOnly();
            for (String update : updates) {
                assertThat(database.update(update + " WHERE id = ?", id)).isEqualTo(1);
            }
            return server.beans(FeatureInvariants.class).stream()
                    .flatMap(feature -> feature.invariants().stream())
                    .filter(invariant -> invariant.name().equals(NAME))
                    .map(Invariant::violations)
                    .flatMap(List::stream)
                    .filter(violation -> violation.startsWith(id.toString()))
                    .map(violation -> violation.substring(id.toString().length() + 1))
                    .toList();
        });
    }

    private static String captured(long minor) {
        return "UPDATE sandbox_payment SET state = 'CAPTURED', captured_minor = " + minor;
    }

    private static String refunded(long minor) {
        return "UPDATE sandbox_payment SET refunded_minor = " + minor;
    }

    private static String due(long minor) {
        return "UPDATE customer_order SET refund_due_minor = %1$d, refunds = '[{\"number\": 3, \"amountMinor\": %1$d}]'"
                .formatted(minor);
    }

    @Test
    void aPaidOrderHasItsMoneyAndNoMore() {
        UUID id = checkout("tok_approve");

        assertThat(violations(id)).isEmpty();
        assertThat(violations(id, captured(TOTAL - 1)))
                .containsExactly("COMPLETED: payment CAPTURED, 1249 kept, the order is paid 1250");
        assertThat(violations(id, refunded(1)))
                .containsExactly("COMPLETED: payment CAPTURED, 1249 kept, the order is paid 1250");
        assertThat(violations(id, "DELETE FROM sandbox_payment"))
                .containsExactly("COMPLETED: payment none, 0 kept, the order is paid 1250");
        assertThat(violations(id, "DELETE FROM customer_order"))
                .containsExactly("COMPLETED: payment CAPTURED, 1250 kept, the order is paid 0");
    }

    @Test
    void aRefundThatIsDueMayBePaidAlready() {
        UUID id = checkout("tok_approve");

        assertThat(violations(id, due(500))).isEmpty();
        assertThat(violations(id, due(500), refunded(500))).isEmpty();
        assertThat(violations(id, due(500), refunded(501)))
                .containsExactly("COMPLETED: payment CAPTURED, 749 kept, the order is paid 750");
        assertThat(violations(id, due(500), "UPDATE customer_order SET refund_due_minor = 0"))
                .containsExactly("COMPLETED: payment CAPTURED, 1250 kept, the order is paid 750");
    }

    @Test
    void withoutAnOrderNothingIsKeptOrCanBeTaken() {
        UUID id = checkout("tok_decline");

        assertThat(violations(id)).isEmpty();
        assertThat(violations(id, captured(TOTAL)))
                .containsExactly("DECLINED: payment CAPTURED, 1250 kept, the order is paid 0");
        assertThat(violations(id, "UPDATE sandbox_payment SET state = 'AUTHORIZED'"))
                .containsExactly("DECLINED: payment AUTHORIZED, 0 kept, the order is paid 0");
        assertThat(violations(id, captured(TOTAL), refunded(TOTAL))).isEmpty();
    }

    @Test
    void whatIsUnderWayIsNoViolation() {
        UUID id = checkout("tok_requires_action");

        assertThat(violations(id)).isEmpty();
        assertThat(violations(id, captured(TOTAL))).isEmpty();

        server.post("/v1/checkouts/" + id + "/cancel", "{}");
        assertThat(violations(id)).isEmpty();
        assertThat(server.get("/v1/invariants").text()).contains(NAME);
    }
}
