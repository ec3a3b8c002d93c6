package dev.holdfast.samples.jpa;

import java.util.UUID;
import org.springframework.stereotype.Component;
import org.springframework.transaction.event.TransactionalEventListener;

/** Breaks after the commit of one order. */
@Component
class BrokenListener {
    static final UUID HOLD = new UUID(0, 0);

    @TransactionalEventListener
    public void fail(OrderAccepted accepted) {
        if (accepted.holdId().equals(HOLD)) {
            throw new IllegalStateException("broken on purpose");
        }
    }
}
