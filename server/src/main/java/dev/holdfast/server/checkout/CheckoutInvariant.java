package dev.holdfast.server.checkout;

import dev.holdfast.engine.Invariant;
import dev.holdfast.server.api.FeatureInvariants;
import java.util.List;
import org.springframework.context.annotation.DependsOn;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Every checkout that has ended is a paid order with its units allocated, or neither an order nor a hold. What became of the order later is
 * the order's; holds that are no longer kept say nothing. One statement, so that all is of one moment; it reads tables of others, because
 * what is true across them nobody else can say.
 */
@Component
@DependsOn({CheckoutSchema.NAME, "orderSchema"})
class CheckoutInvariant implements FeatureInvariants {
    /** The units of a confirmed hold without an order have been given back. */
    private static final String VIOLATIONS = """
            SELECT c.id || ' ' || c.state || ': order ' || coalesce(o.state, 'none') || ', hold ' || coalesce(h.state::text, 'gone')
            FROM checkout c LEFT JOIN customer_order o ON o.id = c.id LEFT JOIN hold h ON h.id = c.hold_id
            WHERE c.due_at IS NULL
              AND CASE WHEN c.state = 'COMPLETED' THEN o.payment IS DISTINCT FROM c.id::text OR h.state <> 1
                       ELSE o.id IS NOT NULL OR h.state = 0 OR EXISTS (SELECT FROM hold_line l WHERE l.hold_id = c.hold_id AND l.confirmed > l.shipped) END
            LIMIT\s""" + Invariant.VIOLATIONS_MAX;

    private final JdbcTemplate database;

    CheckoutInvariant(JdbcTemplate database) {
        this.database = database;
    }

    @Override
    public List<Invariant> invariants() {
        return List.of(new Invariant(
                "a checkout has ended as a paid order with units, or with neither",
                database.query(VIOLATIONS, (row, _) -> row.getString(1))));
    }
}
