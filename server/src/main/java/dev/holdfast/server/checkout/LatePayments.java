package dev.holdfast.server.checkout;

import dev.holdfast.server.api.Caller;
import dev.holdfast.server.audit.Audit;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Keeps, and says aloud, what became of payments that came after their units' deadline. */
@Component
class LatePayments {
    private static final Logger LOG = LoggerFactory.getLogger(LatePayments.class);

    private static final Caller CALLER = Caller.server("checkout");

    private final Audit audit;
    private final Clock clock;
    private final Counter bought;
    private final Counter refunded;

    LatePayments(Audit audit, Clock clock, MeterRegistry meters) {
        this.audit = audit;
        this.clock = clock;
        bought = counter("order", meters);
        refunded = counter("refund", meters);
    }

    private static Counter counter(String became, MeterRegistry meters) {
        return Counter.builder("holdfast.checkout.late")
                .description("Payments that came after their units' deadline, and what they became")
                .tag("became", became)
                .register(meters);
    }

    /** Once for each checkout: in the transaction that writes its end. */
    void keep(Checkout checkout, State end) {
        if (isLate(checkout, end)) {
            var change = new Audit.Change(
                    "late-payment",
                    "checkout/" + checkout.id(),
                    Map.of("state", checkout.state().name()),
                    Map.of(
                            "state",
                            end.name(),
                            "amountMinor",
                            checkout.amount().amountMinor(),
                            "currency",
                            checkout.amount().currency()));
            audit.record(CALLER, clock.instant().truncatedTo(ChronoUnit.MICROS), List.of(change));
        }
    }

    private static boolean isLate(Checkout checkout, State end) {
        return end == State.REFUNDED || (end == State.COMPLETED && checkout.heldAgain());
    }

    /** After that transaction. */
    void ended(Checkout checkout, State end) {
        if (!isLate(checkout, end)) {
            return;
        }
        if (end == State.REFUNDED) {
            refunded.increment();
            LOG.warn("The payment {} was taken, but not in time or not in full, and was given back", checkout.id());
        } else {
            bought.increment();
            LOG.info("The payment {} came late, and its units were held again", checkout.id());
        }
    }
}
