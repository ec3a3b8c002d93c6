/**
 * Who changed what, and why: {@code /v1/audit}. Its entry is {@link dev.holdfast.server.audit.Audit}, which features write to in the
 * transaction of the change. Of stock the ledger is the log: its movements are not written here again.
 *
 * <p>May use: {@code dev.holdfast.server.api}, {@code sql}. Uses no other feature.
 */
@NullMarked
package dev.holdfast.server.audit;

import org.jspecify.annotations.NullMarked;
