/**
 * Money that is taken and given back: whoever sells asks {@link dev.holdfast.server.payment.PaymentGateway} and implements
 * {@link dev.holdfast.server.payment.PaymentNews}; which provider answers is configuration. Over HTTP there is only what providers
 * call: {@code /v1/payments}.
 *
 * <p>May use: {@code dev.holdfast.server.api}, the engine's idempotency keys. Uses no other feature.
 */
@NullMarked
package dev.holdfast.server.payment;

import org.jspecify.annotations.NullMarked;
