/**
 * Orders from placed to delivered, cancelled or returned: {@code /v1/orders}. Its entries are the HTTP contract and {@link
 * dev.holdfast.server.order.Orders}, by which the checkout places orders, says that they are paid, and pays back what is due; {@link
 * dev.holdfast.server.order.OrderUnits} is for those who give something for what was bought.
 *
 * <p>May use: {@code dev.holdfast.server.api}, {@code sql}, {@code audit}, the engine. Uses no other feature.
 */
@NullMarked
package dev.holdfast.server.order;

import org.jspecify.annotations.NullMarked;
