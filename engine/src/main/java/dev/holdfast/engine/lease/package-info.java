/**
 * Leases: one of many nodes does a thing at a time, and one that wakes up too late can do no harm.
 *
 * <p>Entry point is {@link dev.holdfast.engine.lease.Leases}. PostgreSQL alone decides who holds a lease; each time it is taken its
 * token grows. What makes it safe is not the waiting but {@link dev.holdfast.engine.lease.Lease#check}, in the transaction
 * that writes. Guarantees and their limits: {@code docs/reference/leases.md}.
 *
 * <p>Uses nothing else of the engine but its table {@code lease}.
 */
@NullMarked
package dev.holdfast.engine.lease;

import org.jspecify.annotations.NullMarked;
