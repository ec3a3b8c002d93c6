package dev.holdfast.server.checkout;

import dev.holdfast.engine.Invariant;
import dev.holdfast.server.api.FeatureInvariants;
import java.util.List;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.DependsOn;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Of every checkout that has ended the provider has kept what its order is to keep, nothing if there is none, and can take nothing more.
 * Checked only where the provider's books can be read at the same moment as ours, by one statement: those of the sandbox. A refund that is
 * due may or may not be in them yet.
 */
@Component
@DependsOn({CheckoutSchema.NAME, "orderSchema", "paymentSchema"})
@ConditionalOnProperty(name = "holdfast.payment.provider", havingValue = "sandbox", matchIfMissing = true)
class MoneyInvariant implements FeatureInvariants {
    private static final String VIOLATIONS = """
            SELECT id || ' ' || checkout || ': payment ' || payment || ', ' || kept || ' kept, the order is paid ' || paid
            FROM (SELECT c.id, c.state AS checkout, coalesce(p.state, 'none') AS payment,
                         coalesce(p.captured_minor - p.refunded_minor, 0) AS kept,
                         coalesce(o.total_minor - (SELECT coalesce(sum((r ->> 'amountMinor')::bigint), 0) FROM json_array_elements(o.refunds) r), 0) AS paid,
                         coalesce(o.refund_due_minor, 0) AS due
                  FROM checkout c LEFT JOIN customer_order o ON o.id = c.id LEFT JOIN sandbox_payment p ON p.id = c.id
                  WHERE c.due_at IS NULL) ended
            WHERE kept NOT BETWEEN paid AND paid + due OR payment NOT IN ('none', 'DECLINED', 'CAPTURED', 'VOIDED')
            LIMIT\s""" + Invariant.VIOLATIONS_MAX;

    private final JdbcTemplate database;

    MoneyInvariant(JdbcTemplate database) {
        this.database = database;
    }

    @Override
    public List<Invariant> invariants() {
        return List.of(new Invariant(
                "the money kept is that of paid orders", database.query(VIOLATIONS, (row, _) -> row.getString(1))));
    }
}
