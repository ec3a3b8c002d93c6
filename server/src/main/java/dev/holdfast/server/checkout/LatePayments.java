package dev.holdfast.server.checkout;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Says aloud what became of payments that came after their units' deadline. */
@Component
class LatePayments {
    private static final Logger LOG = LoggerFactory.getLogger(LatePayments.class);

    private final Counter bought;
    private final Counter refunded;

    LatePayments(MeterRegistry meters) {
        bought = counter("order", meters);
        refunded = counter("refund", meters);
    }

    private static Counter counter(String became, MeterRegistry meters) {
        return Counter.builder("holdfast.checkout.late")
                .description("Payments that came after their units' deadline, and what they became")
                .tag("became", became)
                .register(meters);
    }

    /** Once for each checkout: by whoever wrote its end. */
    void ended(Checkout checkout, State end) {
        if (end == State.REFUNDED) {
            refunded.increment();
            LOG.warn("The payment {} was taken when its units had gone, and was given back", checkout.id());
        } else if (end == State.COMPLETED && checkout.heldAgain()) {
            bought.increment();
            LOG.info("The payment {} came late, and its units were held again", checkout.id());
        }
    }
}
