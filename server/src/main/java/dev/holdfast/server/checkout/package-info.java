/**
 * From lines and a way to pay to an order that is paid: {@code /v1/checkouts}. The only feature that conducts others; it survives a
 * crash at any step.
 *
 * <p>May use: {@code dev.holdfast.server.api}, {@code sql}, {@code catalog} (what is for sale, and for how much), {@code payment}, {@code
 * order}, {@code cart}, {@code audit}, the engine. Is used by no other feature.
 */
@NullMarked
package dev.holdfast.server.checkout;

import org.jspecify.annotations.NullMarked;
