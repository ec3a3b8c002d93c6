package dev.holdfast.server.payment;

import java.util.UUID;

/**
 * Hears that something may have changed with a payment, for whoever waits for it. A hint and no more: it may come late, more than
 * once, before the answer to the call that caused it, or never. What the payment is, {@link PaymentGateway#find} tells.
 */
public interface PaymentNews {
    /**
     * Runs in the transaction that notes the provider's message as received, so both are committed or neither is, and the
     * provider tells it again: note in the database that somebody has to look, and return. The provider is asked afterwards.
     */
    void changed(UUID paymentId);
}
