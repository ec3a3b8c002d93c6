package dev.holdfast.samples.jpa;

import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.resilience.annotation.Retryable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** {@link VersionedStock}, tried again in a new transaction when it lost against another one. */
@Service
class RetriedStock {
    private final VersionedStock stock;

    RetriedStock(VersionedStock stock) {
        this.stock = stock;
    }

    @Retryable(
            includes = OptimisticLockingFailureException.class,
            maxRetries = 5, // each conflict is another one's success: enough for 6 at once on one row
            delay = 5, // ms; doubled with each try, and spread, so that losers do not meet again
            multiplier = 2,
            jitter = 5,
            maxDelay = 100)
    @Transactional(propagation = Propagation.NEVER) // inside a caller's transaction no retry could help: refuse
    public boolean take(String sku, long units) {
        return stock.take(sku, units);
    }
}
