/**
 * What somebody is about to buy: {@code /v1/carts}. Its entries are the HTTP contract and {@link dev.holdfast.server.cart.Carts}, by which the
 * checkout takes a cart with its hold, and says when it is bought, and whether it was.
 *
 * <p>May use: {@code dev.holdfast.server.api}, {@code sql}, the engine, of {@code dev.holdfast.server.catalog} what is for sale and what it
 * costs. Uses no other feature.
 */
@NullMarked
package dev.holdfast.server.cart;

import org.jspecify.annotations.NullMarked;
